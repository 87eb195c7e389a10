// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/adoption"
	"ocf-oci/internal/commandline"
	"ocf-oci/internal/finding"
	"ocf-oci/internal/floatingyaml"
	"ocf-oci/internal/ipaddr2import"
	"ocf-oci/internal/oci"
	"ocf-oci/internal/plainfile"
)

// definitionImport makes commands of resources that pcs or the CIB describes, and a file of the notify scripts that move
// their addresses.
type definitionImport struct {
	*cli.Context
	name     string
	d        ipaddr2import.Definitions
	opt      ipaddr2import.Options
	said     []string // what was not understood, as FILE:LINE:COLUMN: message
	messages []ipaddr2import.Message
	file     floatingyaml.File
}

func importDefinitions(c *cli.Context, name string, d ipaddr2import.Definitions, opt ipaddr2import.Options) error {
	i := &definitionImport{Context: c, name: name, d: d, opt: opt}
	for _, m := range d.Messages {
		i.say(name, m)
	}
	i.alerts()
	if err := i.scripts(); err != nil {
		return err
	}
	commands := i.commands()
	if len(i.said) > 0 {
		if c.Bool("json") {
			if err := commandline.PrintJSON(c, importDocument{Messages: i.messages}); err != nil {
				return err
			}
		}
		for _, line := range i.said {
			fmt.Fprintln(c.App.ErrWriter, line)
		}
		fmt.Fprintf(c.App.ErrWriter, "oci-vip: %s was not understood completely, so nothing was written\n", name)
		return commandline.Exit(commandline.Failed)
	}
	doc := importDocument{Commands: commands, Messages: []ipaddr2import.Message{}}
	if len(i.file.Nodes) > 0 {
		yaml, err := i.file.Marshal("Made by oci-vip import from " + filepath.Base(name) + ". The same on every node.")
		if err != nil {
			return err
		}
		doc.File, doc.YAML = c.String("output"), string(yaml)
	}
	return deliver(c, doc)
}

func (i *definitionImport) say(name string, m ipaddr2import.Message) {
	i.messages = append(i.messages, m)
	i.said = append(i.said, fmt.Sprintf("%s:%d:1: %s", name, max(m.Line, 1), m.Text))
}

// alerts looks for scripts that pacemaker calls and that move an address: that would go on after the import.
func (i *definitionImport) alerts() {
	for _, a := range i.d.Alerts {
		text, err := plainfile.Read(a.Path, 1<<20)
		given := slices.ContainsFunc(i.StringSlice("notify"), func(n string) bool { return filepath.Base(scriptOf(n)) == filepath.Base(a.Path) })
		switch {
		case given:
		case err != nil:
			fmt.Fprintf(i.App.ErrWriter, "%s:%d:1: note: an alert calls %s, which is not here; if it moves an address, give it with --notify\n", i.name, a.Line, a.Path)
		case strings.Contains(string(text), "assign-private-ip"):
			i.say(i.name, ipaddr2import.Message{Line: a.Line, Text: fmt.Sprintf("an alert calls %s, which moves an address; give it with --notify %[1]s, or NODE=%[1]s where each node has its own", a.Path)})
		}
	}
}

func scriptOf(item string) string {
	if _, file, ok := strings.Cut(item, "="); ok {
		return file
	}
	return item
}

// scripts reads the notify scripts, one for all nodes or one for each, into one file.
func (i *definitionImport) scripts() error {
	i.file.Nodes = map[string]map[string]oci.VNICID{}
	for _, item := range i.StringSlice("notify") {
		name := scriptOf(item)
		opt := i.opt
		if node, _, ok := strings.Cut(item, "="); ok {
			opt.Node = node
		}
		text, err := input(i.Context, name)
		if err != nil {
			return err
		}
		r := ipaddr2import.Import(string(text), opt)
		for _, m := range r.Messages {
			i.say(name, m)
		}
		if len(r.Messages) > 0 {
			continue
		}
		for node, vnics := range r.File.Nodes {
			if _, twice := i.file.Nodes[node]; twice {
				i.say(name, ipaddr2import.Message{Text: "another script is for " + node + " already"})
			}
			i.file.Nodes[node] = vnics
		}
		for _, a := range r.File.Addresses {
			if !slices.ContainsFunc(i.file.Addresses, func(b floatingyaml.Address) bool { return a.IP == b.IP }) {
				i.file.Addresses = append(i.file.Addresses, a)
			}
		}
		if i.file.Auth != (floatingyaml.Auth{}) && i.file.Auth != r.File.Auth {
			i.say(name, ipaddr2import.Message{Text: "this script authenticates in another way than the others"})
		}
		i.file.Auth = r.File.Auth
	}
	if len(i.file.Nodes) > 0 && len(i.said) == 0 {
		for _, p := range i.file.Check() {
			i.say(scriptOf(i.StringSlice("notify")[0]), ipaddr2import.Message{Text: p.Err.Error()})
		}
	}
	return nil
}

// commands are those that make each resource anew.
func (i *definitionImport) commands() []string {
	owned := map[netip.Addr]bool{}
	params := make([]map[string]string, len(i.d.Resources))
	for k, r := range i.d.Resources {
		m := adoption.Map(r.Agent, r.Params)
		for _, p := range m.Problems {
			i.say(i.name, ipaddr2import.Message{Line: r.Line, Text: r.ID + ": " + p})
		}
		ip, err := netip.ParseAddr(m.Params["ip"])
		if err != nil {
			i.say(i.name, ipaddr2import.Message{Line: r.Line, Text: fmt.Sprintf("%s: %q is not an address", r.ID, m.Params["ip"])})
			continue
		}
		owned[ip], params[k] = true, m.Params
	}
	var others []floatingyaml.Address
	for _, a := range i.file.Addresses {
		if !owned[a.IP] {
			others = append(others, a)
		}
	}
	if len(others) > 0 && len(i.d.Resources) != 1 {
		i.say(i.name, ipaddr2import.Message{Text: fmt.Sprintf("the scripts also move %s, and it cannot be told with which resource", others[0].IP)})
	}
	list := []string{"pcs property set cluster-recheck-interval=60s"}
	for _, a := range i.d.Alerts {
		if a.ID != "" && slices.ContainsFunc(i.StringSlice("notify"), func(n string) bool { return filepath.Base(scriptOf(n)) == filepath.Base(a.Path) }) {
			list = append(list, "pcs alert remove "+finding.Quote(a.ID))
		}
	}
	for k, r := range i.d.Resources {
		if params[k] == nil {
			continue
		}
		i.complete(params[k], others)
		list = append(list, "# without an outage, on the node where it runs, instead of the next two: oci-vip convert "+finding.Quote(r.ID),
			"pcs resource delete "+finding.Quote(r.ID), createCommand(r, params[k]))
	}
	return list
}

// complete adds what the scripts say of an address.
func (i *definitionImport) complete(params map[string]string, others []floatingyaml.Address) {
	k := slices.IndexFunc(i.file.Addresses, func(a floatingyaml.Address) bool { return a.IP.String() == params["ip"] })
	if k < 0 {
		return
	}
	own := i.file
	own.Addresses = append([]floatingyaml.Address{i.file.Addresses[k]}, others...)
	for _, p := range ipaddr2import.Params(own) {
		if params[p[0]] == "" {
			params[p[0]] = p[1]
		}
	}
}

// createCommand is the command for one resource.
func createCommand(r ipaddr2import.Definition, params map[string]string) string {
	words := []string{"pcs resource create", finding.Quote(r.ID), adoption.Target, "ip=" + params["ip"]}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if name != "ip" {
			words = append(words, name+"="+finding.Quote(params[name]))
		}
	}
	words = append(words, "meta failure-timeout=60s")
	if r.Alone {
		words = append(words, "allow-migrate=true")
	}
	return strings.Join(words, " ")
}
