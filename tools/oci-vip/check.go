// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/adoption"
	"ocf-oci/internal/commandline"
	"ocf-oci/internal/finding"
	"ocf-oci/internal/floatingyaml"
	"ocf-oci/internal/ifaddr"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"
	"ocf-oci/internal/plainfile"
	"ocf-oci/internal/readiness"
	"ocf-oci/internal/vipcheck"
	"ocf-oci/internal/yamllimit"
)

func checkCommand() *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "what is wrong with the floating addresses, what it means and how to mend it",
		ArgsUsage: "[FILE]",
		Description: "Looks at the cluster's configuration and at this node; with --cloud also at VNICs, subnets, credentials, rights, the\n" +
			"source/destination check, routing and the clock, as a start here would meet them. With FILE it checks a floating.yaml instead. Run it\n" +
			"on every node. Each finding ends with the command that mends it; nothing is changed.\n\n" +
			"Exit codes: 0 nothing found, 1 warnings, 2 errors (also if something cannot be read), 64 usage.\n\n" +
			"Examples:\n" +
			"   oci-vip check\n" +
			"   oci-vip check --cloud --json\n" +
			"   oci-vip check --cib cib.xml             a cluster's configuration from elsewhere\n" +
			"   oci-vip check /etc/ocf-oci/floating.yaml",
		Flags: []cli.Flag{
			commandline.JSONFlag(),
			&cli.BoolFlag{Name: "cloud", Usage: "ask the cloud too"},
			&cli.StringFlag{Name: "cib", Usage: "read the cluster's configuration from `FILE`, and look at no machine"},
		},
		Action: checkAll,
	}
}

func checkAll(c *cli.Context) error {
	if c.NArg() > 1 {
		return commandline.Usagef("check: unexpected %q; see oci-vip check --help", c.Args().Get(1))
	}
	if c.Bool("cloud") && c.String("cib") != "" {
		return commandline.Usagef("check: --cloud asks for this node, which --cib is not about")
	}
	list, err := findings(c)
	if err != nil {
		fmt.Fprintf(c.App.ErrWriter, "oci-vip: %v\n", err)
		return commandline.Exit(2)
	}
	if c.Bool("json") {
		if list == nil {
			list = []finding.Finding{}
		}
		if err := commandline.PrintJSON(c, list); err != nil {
			return err
		}
	} else if err := finding.Print(c.App.Writer, list); err != nil {
		return err
	}
	if code := finding.Worst(list); code != 0 {
		return commandline.Exit(code)
	}
	return nil
}

func findings(c *cli.Context) ([]finding.Finding, error) {
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
	text, err := plainfile.ReadGiven(name, yamllimit.Size)
	if err != nil {
		return fmt.Errorf("reading floating.yaml: %w", err)
	}
	_, err = floatingyaml.Parse(name, text)
	return err
}

func checkNode(ctx context.Context, c *cli.Context, resources []cib.Primitive) ([]finding.Finding, error) {
	machine := vipcheck.Machine{Root: "/"}
	list, err := machine.Persistent(floats(resources))
	if err != nil {
		return nil, err
	}
	list = append(list, machine.OCID()...)
	list = append(list, machine.Proxy()...)
	node, err := cib.LocalNode(ctx, commandline.Environ(c))
	if err != nil {
		return nil, err
	}
	state, err := mon.Query(ctx, commandline.Environ(c))
	if err != nil {
		return nil, err
	}
	table, err := adoption.Look(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range resources {
		list = append(list, carriedElsewhere(p, node, state, table)...)
	}
	if !c.Bool("cloud") {
		return list, nil
	}
	return append(list, checkCloud(ctx, c, node, resources)...), nil
}

// carriedElsewhere looks where a resource's addresses are although it does not run there: here now, elsewhere as "oci-vip
// ready" said last.
func carriedElsewhere(p cib.Primitive, node string, state mon.State, table ifaddr.Table) []finding.Finding {
	var list []finding.Finding
	runs := adoption.Cluster{State: state}.Active(p.ID)
	for _, r := range state.Resources {
		if r.ID == p.ID && r.Role != "Started" && r.Role != "Stopped" {
			return nil // on its way
		}
	}
	for _, ip := range floats([]cib.Primitive{p}) {
		var carriers []vipcheck.Carrier
		if prefix, nic, here := adoption.Carried(table, ip); here {
			carriers = append(carriers, vipcheck.Carrier{Node: node, Prefix: prefix, NIC: nic})
		}
		for _, n := range state.Nodes {
			if n.Online && n.Name != node && slices.Contains(strings.Split(n.Attributes[carriesAttribute+p.ID], ","), ip.String()) {
				carriers = append(carriers, vipcheck.Carrier{Node: n.Name})
			}
		}
		list = append(list, vipcheck.Carried(p.ID, ip, runs, carriers)...)
	}
	return list
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
