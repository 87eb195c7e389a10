// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/floatingyaml"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/readiness"
	"ocf-oci/internal/vipcheck"
)

func checkCommand() *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "what is wrong with the floating addresses, what it means and how to mend it",
		ArgsUsage: "[FILE]",
		Description: "Looks at the cluster's configuration and at this node; with --cloud also at VNICs, credentials, rights and the\n" +
			"source/destination check, as a start here would meet them. With FILE it checks a floating.yaml instead. Run it\n" +
			"on every node. Each finding ends with the command that mends it; nothing is changed.\n\n" +
			"Exit codes: 0 nothing found, 1 warnings, 2 errors (also if something cannot be read), 64 usage.\n\n" +
			"Examples:\n" +
			"   oci-vip check\n" +
			"   oci-vip check --cloud --json\n" +
			"   oci-vip check --cib cib.xml             a cluster's configuration from elsewhere\n" +
			"   oci-vip check /etc/ocf-oci/floating.yaml",
		Flags: []cli.Flag{
			jsonFlag(),
			&cli.BoolFlag{Name: "cloud", Usage: "ask the cloud too"},
			&cli.StringFlag{Name: "cib", Usage: "read the cluster's configuration from `FILE`, and look at no machine"},
		},
		Action: checkAll,
	}
}

func checkAll(c *cli.Context) error {
	if c.NArg() > 1 {
		return usagef("check: unexpected %q; see oci-vip check --help", c.Args().Get(1))
	}
	if c.Bool("cloud") && c.String("cib") != "" {
		return usagef("check: --cloud asks for this node, which --cib is not about")
	}
	list, err := findings(c)
	if err != nil {
		fmt.Fprintf(c.App.ErrWriter, "oci-vip: %v\n", err)
		return exitError(2)
	}
	if c.Bool("json") {
		if list == nil {
			list = []vipcheck.Finding{}
		}
		if err := printJSON(c, list); err != nil {
			return err
		}
	} else {
		for _, f := range list {
			about := ""
			if f.Resource != "" {
				about = f.Resource + ": "
			}
			fmt.Fprintf(c.App.Writer, "%s [%s] %s%s\n   %s\n", f.Severity, f.ID, about, f.Text, f.Fix)
		}
		if len(list) == 0 {
			fmt.Fprintln(c.App.Writer, "nothing found")
		}
	}
	if code := vipcheck.Worst(list); code != 0 {
		return exitError(code)
	}
	return nil
}

func findings(c *cli.Context) ([]vipcheck.Finding, error) {
	if c.NArg() == 1 {
		return nil, checkFile(c.Args().First())
	}
	config, err := configuration(c)
	if err != nil {
		return nil, err
	}
	if config == nil {
		return nil, errors.New("no cluster runs on this node: start it, or give --cib FILE")
	}
	resources := readiness.Resources(config)
	list := vipcheck.Cluster(config, resources)
	if c.String("cib") != "" {
		return list, nil
	}
	ctx, cancel := context.WithTimeout(c.Context, 20*time.Second)
	defer cancel()
	here, err := checkNode(ctx, c, resources)
	return append(list, here...), err
}

// checkFile looks at a floating.yaml; its mistakes are errors with line and column.
func checkFile(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("reading floating.yaml: %w", err)
	}
	_, err = floatingyaml.Parse(name, text)
	return err
}

func checkNode(ctx context.Context, c *cli.Context, resources []cib.Primitive) ([]vipcheck.Finding, error) {
	machine := vipcheck.Machine{Root: "/"}
	list, err := machine.Persistent(floats(resources))
	if err != nil {
		return nil, err
	}
	list = append(list, machine.OCID()...)
	if !c.Bool("cloud") {
		return list, nil
	}
	node, err := cib.LocalNode(ctx, environ(c))
	if err != nil {
		return nil, err
	}
	var nics []string
	for _, r := range askAll(ctx, readiness.Asker{Node: node, Env: environ(c), Thorough: true}, resources) {
		for _, f := range r.Problems {
			list = append(list, ofAgent(f, r, vipcheck.Error))
		}
		for _, f := range r.Warnings {
			list = append(list, ofAgent(f, r, vipcheck.Warning))
		}
		for _, t := range r.Targets {
			nics = append(nics, t.NIC)
		}
	}
	return append(list, machine.Routing(nics)...), nil
}

// ofAgent is a finding of the agent's; its text ends with the remedy already.
func ofAgent(f floating.Finding, r readiness.Record, severity vipcheck.Severity) vipcheck.Finding {
	fix := "# see the end of the text"
	switch f.ID {
	case "not-authorized", "may-not-create":
		fix = "oci-vip policy   # prints what the compartment's policy must have; missing here: " + missing(f.Text)
	case "source-dest-check":
		var lines []string
		for _, t := range r.Targets {
			if strings.Contains(f.Text, string(t.VNIC)) {
				lines = append(lines, "oci network vnic update --vnic-id "+string(t.VNIC)+" --skip-source-dest-check true")
			}
		}
		fix = strings.Join(lines, " && ")
	}
	return vipcheck.Finding{ID: f.ID, Severity: severity, Resource: r.Resource, Text: f.Text, Fix: fix}
}

// missing names the statement without which the service refuses an operation (Oracle's "Permissions Required for Each
// API Operation"); the operation stands in the error.
func missing(text string) string {
	for _, m := range [][2]string{
		{"GetVnic", "use vnics"}, {"CreatePrivateIp", "use subnets, or use private-ips (PRIVATE_IP_CREATE)"}, {"CreateIpv6", "use subnets, or manage ipv6s"},
		{"PrivateIp", "use private-ips, or use vnics (VNIC_ASSIGN, VNIC_UNASSIGN)"}, {"Ipv6", "use ipv6s, or use vnics (VNIC_ASSIGN, VNIC_UNASSIGN)"},
	} {
		if strings.Contains(text, m[0]+": ") || strings.Contains(text, m[0]+"s: ") {
			return m[1]
		}
	}
	return "see the text"
}

// floats are the addresses of the resources.
func floats(resources []cib.Primitive) []netip.Addr {
	var list []netip.Addr
	for _, p := range resources {
		for _, word := range strings.FieldsFunc(p.Params["ip"]+" "+p.Params["companions"], func(r rune) bool { return strings.ContainsRune(" ,\t\n", r) }) {
			word, _, _ = strings.Cut(word, "@")
			word, _, _ = strings.Cut(word, "/")
			if ip, err := netip.ParseAddr(word); err == nil && !slices.Contains(list, ip.Unmap()) {
				list = append(list, ip.Unmap())
			}
		}
	}
	return list
}
