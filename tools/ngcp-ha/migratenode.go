// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os/signal"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/migration"
	"ocf-oci/internal/migration/machine"
)

// migrateNodeCommand is what migrate calls on the peer by ssh; nobody else should.
func migrateNodeCommand() *cli.Command {
	return &cli.Command{
		Name: "migrate-node", Usage: "the peer's part of migrate", Hidden: true,
		Subcommands: []*cli.Command{
			{Name: "facts", Usage: "what this node knows of itself, as JSON", Action: nodeFacts},
			{Name: "carry", Usage: "carry out the order on standard input", Action: nodeCarry},
			{Name: "echo", Usage: "answer on corosync's port until standard input ends", Action: nodeEcho},
		},
	}
}

func nodeFacts(c *cli.Context) error {
	var q migration.Question
	if err := json.NewDecoder(c.App.Reader).Decode(&q); err != nil {
		return fmt.Errorf("read the question: %w", err)
	}
	m, err := machine.Open(commandline.Environ(c))
	if err != nil {
		return err
	}
	f, err := m.Facts(c.Context, q)
	if err != nil {
		return err
	}
	return commandline.PrintJSON(c, f)
}

// nodeCarry finishes its order even when the connection is lost: half a step helps nobody.
func nodeCarry(c *cli.Context) error {
	signal.Ignore(syscall.SIGHUP, syscall.SIGPIPE)
	out := json.NewEncoder(c.App.Writer)
	say := func(m migration.Message) { _ = out.Encode(m) } // nobody may listen any more
	var o migration.Order
	if err := json.NewDecoder(c.App.Reader).Decode(&o); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	m, err := machine.Open(commandline.Environ(c))
	if err == nil {
		err = m.Carry(context.WithoutCancel(c.Context), o, func(e string) { say(migration.Message{Event: e}) })
	}
	if err != nil {
		say(migration.Message{Error: err.Error()})
		return commandline.Exit(commandline.Failed)
	}
	say(migration.Message{Done: true})
	return nil
}

func nodeEcho(c *cli.Context) error {
	a, err := netip.ParseAddr(c.Args().First())
	if err != nil {
		return commandline.Usagef("echo: %v", err)
	}
	ctx, cancel := context.WithTimeout(c.Context, 20*time.Second)
	defer cancel()
	go func() { // the end of standard input is the end of the questions, also when the connection is lost
		_, _ = io.Copy(io.Discard, c.App.Reader)
		cancel()
	}()
	return migration.ServeEcho(ctx, a, func() { fmt.Fprintln(c.App.Writer, "ready") })
}
