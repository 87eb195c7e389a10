// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/lab"
	"ocf-oci/lab/region/control"
)

func viewCommands() []*cli.Command {
	return []*cli.Command{
		{
			Name: "status", Category: "views", Usage: "show machines, addresses and the region",
			Description: "Every floating address in four views: who holds it in the region's books, where the network delivers its\n" +
				"packets, which operating systems carry it, and where pacemaker thinks it is. \"agree\" means one holder in all of\n" +
				"them; machines that are cut or frozen are not asked until they are back. \"moving\": pacemaker or the network is at\n" +
				"work on it. \"stopped\" and \"DISAGREE\" say why, where that can be told.\n\n" +
				"EXAMPLES:\n   ocf-lab status\n   ocf-lab status --wait 60s\n   ocf-lab status --json | jq .agree",
			Flags: []cli.Flag{
				nameFlag(), jsonFlag(),
				&cli.DurationFlag{Name: "wait", Usage: "wait for at most `D` until the views agree on every address that pacemaker manages, of which there must be one"},
			},
			Action: status,
		},
		{
			Name: "owner", Category: "views", Usage: "show who holds an address in the region", ArgsUsage: "ADDRESS",
			Description: "EXAMPLES:\n   ocf-lab owner 10.0.0.100\n   ocf-lab owner 10.0.0.100 --json",
			Flags:       []cli.Flag{nameFlag(), jsonFlag()}, Action: owner,
		},
		{
			Name: "calls", Category: "views", Usage: "show the calls that the region saw",
			Description: "Refused connections are counted too. What a fault did is in the last column.\n\n" +
				"EXAMPLES:\n   ocf-lab calls --since 1m\n   ocf-lab calls --json | jq -r '.calls[].operation' | sort | uniq -c",
			Flags:  []cli.Flag{nameFlag(), jsonFlag(), &cli.DurationFlag{Name: "since", Usage: "only those of the last `D`"}},
			Action: calls,
		},
	}
}

// ownerDocument and callsDocument are what --json prints.
type ownerDocument struct {
	Schema int `json:"schema"`
	control.Owner
}

type callsDocument struct {
	Schema int            `json:"schema"`
	Calls  []control.Call `json:"calls"`
}

func status(c *cli.Context) error {
	if err := noArgs(c); err != nil {
		return err
	}
	l, err := open(c)
	if err != nil {
		return err
	}
	s, err := look(c, l)
	if s.Schema == 0 { // nobody answered
		return err
	}
	if c.Bool("json") {
		return errors.Join(printJSON(c, s), err)
	}
	return errors.Join(printStatus(c.App.Writer, s), err)
}

// look asks for the status, with --wait until the views agree; the last one comes with the error that they do not.
func look(c *cli.Context, l *lab.Lab) (lab.Status, error) {
	limit := c.Duration("wait")
	if limit <= 0 {
		return l.Status(c.Context)
	}
	ctx, cancel := context.WithTimeoutCause(c.Context, limit, fmt.Errorf("not within %v", limit))
	defer cancel()
	done := patience(c, "waiting until the views agree")
	defer done()
	return l.WaitAgree(ctx)
}

func printStatus(out io.Writer, s lab.Status) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "NODE\tSTATE\tPACEMAKER\tADDRESSES\n")
	for _, n := range s.Nodes {
		state := n.Up
		if n.Cut {
			state += ", cut"
		}
		var os []string
		for _, a := range n.OS {
			os = append(os, a.Device+" "+a.Address.String())
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", n.Name, state, describeView(n), strings.Join(os, ", "))
	}
	fmt.Fprintf(w, "\nADDRESS\tREGION\tNETWORK\tSYSTEMS\tPACEMAKER\tVERDICT\n")
	for _, a := range s.Addresses {
		region := orDash(a.Region)
		if s.Region == nil {
			region = "no cloud"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", a.Address, region, orDash(a.Fabric),
			orDash(strings.Join(a.OS, ",")), orDash(strings.Join(a.Pacemaker, ",")), a.Verdict)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	if r := s.Region; r != nil {
		fmt.Fprintf(out, "\nregion %s: %d calls, latency %v, propagation %v", r.Region, r.Calls, time.Duration(r.Latency), time.Duration(r.Propagation))
		if r.Limit > 0 {
			fmt.Fprintf(out, ", limit %d requests a second", r.Limit)
		}
		fmt.Fprintln(out)
		for _, f := range r.Faults {
			fmt.Fprintf(out, "fault %d: %s (struck %d times)\n", f.ID, describe(f), f.Hits)
		}
		for _, e := range r.Errors {
			fmt.Fprintf(out, "network: %s\n", e)
		}
	}
	for _, p := range s.Partitions {
		fmt.Fprintf(out, "partition: %s | %s\n", strings.Join(p[0], ","), strings.Join(p[1], ","))
	}
	return nil
}

// describeView is pacemaker in one word or two.
func describeView(n lab.NodeStatus) string {
	p := n.Pacemaker
	switch {
	case n.Host:
		return "(host)"
	case !p.Running:
		return "-"
	case p.DC == "":
		return "no coordinator"
	case !p.Quorum:
		return fmt.Sprintf("no quorum, sees %s", strings.Join(p.Online, ","))
	}
	return fmt.Sprintf("DC %s, %d online", p.DC, len(p.Online))
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func owner(c *cli.Context) error {
	args, err := arguments(c)
	if err != nil {
		return err
	}
	if len(args) != 1 {
		return commandline.Usagef("owner: give one address, such as 10.0.0.100")
	}
	ip, err := netip.ParseAddr(args[0])
	if err != nil {
		return commandline.Usagef("owner: %q is no address; give one such as 10.0.0.100", args[0])
	}
	l, err := open(c)
	if err != nil {
		return err
	}
	o, err := l.Region().Owner(c.Context, ip)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c, ownerDocument{lab.Schema, o})
	}
	holder := "nobody"
	if o.Node != "" {
		holder = o.Node + " " + o.NIC
	}
	fmt.Fprintf(c.App.Writer, "%s is held by %s\n", ip, holder)
	if o.Dataplane != o.Node {
		fmt.Fprintf(c.App.Writer, "the network still delivers to %s\n", orDash(o.Dataplane))
	}
	return nil
}

func calls(c *cli.Context) error {
	if err := noArgs(c); err != nil {
		return err
	}
	l, err := open(c)
	if err != nil {
		return err
	}
	var since time.Time
	if d := c.Duration("since"); d > 0 {
		since = time.Now().Add(-d)
	}
	list, err := l.Region().Calls(c.Context, since)
	if err != nil {
		return err
	}
	if list == nil {
		list = []control.Call{}
	}
	if c.Bool("json") {
		return printJSON(c, callsDocument{lab.Schema, list})
	}
	w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TIME\tNODE\tSERVICE\tOPERATION\tSTATUS\tTOOK\tOUTCOME")
	for _, call := range list {
		result := "-"
		if call.Status != 0 {
			result = strings.TrimSpace(fmt.Sprint(call.Status, " ", call.Code))
		}
		outcome := call.Outcome
		if len(call.Faults) > 0 {
			outcome += " (" + strings.Join(call.Faults, ", ") + ")"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%.0fms\t%s\n", call.Time.Local().Format("15:04:05.000"), orDash(call.Node), call.Service,
			call.Operation, result, float64(time.Duration(call.Duration))/float64(time.Millisecond), outcome)
	}
	return w.Flush()
}
