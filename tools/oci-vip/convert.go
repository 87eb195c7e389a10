// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/adoption"
	"ocf-oci/internal/commandline"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/plainfile"
)

func convertCommand() *cli.Command {
	return &cli.Command{
		Name:      "convert",
		Usage:     "turn a running resource of another agent into ocf:oci:IPaddr2, without an outage",
		ArgsUsage: "RESOURCE",
		Description: "RESOURCE is run by ocf:heartbeat:IPaddr2 (as it is, or patched with sed as 'oci-vip import' reads it),\n" +
			"ocf:heartbeat:IPaddr, IPv6addr or ocivip. Run it on the node where RESOURCE runs. In maintenance mode the definition\n" +
			"is replaced by one atomic change, and pacemaker probes every node with the new agent, which finds the address where\n" +
			"it is; then maintenance mode is as it was before. If any node does not answer as it must, the old definition comes\n" +
			"back. What cannot be done safely is refused before anything is changed, and said. The address keeps serving all\n" +
			"the time. --undo, on the same node, goes back, also after a conversion that was killed half-way.\n\n" +
			"Exit codes: 0 done, or nothing to do; 1 refused or failed; 64 usage.\n\n" +
			"Examples:\n" +
			"   oci-vip convert --dry-run Cluster_VIP\n" +
			"   oci-vip convert Cluster_VIP\n" +
			"   oci-vip convert --set vnicip=10.0.0.100 --set vnicippod1=10.1.0.100 Cluster_VIP\n" +
			"   oci-vip convert --param cloud=none p_vip_eth1\n" +
			"   oci-vip convert --undo Cluster_VIP",
		Flags: []cli.Flag{
			commandline.JSONFlag(),
			&cli.BoolFlag{Name: "dry-run", Usage: "say what would be done and why not, and change nothing"},
			&cli.BoolFlag{Name: "undo", Usage: "go back to the definition before the conversion"},
			&cli.BoolFlag{Name: "force", Usage: "with --undo: also if the resource was changed since"},
			&cli.StringFlag{Name: "script", Usage: "the patched agent is in `FILE` (default: where the agent is installed)"},
			&cli.StringSliceFlag{Name: "set", Usage: "`NAME=VALUE` of a variable that is missing or empty in the patched agent"},
			&cli.StringFlag{Name: "else", Usage: "`NODE` for which the patched agent's branch \"else\" is"},
			&cli.StringSliceFlag{Name: "param", Usage: "`NAME=VALUE` of a parameter of ocf:oci:IPaddr2 besides those found"},
			&cli.StringFlag{Name: "state-dir", Usage: "the agent's state is in `DIR`", Value: "/run/ocf-oci", Hidden: true},
		},
		Action: convert,
	}
}

// conversionDocument is the JSON form.
type conversionDocument struct {
	Resource string   `json:"resource"`
	Done     bool     `json:"done"` // false: a dry run, or refused
	From     string   `json:"from"`
	To       string   `json:"to"`
	Node     string   `json:"node,omitempty"`
	Before   string   `json:"before,omitempty"`
	After    string   `json:"after,omitempty"`
	Refused  []string `json:"refused,omitempty"`
	Notes    []string `json:"notes,omitempty"`
}

func convert(c *cli.Context) error {
	if c.NArg() != 1 {
		return commandline.Usagef("convert: one resource, after the flags; see oci-vip convert --help")
	}
	if c.Bool("undo") && c.Bool("dry-run") {
		return commandline.Usagef("convert: --undo has no --dry-run")
	}
	if c.Bool("force") && !c.Bool("undo") {
		return commandline.Usagef("convert: --force belongs to --undo; a conversion that is refused cannot be forced")
	}
	job := &conversion{Context: c, resource: c.Args().First(), pacemaker: adoption.Live{Env: commandline.Environ(c)}}
	var err error
	if job.journals, err = adoption.OpenJournals(adoption.DefaultDir); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Context, 5*time.Minute)
	defer cancel()
	if !c.Bool("dry-run") {
		unlock, err := job.journals.Lock(ctx, job.resource)
		if err != nil {
			return err
		}
		defer unlock()
	}
	if err := job.look(ctx); err != nil {
		return err
	}
	if job.journal, err = job.journals.Load(job.resource); err != nil {
		return err
	}
	if c.Bool("undo") {
		return job.undo(ctx)
	}
	return job.forward(ctx)
}

// conversion is one run of the command.
type conversion struct {
	*cli.Context
	resource  string
	pacemaker adoption.Live
	journals  adoption.Journals
	journal   *adoption.Journal // of an earlier conversion, or nil

	text    []byte // the CIB
	cluster adoption.Cluster
	doc     conversionDocument
}

// look reads the cluster as it is now.
func (j *conversion) look(ctx context.Context) (err error) {
	config, node, err := cluster(ctx, commandline.Environ(j.Context))
	if errors.Is(err, cib.ErrNoCluster) {
		return errors.New("no cluster runs on this node: start it, or run this on a node where it runs")
	}
	if err != nil {
		return err
	}
	j.cluster.Config, j.cluster.Here = config, node
	if j.text, err = j.pacemaker.CIB(ctx); err != nil {
		return err
	}
	if j.cluster.Quorum, err = adoption.Quorum(j.text); err != nil {
		return err
	}
	j.cluster.State, err = j.pacemaker.State(ctx)
	return err
}

// maintenance is the cluster option as it is now; nil: not set.
func (j *conversion) maintenance() *string {
	if v, ok := j.cluster.Config.Properties["maintenance-mode"]; ok {
		return &v
	}
	return nil
}

func (j *conversion) converter(host adoption.Host) adoption.Converter {
	return adoption.Converter{Pacemaker: j.pacemaker, Node: host, Journals: j.journals, Say: func(format string, args ...any) {
		if !j.Bool("json") {
			fmt.Fprintf(j.App.Writer, format+"\n", args...)
		}
	}}
}

func (j *conversion) forward(ctx context.Context) error {
	p, ok := j.cluster.Config.Primitive(j.resource)
	if !ok {
		return fmt.Errorf("the cluster has no resource %s (a group is converted resource by resource)", j.resource)
	}
	j.doc = conversionDocument{Resource: j.resource, From: p.Agent(), To: adoption.Target}
	if j.journal != nil && !j.journal.Done {
		j.doc.Refused = []string{fmt.Sprintf("a conversion that began at %s was interrupted: 'oci-vip convert --undo %s' goes back first", j.journal.At.Format(time.RFC3339), j.resource)}
		return j.refused()
	}
	if p.Agent() == adoption.Target {
		j.doc.Notes = []string{"it is one of " + adoption.Target + " already"}
		return j.finish()
	}
	plan, host, err := j.plan(ctx, p)
	if err != nil {
		return err
	}
	if len(j.doc.Refused) > 0 {
		return j.refused()
	}
	j.doc.Before, j.doc.After = plan.Before, plan.After
	if j.Bool("dry-run") {
		j.describe()
		return nil
	}
	if err := j.converter(host).Convert(ctx, plan); err != nil {
		return err
	}
	j.doc.Done = true
	return j.confirm(ctx, plan.Active)
}

// confirm looks whether the resource runs where it ran.
func (j *conversion) confirm(ctx context.Context, active string) error {
	s, err := j.pacemaker.State(ctx)
	if err != nil {
		return err
	}
	j.cluster.State = s
	if nodes := j.cluster.Active(j.resource); len(nodes) != 1 || nodes[0] != active {
		return fmt.Errorf("%s is %s now, but pacemaker runs it on %q, not on %s as before: look at crm_mon", j.resource, j.doc.To, strings.Join(nodes, ", "), active)
	}
	return j.finish()
}

// finish says what was done.
func (j *conversion) finish() error {
	if j.Bool("json") {
		return commandline.PrintJSON(j.Context, j.doc)
	}
	w := j.App.Writer
	for _, n := range j.doc.Notes {
		fmt.Fprintln(w, "note: "+n)
	}
	if j.doc.Done {
		fmt.Fprintf(w, "%s is a resource of %s, running on %s.\n", j.resource, j.doc.To, j.doc.Node)
		if j.doc.To == adoption.Target {
			fmt.Fprintln(w, "Next: 'oci-vip check --cloud' and 'oci-vip ready' on every node. 'oci-vip convert --undo' on this one goes back.")
		}
	}
	return nil
}

func (j *conversion) describe() {
	if j.Bool("json") {
		_ = commandline.PrintJSON(j.Context, j.doc)
		return
	}
	w := j.App.Writer
	fmt.Fprintf(w, "%s on %s would become, in maintenance mode and by one change:\n%s", j.resource, j.doc.Node, j.doc.After)
	for _, n := range j.doc.Notes {
		fmt.Fprintln(w, "note: "+n)
	}
	fmt.Fprintln(w, "Nothing was changed.")
}

func (j *conversion) refused() error {
	if j.Bool("json") {
		_ = commandline.PrintJSON(j.Context, j.doc)
	}
	for _, r := range j.doc.Refused {
		fmt.Fprintf(j.App.ErrWriter, "oci-vip: %s: %s\n", j.resource, r)
	}
	fmt.Fprintln(j.App.ErrWriter, "oci-vip: refused; nothing was changed")
	return commandline.Exit(commandline.Failed)
}

func (j *conversion) refuse(format string, args ...any) {
	j.doc.Refused = append(j.doc.Refused, fmt.Sprintf(format, args...))
}

// patchedAgent is where a sed patch goes.
const patchedAgent = "/usr/lib/ocf/resource.d/heartbeat/IPaddr2"

// script reads the agent that runs the resource; patched is false where no cloud command was put into it.
func (j *conversion) script(agent string) (name, text string, patched bool, err error) {
	name = j.String("script")
	if name == "" {
		if agent != "ocf:heartbeat:IPaddr2" {
			return "", "", false, nil
		}
		name = patchedAgent
	}
	b, err := plainfile.ReadGiven(name, 1<<20)
	if err != nil {
		return name, "", false, fmt.Errorf("reading the agent: %w", err)
	}
	return name, string(b), j.String("script") != "" || strings.Contains(string(b), "assign-private-ip"), nil
}
