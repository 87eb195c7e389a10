// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/floatingyaml"
	"ocf-oci/internal/ipaddr2import"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/plainfile"
)

func importCommand() *cli.Command {
	return &cli.Command{
		Name:      "import",
		Usage:     "make floating.yaml and pcs commands of a sed-patched IPaddr2, a notify script, or old definitions",
		ArgsUsage: "FILE",
		Description: "FILE is a script IPaddr2 into which calls of \"oci network vnic assign-private-ip\" were put, or only the\n" +
			"inserted blocks, or the sed commands that insert them, or a notify script as keepalived calls it; - is standard\n" +
			"input. Nothing is written unless all of it was understood; else each doubt is said as FILE:LINE:COLUMN. Where a\n" +
			"cluster runs, or with --cib, name and prefix of the resource are taken from there.\n\n" +
			"FILE may also be a CIB, \"pcs resource create\" commands, or what \"pcs resource config\" prints, with resources of\n" +
			"ocf:heartbeat:IPaddr2, IPaddr, IPv6addr or ocivip; --notify names the scripts that move their addresses, if any.\n\n" +
			"Exit codes: 0 written, 1 not understood or failed, 64 usage.\n\n" +
			"Examples:\n" +
			"   oci-vip import /usr/lib/ocf/resource.d/heartbeat/IPaddr2\n" +
			"   oci-vip import --set vnicip=10.0.0.100 --set vnicippod1=10.1.0.100 --prefix 10.0.0.100/28 patch.sh\n" +
			"   oci-vip import --output - IPaddr2.patched\n" +
			"   cibadmin --query | oci-vip import -                 ocivip, or IPaddr2 whose address nobody moved yet\n" +
			"   oci-vip import --notify vrouter1=/root/n1.sh --notify vrouter2=/root/n2.sh cib.xml",
		Flags: []cli.Flag{
			commandline.JSONFlag(),
			&cli.StringSliceFlag{Name: "set", Usage: "`NAME=VALUE` of a variable that is missing or empty in the file"},
			&cli.StringFlag{Name: "else", Usage: "`NODE` for which the branch \"else\" is"},
			&cli.StringFlag{Name: "node", Usage: "`NODE` whose script this is, where it does not tell nodes apart"},
			&cli.StringSliceFlag{Name: "notify", Usage: "`[NODE=]FILE` of a script that moves the addresses of the definitions, once for each"},
			&cli.StringSliceFlag{Name: "prefix", Usage: "`ADDRESS/LENGTH` with which an address is configured (default: the subnet's)"},
			&cli.StringFlag{Name: "output", Usage: "write to `FILE`, - is standard output", Value: floatingyaml.DefaultPath},
			&cli.BoolFlag{Name: "force", Usage: "replace a file that exists"},
			&cli.StringFlag{Name: "resource", Usage: "`NAME` of the resource (default: that in the cluster, else Cluster_VIP)"},
			&cli.StringFlag{Name: "cib", Usage: "read the cluster's configuration from `FILE`"},
		},
		Action: importScript,
	}
}

// importDocument is the JSON form.
type importDocument struct {
	File     string                  `json:"file,omitempty"`
	YAML     string                  `json:"yaml,omitempty"`
	Commands []string                `json:"commands,omitempty"`
	Messages []ipaddr2import.Message `json:"messages"`
}

func importScript(c *cli.Context) error {
	if c.NArg() != 1 {
		return commandline.Usagef("import: one file, after the flags; see oci-vip import --help")
	}
	name := c.Args().First()
	opt, err := importOptions(c)
	if err != nil {
		return err
	}
	text, err := input(c, name)
	if err != nil {
		return err
	}
	if d, ok := ipaddr2import.ReadDefinitions(string(text)); ok {
		return importDefinitions(c, name, d, opt)
	}
	if len(c.StringSlice("notify")) > 0 {
		return commandline.Usagef("import: --notify goes with definitions of pcs or the CIB; a script alone is FILE")
	}
	config, err := configuration(c)
	if err != nil {
		return err
	}
	result := ipaddr2import.Import(string(text), opt)
	if len(result.Messages) > 0 {
		if c.Bool("json") {
			if err := commandline.PrintJSON(c, importDocument{Messages: result.Messages}); err != nil {
				return err
			}
		}
		for _, m := range result.Messages {
			fmt.Fprintf(c.App.ErrWriter, "%s:%d:1: %s\n", name, max(m.Line, 1), m.Text)
		}
		fmt.Fprintf(c.App.ErrWriter, "oci-vip: %s was not understood completely, so nothing was written\n", name)
		return commandline.Exit(commandline.Failed)
	}
	resource := known(config, &result.File, c.String("resource"))
	if result.Discovered { // the agent finds the VNICs as the script did: no file is needed
		return deliver(c, importDocument{Commands: ipaddr2import.Commands(result.File, resource), Messages: []ipaddr2import.Message{}})
	}
	yaml, err := result.File.Marshal("Made by oci-vip import from " + filepath.Base(name) + ". The same on every node.")
	if err != nil {
		return err
	}
	return deliver(c, importDocument{File: c.String("output"), YAML: string(yaml), Commands: ipaddr2import.Commands(result.File, resource),
		Messages: []ipaddr2import.Message{}})
}

func input(c *cli.Context, name string) ([]byte, error) {
	var text []byte
	var err error
	if name == "-" {
		text, err = io.ReadAll(io.LimitReader(c.App.Reader, 1<<20))
	} else {
		text, err = plainfile.ReadGiven(name, 16<<20)
	}
	if errors.Is(err, plainfile.ErrNotRegular) {
		return nil, fmt.Errorf("reading the script: %w; - instead of a name reads the standard input", err)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the script: %w", err)
	}
	return text, nil
}

func importOptions(c *cli.Context) (ipaddr2import.Options, error) {
	opt := ipaddr2import.Options{Set: map[string]string{}, Rest: c.String("else"), Node: c.String("node"), Prefixes: map[netip.Addr]int{}}
	for _, item := range c.StringSlice("set") {
		name, value, ok := strings.Cut(item, "=")
		if !ok || name == "" {
			return opt, commandline.Usagef("import: --set %q is not NAME=VALUE", item)
		}
		opt.Set[name] = value
	}
	for _, item := range c.StringSlice("prefix") {
		p, err := netip.ParsePrefix(item)
		if err != nil {
			return opt, commandline.Usagef("import: --prefix %q is not ADDRESS/LENGTH", item)
		}
		opt.Prefixes[p.Addr()] = p.Bits()
	}
	return opt, nil
}

// configuration reads the cluster's configuration: a file's, else the live one; nil where there is none.
func configuration(c *cli.Context) (*cib.CIB, error) {
	if file := c.String("cib"); file != "" {
		text, err := plainfile.ReadGiven(file, cib.Limit)
		if err != nil {
			return nil, fmt.Errorf("reading the cluster's configuration: %w", err)
		}
		return cib.Parse(text)
	}
	ctx, cancel := context.WithTimeout(c.Context, 10*time.Second)
	defer cancel()
	config, err := cib.Query(ctx, commandline.Environ(c))
	if errors.Is(err, cib.ErrNoCluster) {
		return nil, nil
	}
	return config, err
}

// known looks for the resource that carries one of the addresses now: it gives name and prefix, and puts its address
// first. Nothing is migrated live while another resource depends on it (DESIGN 5).
func known(config *cib.CIB, f *floatingyaml.File, name string) ipaddr2import.Resource {
	r := ipaddr2import.Resource{Name: name, Migrate: true}
	if config != nil {
		for _, p := range config.Primitives() {
			i := slices.IndexFunc(f.Addresses, func(a floatingyaml.Address) bool { return a.IP.String() == p.Params["ip"] })
			if i < 0 {
				continue
			}
			a := f.Addresses[i]
			if bits, err := strconv.Atoi(p.Params["cidr_netmask"]); err == nil && a.Prefix == 0 {
				a.Prefix = bits
			}
			f.Addresses = slices.Insert(slices.Delete(f.Addresses, i, i+1), 0, a)
			if r.Name == "" || r.Name == p.ID {
				r.Name, r.Replaces = p.ID, true
			}
			r.Migrate = len(p.Parents) == 0 && !slices.ContainsFunc(config.Constraints, func(c cib.Constraint) bool {
				return c.Kind != "rsc_location" && slices.Contains(c.Resources, p.ID)
			})
			break
		}
	}
	if r.Name == "" {
		r.Name = "Cluster_VIP"
	}
	return r
}

func deliver(c *cli.Context, doc importDocument) error {
	w := c.App.Writer
	switch {
	case c.Bool("json"):
		if doc.File != "-" && doc.File != "" {
			if err := create(doc.File, doc.YAML, c.Bool("force")); err != nil {
				return err
			}
		}
		return commandline.PrintJSON(c, doc)
	case doc.File == "":
		fmt.Fprintln(w, "# every node finds its VNIC by itself, so no file is needed. On one node:")
		for _, command := range doc.Commands {
			fmt.Fprintln(w, command)
		}
		return nil
	case doc.File == "-":
		fmt.Fprint(w, doc.YAML)
		fmt.Fprintln(w, "\n# then, on one node:")
		for _, command := range doc.Commands {
			fmt.Fprintln(w, "#   "+command)
		}
		return nil
	}
	if err := create(doc.File, doc.YAML, c.Bool("force")); err != nil {
		return err
	}
	fmt.Fprintf(w, "# wrote %s; copy it to every node ('oci-vip check %[1]s' looks at it). Then, on one node:\n", doc.File)
	for _, command := range doc.Commands {
		fmt.Fprintln(w, command)
	}
	return nil
}

// create writes a file that must not exist unless forced; only root may change it, since it names keys.
func create(path, text string, force bool) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	err := plainfile.Write(!force, plainfile.File{Path: path, Content: []byte(text), Mode: 0o644})
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already; --force replaces it, --output writes elsewhere: %w", path, err)
	}
	return err
}
