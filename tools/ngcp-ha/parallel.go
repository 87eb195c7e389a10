// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/ngcpha/activity"
	"ocf-oci/internal/ngcpha/fleet"
	"ocf-oci/internal/ngcpha/settings"
	"ocf-oci/internal/pacemaker/cib"
)

func parallelCommand() *cli.Command {
	return &cli.Command{
		Name:      "parallel",
		Usage:     "run a command on many hosts (classic name: ngcp-parallel-ssh)",
		ArgsUsage: "SELECTOR COMMAND...",
		Description: "SELECTOR is all, active, inactive, or names of nodes and pairs with commas between them. Hosts are those of the\n" +
			"settings, else NGCP_HOSTS of /etc/default/ngcp-roles, else the nodes of this cluster. Who is active is asked once\n" +
			"before anything runs; a host that does not answer, or is in between, is left out, and counts as not reached.\n\n" +
			"Exit codes: the worst of the hosts; 255 for a host that was not reached; 64 usage.\n\n" +
			"Examples:\n" +
			"   ngcp-ha parallel all uptime\n" +
			"   ngcp-ha parallel inactive \"FORCE=yes ngcp-migrate-ha-crm\"\n" +
			"   ngcp-ha parallel --serial-pairs all 'apt-get -y upgrade'    never both nodes of a pair at once\n" +
			"   ngcp-ha parallel --dry-run active true                      who is active?",
		Flags: []cli.Flag{
			commandline.JSONFlag(), timeoutFlag(time.Hour),
			&cli.DurationFlag{Name: "state-timeout", Usage: "how long a host may take to say whether it is active", Value: 5 * time.Second},
			&cli.IntFlag{Name: "jobs", Aliases: []string{"j"}, Usage: "at most `N` at once", Value: 32},
			&cli.BoolFlag{Name: "serial-pairs", Usage: "never on both nodes of a pair at once; not on the second if it failed on the first"},
			&cli.BoolFlag{Name: "keep-going", Usage: "with --serial-pairs: on the second as well"},
			&cli.BoolFlag{Name: "dry-run", Usage: "only print who would run it"},
		},
		Action: parallel,
	}
}

// fleetRun is one call.
type fleetRun struct {
	c      *cli.Context
	remote fleet.Remote
	line   string
	lock   sync.Mutex
	output map[string]*[2]bytes.Buffer // by host, for JSON
}

func parallel(c *cli.Context) error {
	if c.NArg() < 2 {
		return commandline.Usagef("parallel: give a selector and a command; see ngcp-ha parallel --help")
	}
	for _, name := range []string{"timeout", "state-timeout"} {
		if c.Duration(name) <= 0 {
			return commandline.Usagef("parallel: --%s must be positive, not %s", name, c.Duration(name))
		}
	}
	if c.Int("jobs") < 1 {
		return commandline.Usagef("parallel: --jobs must be at least 1, not %d", c.Int("jobs"))
	}
	s, err := settingsOf(c)
	if err != nil {
		return err
	}
	local, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("asking for this host's name: %w", err)
	}
	hosts, err := knownHosts(c, s)
	if err != nil {
		return err
	}
	selection, err := fleet.Select(c.Args().First(), hosts)
	if err != nil {
		return commandline.Usagef("parallel: %w", err)
	}
	f := &fleetRun{c: c, remote: fleet.Remote{SSH: s.SSH, Local: local, Env: commandline.Environ(c)}, line: strings.Join(c.Args().Tail(), " "), output: map[string]*[2]bytes.Buffer{}}
	plan := selection.Decide(f.states(selection))
	f.tell(plan)
	var results []fleet.Result
	if !c.Bool("dry-run") && len(plan.Run) > 0 {
		auditLog(c, "on %s: %s", names(plan.Run), f.line)
		results = fleet.Each(c.Context, plan.Run, fleet.Options{Jobs: c.Int("jobs"), SerialPairs: c.Bool("serial-pairs"), KeepGoing: c.Bool("keep-going")}, f.one)
	}
	if err := f.summary(plan, results); err != nil {
		return err
	}
	if code := fleet.Worst(results, plan.Left); code != 0 {
		return commandline.Exit(code)
	}
	return nil
}

// knownHosts are those of the settings, of NGCP's roles, or of this cluster.
func knownHosts(c *cli.Context, s settings.Settings) ([]fleet.Host, error) {
	if len(s.Hosts) > 0 {
		return fleet.Hosts(s.Hosts), nil
	}
	if text, err := os.ReadFile("/etc/default/ngcp-roles"); err == nil {
		if names := fleet.Roles(text); len(names) > 0 {
			return fleet.Named(names), nil
		}
	}
	ctx, cancel := context.WithTimeout(c.Context, c.Duration("state-timeout"))
	defer cancel()
	config, err := cib.Query(ctx, commandline.Environ(c))
	if err != nil {
		return nil, fmt.Errorf("no hosts are known: list them under hosts in %s (%w)", c.String("settings"), err)
	}
	var list []string
	for _, n := range config.Nodes {
		list = append(list, n.Name)
	}
	return fleet.Named(list), nil
}

// states asks every candidate at once, if it matters.
func (f *fleetRun) states(s fleet.Selection) map[string]activity.Verdict {
	said := map[string]activity.Verdict{}
	if s.State == "" {
		return said
	}
	var lock sync.Mutex
	fleet.Each(f.c.Context, s.Hosts, fleet.Options{Jobs: len(s.Hosts)}, func(ctx context.Context, h fleet.Host) int {
		d := f.c.Duration("state-timeout")
		ctx, cancel := context.WithTimeoutCause(ctx, d, fmt.Errorf("no answer within %s", d))
		defer cancel()
		var out, errs bytes.Buffer
		code, err := f.remote.Run(ctx, h.Name, "ngcp-check-active -v", &out, &errs)
		if text := strings.TrimSpace(errs.String()); err == nil && text != "" {
			err = fmt.Errorf("%s", text)
		}
		lock.Lock()
		defer lock.Unlock()
		said[h.Name] = fleet.Word(out.String(), code, err)
		return 0
	})
	return said
}

// tell says what will be done, before it is.
func (f *fleetRun) tell(p fleet.Plan) {
	for _, l := range p.Left {
		fmt.Fprintf(f.c.App.ErrWriter, "ngcp-ha: %s is left out: %s (%s)\n", l.Name, l.State, l.Reason)
	}
	if len(p.Run) == 0 {
		fmt.Fprintln(f.c.App.ErrWriter, "ngcp-ha: no host to run it on")
		return
	}
	fmt.Fprintf(f.c.App.ErrWriter, "ngcp-ha: on %s: %s\n", names(p.Run), f.line)
}

func names(hosts []fleet.Host) string {
	var all []string
	for _, h := range hosts {
		all = append(all, h.Name)
	}
	return strings.Join(all, ", ")
}

// one runs the command on a host.
func (f *fleetRun) one(ctx context.Context, h fleet.Host) int {
	d := f.c.Duration("timeout")
	ctx, cancel := context.WithTimeoutCause(ctx, d, fmt.Errorf("no end within %s (--timeout)", d))
	defer cancel()
	var stdout, stderr io.Writer
	if f.c.Bool("json") {
		kept := &[2]bytes.Buffer{}
		f.lock.Lock()
		f.output[h.Name] = kept
		f.lock.Unlock()
		stdout, stderr = &kept[0], &kept[1]
	} else {
		out := &fleet.Prefixer{Prefix: h.Name + ": ", To: f.c.App.Writer, Lock: &f.lock}
		errs := &fleet.Prefixer{Prefix: h.Name + ": ", To: f.c.App.ErrWriter, Lock: &f.lock}
		defer out.Close()
		defer errs.Close()
		stdout, stderr = out, errs
	}
	code, err := f.remote.Run(ctx, h.Name, f.line, stdout, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "%v\n", err)
	}
	return code
}

// hostDocument is the JSON form of a host.
type hostDocument struct {
	fleet.Result
	Stdout string `json:"stdout"`
	Stderr string `json:"stderr"`
}

func (f *fleetRun) summary(p fleet.Plan, results []fleet.Result) error {
	if f.c.Bool("json") {
		list := []hostDocument{}
		for _, r := range results {
			d := hostDocument{Result: r}
			if kept := f.output[r.Name]; kept != nil {
				d.Stdout, d.Stderr = kept[0].String(), kept[1].String()
			}
			list = append(list, d)
		}
		return commandline.PrintJSON(f.c, map[string]any{"selected": names(p.Run), "hosts": list, "left_out": slices.Concat([]fleet.Left{}, p.Left)})
	}
	good := 0
	for _, r := range results {
		switch {
		case r.Skipped != "":
			fmt.Fprintf(f.c.App.ErrWriter, "ngcp-ha: %s skipped: %s\n", r.Name, r.Skipped)
		case r.Code != 0:
			fmt.Fprintf(f.c.App.ErrWriter, "ngcp-ha: %s ended with %d after %.1f s\n", r.Name, r.Code, float64(r.DurationMS)/1000)
		default:
			good++
		}
	}
	if len(results) > 0 || len(p.Left) > 0 {
		fmt.Fprintf(f.c.App.ErrWriter, "ngcp-ha: %d of %d well, %d left out\n", good, len(results), len(p.Left))
	}
	return nil
}
