// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/delivery"
	"ocf-oci/internal/oci"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"
	"ocf-oci/internal/readiness"
	"ocf-oci/internal/state"
	"ocf-oci/internal/views"
)

func statusCommand() *cli.Command {
	return &cli.Command{
		Name:  "status",
		Usage: "who holds each address, in the eyes of the cluster, the cloud and the operating systems",
		Description: "Asks the cluster, the cloud, the network and this node now. NETWORK is where packets to the address go: this\n" +
			"node, not here, or nobody who answers. What other nodes' operating systems carry is what\n" +
			"\"oci-vip ready\" published there last, at most a minute or so ago. Views that differ stand below the table, marked\n" +
			"with !!. Changes nothing.\n\n" +
			"Exit codes: 0 shown, 1 failed, 64 usage.\n\n" +
			"Examples:\n" +
			"   oci-vip status\n" +
			"   oci-vip status --json | jq '.resources[].addresses[] | select(.disagreements != [])'\n" +
			"   oci-vip status --watch --interval 5s",
		Flags: []cli.Flag{
			commandline.JSONFlag(),
			&cli.BoolFlag{Name: "watch", Usage: "again and again, until interrupted"},
			&cli.DurationFlag{Name: "interval", Usage: "pause of --watch", Value: 5 * time.Second},
		},
		Action: status,
	}
}

// statusDocument is the JSON form.
type statusDocument struct {
	Node        string           `json:"node"`
	Credentials *credentials     `json:"credentials,omitempty"`
	Resources   []resourceStatus `json:"resources"`
}

type credentials struct {
	Obtained time.Time `json:"obtained"`
	Expires  time.Time `json:"expires"`
}

type resourceStatus struct {
	Resource  string            `json:"resource"`
	Addresses []views.Address   `json:"addresses"`
	Ready     map[string]string `json:"ready"` // by node: 1, 0; a node that is missing has not been checked
	Degraded  bool              `json:"degraded"`
	LastCheck string            `json:"last_check,omitempty"` // of the monitor here, asking the cloud
	Problems  []string          `json:"problems,omitempty"`
}

func status(c *cli.Context) error {
	if err := commandline.NoArgs(c); err != nil {
		return err
	}
	if c.Duration("interval") <= 0 {
		return commandline.Usagef("status: --interval must be positive")
	}
	for {
		stop := slow(c, "asking the cluster, the cloud and the network, 13 s at most")
		doc, err := statusNow(c.Context, commandline.Environ(c))
		stop()
		if err != nil && !c.Bool("watch") {
			return err
		}
		if c.Bool("watch") && !c.Bool("json") {
			fmt.Fprint(c.App.Writer, "\033[H\033[2J") // ECMA-48: home, erase display
		}
		switch {
		case err != nil:
			fmt.Fprintf(c.App.ErrWriter, "oci-vip: %v\n", err)
		case c.Bool("json"):
			err = commandline.PrintJSON(c, doc)
		default:
			show(c.App.Writer, doc)
		}
		if !c.Bool("watch") {
			return err
		}
		select {
		case <-c.Context.Done():
			return nil
		case <-time.After(c.Duration("interval")):
		}
	}
}

func statusNow(ctx context.Context, env []string) (statusDocument, error) {
	ctx, cancel := context.WithTimeout(ctx, readyLimit+clusterTime)
	defer cancel()
	config, node, err := cluster(ctx, env)
	if err != nil {
		return statusDocument{}, err
	}
	running, err := mon.Query(ctx, env)
	if err != nil && !errors.Is(err, cib.ErrNoCluster) {
		return statusDocument{}, err
	}
	doc := statusDocument{Node: node, Resources: []resourceStatus{}}
	resources := readiness.Resources(config)
	records := askAll(ctx, readiness.Asker{Node: node, Env: env}, resources)
	network := delivered(ctx, records)
	for _, r := range records {
		i := slices.IndexFunc(resources, func(p cib.Primitive) bool { return p.ID == r.Resource })
		doc.Resources = append(doc.Resources, statusOf(r, node, running, vnicNames(resources[i].Params["vnic"]), network))
	}
	if obtained, expires, ok := oci.CachedCredentials(state.DefaultDir); ok {
		doc.Credentials = &credentials{obtained, expires}
	}
	return doc, nil
}

// vnicNames reads the map "node:ocid;node:ocid" of the parameter vnic, the other way round.
func vnicNames(text string) map[string]string {
	names := map[string]string{}
	for _, item := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("; ,", r) }) {
		if node, id, ok := strings.Cut(item, ":"); ok {
			names[id] = node
		}
	}
	return names
}

// statusOf puts together what everybody says of one resource.
func statusOf(r readiness.Record, here string, cluster mon.State, names map[string]string, network map[netip.Addr]delivery.Answer) resourceStatus {
	s := resourceStatus{Resource: r.Resource, Ready: map[string]string{}, Degraded: r.Degraded, LastCheck: r.LastCheck, Addresses: []views.Address{}}
	for _, f := range r.Problems {
		s.Problems = append(s.Problems, f.Text)
	}
	where := []string{}
	for _, instance := range cluster.Resources {
		if instance.ID == r.Resource {
			where = append(where, instance.Nodes...)
		}
	}
	published := map[string]bool{here: true}
	for _, n := range cluster.Nodes {
		if v, ok := n.Attributes[readyAttribute+r.Resource]; ok {
			s.Ready[n.Name] = v
		}
		if id := n.Attributes[vnicsAttribute+r.Resource]; id != "" {
			published[n.Name] = true
			for _, one := range strings.Split(id, ",") {
				names[one] = n.Name
			}
		}
	}
	for _, t := range r.Targets {
		names[string(t.VNIC)] = here
	}
	for _, t := range r.Targets {
		a := views.Address{IP: t.IP, Cluster: where, Network: network[t.IP], From: here, OS: map[string]bool{here: t.Here},
			Cloud: views.Cloud{Known: t.Asked, Exists: t.Exists, VNIC: string(t.Holder), None: r.Cloud == "none"}}
		if a.Cloud.Node = names[a.Cloud.VNIC]; a.Cloud.Node == "" {
			a.Cloud.Node = a.Cloud.VNIC
			a.Cloud.Unclear = a.Cloud.VNIC != "" && slices.ContainsFunc(where, func(n string) bool { return !published[n] })
		}
		for _, n := range cluster.Nodes {
			if v, ok := n.Attributes[carriesAttribute+r.Resource]; ok && n.Online && n.Name != here {
				a.OS[n.Name] = slices.Contains(strings.Split(v, ","), t.IP.String())
			}
		}
		a.Compare()
		s.Addresses = append(s.Addresses, a)
	}
	return s
}

func show(w io.Writer, doc statusDocument) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "RESOURCE\tADDRESS\tCLUSTER\tCLOUD\tNETWORK\tOPERATING SYSTEMS\t")
	for _, r := range doc.Resources {
		for _, a := range r.Addresses {
			mark := ""
			if !a.Agree() {
				mark = "!!"
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Resource, a.IP, list(a.Cluster), cloudWord(a.Cloud), networkWord(a), list(carriers(a.OS)), mark)
		}
	}
	t.Flush()
	for _, r := range doc.Resources {
		for _, a := range r.Addresses {
			for _, d := range a.Disagreements {
				fmt.Fprintf(w, "!! %s: %s\n", a.IP, d)
			}
		}
		for _, p := range r.Problems {
			fmt.Fprintf(w, "!! %s: a start would fail on %s: %s\n", r.Resource, doc.Node, p)
		}
		fmt.Fprintf(w, "%s: ready: %s", r.Resource, readyWord(r.Ready))
		if r.Degraded {
			fmt.Fprint(w, "; DEGRADED here: the cloud does not answer the monitor")
		}
		if r.LastCheck != "" {
			fmt.Fprintf(w, "; the monitor here asked the cloud at %s", r.LastCheck)
		}
		fmt.Fprintln(w)
	}
	if c := doc.Credentials; c != nil {
		fmt.Fprintf(w, "credentials of %s: obtained %s ago, good for %s\n", doc.Node, time.Since(c.Obtained).Round(time.Second), time.Until(c.Expires).Round(time.Second))
	}
}

func carriers(system map[string]bool) []string {
	var nodes []string
	for node, carries := range system {
		if carries {
			nodes = append(nodes, node)
		}
	}
	slices.Sort(nodes)
	return nodes
}

func list(nodes []string) string {
	if len(nodes) == 0 {
		return "-"
	}
	return strings.Join(nodes, ",")
}

func cloudWord(c views.Cloud) string {
	switch {
	case c.None:
		return "no cloud"
	case !c.Known:
		return "unknown"
	case !c.Exists:
		return "no such address"
	case c.Node == "":
		return "nobody"
	}
	return c.Node
}

func readyWord(ready map[string]string) string {
	var words []string
	for node, v := range ready {
		word := map[string]string{"1": "yes", "0": "NO"}[v]
		if word == "" {
			word = "?"
		}
		words = append(words, node+" "+word)
	}
	if len(words) == 0 {
		return "nobody has checked (oci-vip-ready.timer)"
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}
