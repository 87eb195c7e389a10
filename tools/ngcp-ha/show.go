// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/crmsyntax"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/plainfile"
)

func showCommand() *cli.Command {
	return &cli.Command{
		Name:      "show",
		Usage:     "the cluster's configuration in the language of cluster.crm",
		ArgsUsage: "[ID...]",
		Description: "What \"crm configure show\" prints, on machines without crmsh too. Loading what it prints gives the same\n" +
			"configuration. With IDs only these objects (a node by its name).\n\n" +
			"Exit codes: 0 shown, 1 failed or no such object, 4 no cluster, 64 usage.\n\n" +
			"Examples:\n" +
			"   ngcp-ha show\n" +
			"   ngcp-ha show g_vips p_ping\n" +
			"   ngcp-ha show --cib cib.xml > cluster.crm",
		Flags:  []cli.Flag{cibFlag(), commandline.JSONFlag(), timeoutFlag(20 * time.Second)},
		Action: show,
	}
}

// shownObject is an object in JSON.
type shownObject struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Text string `json:"text"`
}

func show(c *cli.Context) error {
	ctx, cancel, err := bounded(c)
	if err != nil {
		return err
	}
	defer cancel()
	document, err := documentOf(ctx, c)
	if err != nil {
		return err
	}
	cfg, err := crmsyntax.Read(document)
	if err != nil {
		return err
	}
	statements := cfg.Statements()
	wanted := c.Args().Slice()
	for _, id := range wanted {
		if !slices.ContainsFunc(statements, func(s crmsyntax.Statement) bool { return slices.Contains(s.IDs, id) }) {
			return fmt.Errorf("show: there is no object %q; ngcp-ha show prints all", id)
		}
	}
	list := []shownObject{}
	var text strings.Builder
	for _, s := range statements {
		if len(wanted) > 0 && !slices.ContainsFunc(s.IDs, func(id string) bool { return slices.Contains(wanted, id) }) {
			continue
		}
		list = append(list, shownObject{s.Kind, s.IDs[0], s.Text})
		text.WriteString(s.Text + "\n")
	}
	if c.Bool("json") {
		return commandline.PrintJSON(c, list)
	}
	if _, err := fmt.Fprint(c.App.Writer, text.String()); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// documentOf is the CIB of --cib, or of the live cluster.
func documentOf(ctx context.Context, c *cli.Context) ([]byte, error) {
	if name := c.String("cib"); name != "" {
		text, err := plainfile.ReadGiven(name, cib.Limit)
		if err != nil {
			return nil, fmt.Errorf("reading the CIB: %w", err)
		}
		return text, nil
	}
	text, err := cib.Document(ctx, commandline.Environ(c))
	if errors.Is(err, cib.ErrNoCluster) || errors.Is(err, cib.ErrNoAnswer) {
		return nil, commandline.WithCode(exitNoCluster, err)
	}
	return text, err
}
