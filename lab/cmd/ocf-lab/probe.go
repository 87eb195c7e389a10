// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/lab"
	"ocf-oci/lab/probe"
)

// columns explains the report.
const columns = "SENT   packets whose answer is due; LOST of them had none\n" +
	"GAP    the longest time without an answer\n" +
	"STALL  the longest time in which the recorder itself sent nothing: a GAP of that length is not the network's\n" +
	"RTT    the median time until the answer\n\n"

func probeCommands() []*cli.Command {
	return []*cli.Command{{
		Name: "probe", Category: "views", Usage: "the packet recorder",
		Description: "Sends echo requests at equal distances from the hosts, and says which were not answered and for how long.\n\n" +
			"EXAMPLES:\n   ocf-lab probe start\n   ocf-lab crash vrouter1\n   ocf-lab probe report\n   ocf-lab probe stop",
		Subcommands: []*cli.Command{
			{
				Name: "start", Usage: "begin to send and record echo requests",
				Description: "Without --stream those of the scenario (router: to_address from isv to 10.0.0.100, through_router from isv\n" +
					"to pod, through_router_back from pod to isv). It goes on until probe stop or down.\n\n" +
					"EXAMPLES:\n   ocf-lab probe start\n   ocf-lab probe start --interval 20ms --stream v6=isv:2001:db8:0:10::100",
				Flags: []cli.Flag{
					nameFlag(),
					&cli.DurationFlag{Name: "interval", Value: lab.DefaultInterval, Usage: "`D` between packets of a stream"},
					&cli.StringSliceFlag{Name: "stream", Usage: "`NAME=HOST:ADDRESS`; may be repeated"},
				},
				Action: probeStart,
			},
			{
				Name: "stop", Usage: "stop, and print the report",
				Description: columns + "EXAMPLES:\n   ocf-lab probe stop\n   ocf-lab probe stop --json",
				Flags:       []cli.Flag{nameFlag(), jsonFlag()},
				Action: func(c *cli.Context) error {
					if err := noArgs(c); err != nil {
						return err
					}
					l, err := open(c)
					if err != nil {
						return err
					}
					running, err := l.Probing()
					if err != nil {
						return err
					}
					rep, err := l.StopProbe(c.Context)
					if err != nil {
						return err
					}
					if !running {
						fmt.Fprintln(c.App.ErrWriter, "no recorder is running; the last report:")
					}
					return printReport(c, rep)
				},
			},
			{
				Name: "report", Usage: "print what was sent and lost so far",
				Description: columns +
					"EXAMPLES:\n   ocf-lab probe report\n   ocf-lab probe report --since 30s --json\n   ocf-lab probe report --series --json",
				Flags: []cli.Flag{
					nameFlag(), jsonFlag(),
					&cli.DurationFlag{Name: "since", Usage: "only what was sent in the last `D`"},
					&cli.BoolFlag{Name: "series", Usage: "every packet (with --json)"},
				},
				Action: func(c *cli.Context) error {
					if err := noArgs(c); err != nil {
						return err
					}
					l, err := open(c)
					if err != nil {
						return err
					}
					var w probe.Window
					if d := c.Duration("since"); d > 0 {
						w.From = time.Now().Add(-d)
					}
					rep, err := l.ReportProbe(w, c.Bool("series"))
					if err != nil {
						return err
					}
					return printReport(c, rep)
				},
			},
			{
				Name: "record", Hidden: true, Usage: "a recorder; started by probe start",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "dir", Required: true}, &cli.StringFlag{Name: "host", Required: true},
					&cli.DurationFlag{Name: "interval", Required: true}, &cli.StringSliceFlag{Name: "stream", Required: true},
				},
				Action: func(c *cli.Context) error {
					streams, err := parseStreams(c)
					if err != nil {
						return err
					}
					return probe.Record(c.Context, c.String("dir"), c.String("host"), c.Duration("interval"), streams)
				},
			},
		},
	}}
}

func parseStreams(c *cli.Context) ([]lab.Stream, error) {
	var streams []lab.Stream
	for _, text := range c.StringSlice("stream") {
		s, err := lab.ParseStream(text)
		if err != nil {
			return nil, commandline.Usagef("%w", err)
		}
		streams = append(streams, s)
	}
	return streams, nil
}

func probeStart(c *cli.Context) error {
	if err := noArgs(c); err != nil {
		return err
	}
	if d := c.Duration("interval"); d < time.Millisecond {
		return commandline.Usagef("probe start: interval %v is below 1ms", d)
	}
	streams, err := parseStreams(c)
	if err != nil {
		return err
	}
	l, err := open(c)
	if err != nil {
		return err
	}
	if err := l.StartProbe(c.Context, c.Duration("interval"), streams...); err != nil {
		return err
	}
	if len(streams) == 0 {
		streams = l.Topology().Streams
	}
	var what []string
	for _, s := range streams {
		what = append(what, fmt.Sprintf("%s (%s to %s)", s.Name, s.Host, s.To))
	}
	fmt.Fprintf(c.App.Writer, "recording, a packet every %v: %s\n", c.Duration("interval"), strings.Join(what, ", "))
	return nil
}

func printReport(c *cli.Context, rep lab.ProbeReport) error {
	if c.Bool("json") {
		return printJSON(c, rep)
	}
	return writeReport(c.App.Writer, rep)
}

func writeReport(out io.Writer, rep lab.ProbeReport) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "STREAM\tFROM\tTO\tSENT\tLOST\tGAP\tSTALL\tRTT")
	for _, s := range rep.Streams {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%.0fms\t%.0fms\t%.2fms\n", s.Name, s.Host, s.To, s.Sent, s.Lost, s.GapMS, s.StallMS, s.MedianRTT)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}
