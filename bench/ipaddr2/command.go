// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"ocf-oci/lab"
)

// command is the program; it returns the exit code.
func command() int {
	bin := flag.String("bin", "build/bin", "the folder with the programs")
	turns := flag.Int("turns", 30, "measurements of each")
	asJSON := flag.Bool("json", false, "print JSON")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *bin, *turns, *asJSON); err != nil {
		fmt.Fprintln(os.Stderr, "bench/ipaddr2:", err)
		return 1
	}
	return 0
}

func run(ctx context.Context, bin string, turns int, asJSON bool) (err error) {
	if bin, err = filepath.Abs(bin); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "bringing a lab up")
	l, err := lab.Up(ctx, lab.Options{Name: fmt.Sprintf("bench-%d", os.Getpid()), Nodes: 2, Scenario: lab.Router, Bin: bin})
	if err != nil {
		return err
	}
	defer func() {
		down, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		if e := l.Down(down); err == nil {
			err = e
		}
	}()
	b := &bench{ctx: ctx, lab: l, turns: turns}
	if err := b.measure(); err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(os.Stdout).Encode(b.rows)
	}
	return b.print(os.Stdout)
}
