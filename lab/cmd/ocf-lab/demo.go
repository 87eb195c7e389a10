// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/urfave/cli/v2"
	"golang.org/x/sys/unix"

	"ocf-oci/lab/demo"
)

func demoCommand() *cli.Command {
	return &cli.Command{
		Name: "demo", Category: "life", Usage: "watch a floating address move, on a lab of its own",
		Description: "Brings up a lab with three virtual routers, sets the cluster up with pcs, and sends a packet every 5 ms to the\n" +
			"floating address and through the routers while the resource is moved, the cloud's API fails, and the active\n" +
			"node loses its power and comes back. Takes about two minutes; Ctrl-C ends it. The lab is removed in any case.\n\n" +
			"Writes FOLDER/report.html and FOLDER/report.json. Exit status 0: the promises held (nothing lost by the planned\n" +
			"move, the brown-out and the return; served again after the crash); 1: they did not, or it could not be done.\n\n" +
			"EXAMPLES:\n" +
			"   ocf-lab demo\n" +
			"   ocf-lab demo --out /tmp/demo --keep\n" +
			"   ocf-lab demo --json | jq '.events[] | {name, lost: .to_address.lost}'",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Value: filepath.Join("build", "demo"), Usage: "`FOLDER` for the reports"},
			&cli.BoolFlag{Name: "keep", Usage: "leave the lab running at the end"},
			&cli.BoolFlag{Name: "json", Usage: "print report.json (schema: lab/schema); progress goes to standard error"},
			&cli.StringFlag{Name: "bin", Hidden: true, Usage: "`FOLDER` with the programs to install in the nodes (default: that of ocf-lab)"},
		},
		Action: runDemo,
	}
}

func runDemo(c *cli.Context) error {
	if err := noArgs(c); err != nil {
		return err
	}
	// The lab must be taken down whoever hangs up or stops reading.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(c.Context, syscall.SIGHUP)
	defer stop()
	out := c.App.Writer
	if c.Bool("json") {
		out = c.App.ErrWriter
	}
	width, tty := terminal(out)
	style := demo.Style{Width: width, Colour: tty && os.Getenv("NO_COLOR") == ""}
	dir := c.String("out")
	if err := demo.Clear(dir); err != nil {
		return err
	}
	o, err := demo.Run(ctx, demo.Options{Progress: out, Live: tty, Style: style, Keep: c.Bool("keep"), Bin: c.String("bin")})
	if ctx.Err() != nil {
		return errors.Join(errors.New("interrupted; no report was written"), unlessCanceled(err))
	}
	if len(o.Recording.Streams) > 0 {
		fmt.Fprintf(out, "\n%s\n%s", demo.Timeline(o, style), demo.Summary(o, style))
	}
	files, werr := demo.Write(dir, o)
	err = errors.Join(err, werr)
	for _, f := range files {
		fmt.Fprintln(out, f)
	}
	if c.Bool("json") {
		err = errors.Join(err, o.Report.WriteJSON(c.App.Writer))
	}
	if broken := demo.Check(o); err == nil && len(broken) > 0 {
		err = fmt.Errorf("the demo's promises did not hold: %s", broken[0])
		if len(broken) > 1 {
			err = fmt.Errorf("%w (and %d more, see above)", err, len(broken)-1)
		}
	}
	return err
}

// unlessCanceled drops errors that only say that the demo was interrupted.
func unlessCanceled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// terminal tells the width of what is written to, and whether it is a terminal.
func terminal(w io.Writer) (width int, tty bool) {
	f, ok := w.(*os.File)
	if !ok {
		return 112, false
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 112, false
	}
	return max(60, int(size.Col)), os.Getenv("TERM") != "dumb"
}
