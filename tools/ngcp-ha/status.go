// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/ngcpha/picture"
)

func statusCommand() *cli.Command {
	return &cli.Command{
		Name:  "status",
		Usage: "nodes, groups, clones, where everything runs, and what should not be overlooked",
		Description: "The same picture from every node. Below it, marked with !!, stands what needs attention, each with the line that\n" +
			"mends it: nodes banned by fail counts, constraints that moves left behind, standby, maintenance, lost quorum.\n\n" +
			"Exit codes: 0 shown, 1 failed, 4 no cluster, 64 usage.\n\n" +
			"Examples:\n" +
			"   ngcp-ha status\n" +
			"   ngcp-ha status --watch\n" +
			"   ngcp-ha status --json | jq -r '.warnings[].text'\n" +
			"   ngcp-ha status --cib cib.xml            a cluster from elsewhere",
		Flags: []cli.Flag{
			commandline.JSONFlag(), cibFlag(), timeoutFlag(30 * time.Second),
			&cli.BoolFlag{Name: "watch", Usage: "again and again, until interrupted"},
			&cli.DurationFlag{Name: "interval", Usage: "pause of --watch", Value: time.Second},
		},
		Action: status,
	}
}

func status(c *cli.Context) error {
	if err := commandline.NoArgs(c); err != nil {
		return err
	}
	if c.Duration("interval") <= 0 {
		return commandline.Usagef("status: --interval must be positive")
	}
	for {
		p, err := draw(c)
		if !c.Bool("watch") {
			if err != nil {
				return err
			}
			return showPicture(c, p)
		}
		if c.Context.Err() != nil {
			return nil
		}
		if err := repaint(c, p, err); err != nil {
			return err
		}
		select {
		case <-c.Context.Done():
			return nil
		case <-time.After(c.Duration("interval")):
		}
	}
}

func draw(c *cli.Context) (picture.Picture, error) {
	ctx, cancel, err := bounded(c)
	if err != nil {
		return picture.Picture{}, err
	}
	defer cancel()
	s, err := settingsOf(c)
	if err != nil {
		return picture.Picture{}, err
	}
	return drawn(ctx, c, s.PingAttribute)
}

func drawn(ctx context.Context, c *cli.Context, ping string) (picture.Picture, error) {
	config, err := configurationOf(ctx, c)
	if err != nil {
		return picture.Picture{}, err
	}
	state, err := stateOf(ctx, c)
	if err != nil {
		return picture.Picture{}, err
	}
	return picture.Draw(config, state, ping, time.Now())
}

func showPicture(c *cli.Context, p picture.Picture) error {
	if c.Bool("json") {
		return commandline.PrintJSON(c, p)
	}
	p.Write(c.App.Writer)
	return nil
}

// repaint shows the picture, or why there is none, in the place of the last one. What is drawn goes out in one piece, so
// that nothing flickers.
func repaint(c *cli.Context, p picture.Picture, failed error) error {
	if c.Bool("json") {
		if failed != nil {
			return commandline.PrintJSON(c, map[string]string{"error": failed.Error()})
		}
		return commandline.PrintJSON(c, p)
	}
	var b bytes.Buffer
	if failed != nil {
		fmt.Fprintf(&b, "ngcp-ha: %v\n", failed)
	} else {
		p.Write(&b)
	}
	// ECMA-48: home; then each line erased to its end, and the screen below the last one.
	screen := bytes.ReplaceAll(b.Bytes(), []byte("\n"), []byte("\033[K\n"))
	_, err := fmt.Fprintf(c.App.Writer, "\033[H%s\033[J", screen)
	return err
}
