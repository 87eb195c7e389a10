// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/sys/unix"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/migration"
	"ocf-oci/internal/migration/machine"
)

func migrateCommand() *cli.Command {
	return &cli.Command{
		Name:  "migrate",
		Usage: "move this pair from Heartbeat to corosync and pacemaker, or back (classic name: ngcp-migrate-ha-crm)",
		Description: "Run it on the standby node. First everything is checked, without changing anything; then it asks, unless the\n" +
			"environment has FORCE=yes; then this node goes through eight steps, and after it the peer, by ssh. The addresses\n" +
			"are handed over once, and are on one node at any time. If it is interrupted, run it again: it goes on where it\n" +
			"was; or turn round with --rollback.\n\n" +
			"Exit codes: 0 done, 1 failed (the message says where; run it again or roll back), 2 refused by the checks, 64 usage.\n\n" +
			"Examples:\n" +
			"   ngcp-ha migrate --check                      the checks only\n" +
			"   FORCE=yes ngcp-ha migrate                    without a question\n" +
			"   ngcp-ha migrate --rollback\n" +
			"   ngcp-ha migrate --rollback --local-only      the peer is dead\n" +
			"   ngcp-ha migrate --merge-config               when all pairs of a carrier system are migrated",
		Flags: []cli.Flag{
			commandline.JSONFlag(),
			&cli.BoolFlag{Name: "rollback", Usage: "go back to Heartbeat, from wherever the pair is"},
			&cli.BoolFlag{Name: "local-only", Usage: "change this node only, since the peer is dead; it must stay off the network until it is changed too"},
			&cli.BoolFlag{Name: "check", Usage: "only check, and change nothing"},
			&cli.BoolFlag{Name: "merge-config", Usage: "move ha.gcs and ha.crm from the pairs' files into config.yml"},
			&cli.StringFlag{Name: "peer", Usage: "`HOST` name of the other node (default: by ha.cf)"},
		},
		Action: migrate,
	}
}

func migrate(c *cli.Context) error {
	if err := commandline.NoArgs(c); err != nil {
		return err
	}
	if c.Bool("merge-config") {
		return mergeConfig(c)
	}
	if os.Geteuid() != 0 {
		return fmt.Errorf("migrate: only root can do that")
	}
	m, err := machine.Open(commandline.Environ(c))
	if err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(c.Context, 2*time.Second)
	unlock, err := m.Store().Lock(wait, "lead")
	cancel()
	if err != nil {
		return err
	}
	defer unlock()
	s := &session{c: c, machine: m, direction: migration.Forward, alone: c.Bool("local-only")}
	if c.Bool("rollback") {
		s.direction = migration.Backward
	}
	if s.before, err = m.Store().Run(); err != nil {
		return err
	}
	if err := s.look(c.Context); err != nil {
		return err
	}
	refused := migration.Refused(s.findings)
	if c.Bool("check") || refused {
		if err := s.print(nil, nil); err != nil {
			return err
		}
		if refused {
			fmt.Fprintln(c.App.ErrWriter, "ngcp-ha: refused: nothing was changed")
			return commandline.Exit(exitRefused)
		}
		return nil
	}
	if !c.Bool("json") {
		s.table(c.App.Writer)
	}
	if err := s.confirm(); err != nil {
		return err
	}
	return s.lead(c.Context)
}

// session is one call of migrate.
type session struct {
	c         *cli.Context
	machine   *machine.Machine
	direction migration.Direction
	alone     bool
	before    migration.Run
	remote    *migration.Remote
	here      migration.Facts
	there     migration.Facts
	findings  []migration.Finding
	peer      string
	gap       time.Duration // nobody had the addresses
	mu        sync.Mutex
}

// look collects the facts of both nodes and judges them.
func (s *session) look(ctx context.Context) error {
	var err error
	s.peer = strings.ToLower(s.c.String("peer"))
	if s.peer == "" {
		if s.peer, err = s.machine.Peer(); err != nil && !s.alone {
			return err
		}
	}
	q := migration.Question{Direction: s.direction}
	if s.here, err = s.machine.Facts(ctx, q); err != nil {
		return err
	}
	continued := s.before.Unfinished() || s.alone && s.here.Journal.Begun() && !s.here.Journal.Complete()
	var link migration.Link
	if s.alone {
		short, cancel := context.WithTimeout(ctx, 15*time.Second)
		defer cancel()
		link.Reachable = s.peer != "" && migration.TrySSH(short, commandline.Environ(s.c), s.peer) == nil
		s.findings = migration.Preflight(s.direction, s.here, nil, link, continued)
		return nil
	}
	if s.remote, err = migration.NewRemote(ctx, commandline.Environ(s.c), s.peer); err != nil {
		s.findings = []migration.Finding{{Level: migration.Fail, Check: "ssh", Node: s.here.Node,
			Text: fmt.Sprintf("%v. If the peer is dead, use --local-only", err)}}
		return nil
	}
	begun := time.Now()
	if s.there, err = s.remote.Facts(ctx, migration.Question{Direction: s.direction, Peer: s.machine.Name()}); err != nil {
		return err
	}
	if d := time.Until(s.there.Time); d > 0 {
		link.Skew = d
	} else if d := begun.Sub(s.there.Time); d > 0 {
		link.Skew = d
	}
	if s.direction == migration.Forward && !s.there.Pacemaker.Active && !s.here.Pacemaker.Active {
		link.UDP = s.probe(ctx)
	}
	s.findings = migration.Preflight(s.direction, s.here, &s.there, link, continued)
	return nil
}

// probe tries corosync's port to the peer and back.
func (s *session) probe(ctx context.Context) map[int]error {
	addresses, err := s.machine.HAAddresses()
	to, ok := addresses[s.peer]
	if err != nil || !ok {
		return nil // translation says why
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var result map[int]error
	err = s.remote.Echo(ctx, to.String(), func() {
		result = migration.ProbeUDP(to)
	})
	if result == nil {
		return map[int]error{0: fmt.Errorf("the peer could not listen: %w", err)}
	}
	return result
}

// confirm asks on a terminal. Without one, and without FORCE, it refuses.
func (s *session) confirm() error {
	switch v, _ := lookup(commandline.Environ(s.c), "FORCE"); strings.ToLower(v) {
	case "", "no", "0", "false", "n":
	default:
		return nil
	}
	in, ok := s.c.App.Reader.(*os.File)
	if ok {
		_, err := unix.IoctlGetTermios(int(in.Fd()), unix.TCGETS)
		ok = err == nil
	}
	if !ok {
		fmt.Fprintln(s.c.App.ErrWriter, "ngcp-ha: refused: nobody can be asked, since standard input is no terminal. Set FORCE=yes to go on without a question (the checks stay)")
		return commandline.Exit(exitRefused)
	}
	fmt.Fprintf(s.c.App.ErrWriter, "%s\nGo on? (yes/no) ", s.intention())
	answer, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the answer: %w", err)
	}
	if a := strings.ToLower(strings.TrimSpace(answer)); a != "yes" && a != "y" {
		fmt.Fprintln(s.c.App.ErrWriter, "ngcp-ha: nothing was changed")
		return commandline.Exit(exitRefused)
	}
	return nil
}

func lookup(env []string, name string) (string, bool) {
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v, true
		}
	}
	return "", false
}

// intention says what is about to happen.
func (s *session) intention() string {
	to := map[migration.Direction]string{migration.Forward: "corosync and pacemaker", migration.Backward: "Heartbeat"}[s.direction]
	who := fmt.Sprintf("This node (%s), then its peer (%s), will be moved to %s. The services are handed over once.", s.machine.Name(), s.peer, to)
	if s.alone {
		who = fmt.Sprintf("This node (%s) alone will be moved to %s. If it is active, its services are down meanwhile.", s.machine.Name(), to)
	}
	if s.before.Unfinished() {
		who = fmt.Sprintf("A run (%s) was interrupted at %q. ", s.before.Direction, s.before.Where) + who
	}
	return who
}

// lead carries the plan out.
func (s *session) lead(ctx context.Context) error {
	first, second, situation := migration.Judge(s.direction, s.before, s.machine.Name(), s.peer, s.here.Journal, s.there.Journal, s.alone)
	l := migration.Lead{Store: s.machine.Store(), First: s.machine, Log: s.log, Run: migration.Run{Direction: s.direction, First: first, Second: second, Begun: time.Now()}}
	if !s.alone {
		l.Second = s.remote
		if first != s.machine.Name() {
			l.First, l.Second = s.remote, s.machine
		}
	}
	done, err := l.Go(ctx, migration.Plan(situation))
	s.gap = l.Gap
	if perr := s.print(done, err); perr != nil {
		return errors.Join(err, perr)
	}
	if err == nil {
		return nil
	}
	advice := ""
	if errors.Is(err, migration.ErrLost) {
		advice = fmt.Sprintf("If %s is dead: the same with --local-only. Else ", s.peer)
	}
	advice += "run it again to go on, or with --rollback (without it) to turn round"
	return commandline.WithCode(commandline.Failed, fmt.Errorf("%w\n%s; what is saved is in %s", err, advice, migration.Dir))
}

func (s *session) log(node, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.c.App.Writer
	if s.c.Bool("json") {
		w = s.c.App.ErrWriter
	}
	fmt.Fprintf(w, "%s %s %s\n", time.Now().Format("15:04:05.000"), node, text)
}

// table prints the findings, the bad ones last, where the eye is.
func (s *session) table(w io.Writer) {
	order := []migration.Level{migration.Pass, migration.Warn, migration.Fail}
	sorted := slices.Clone(s.findings)
	slices.SortStableFunc(sorted, func(a, b migration.Finding) int { return slices.Index(order, a.Level) - slices.Index(order, b.Level) })
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range sorted {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", f.Level, f.Check, f.Node, f.Text)
	}
	_ = t.Flush()
}

// print is the summary, or the table alone.
func (s *session) print(done []migration.Outcome, err error) error {
	if s.c.Bool("json") {
		failed := ""
		if err != nil {
			failed = err.Error()
		}
		return commandline.PrintJSON(s.c, map[string]any{"direction": s.direction, "findings": s.findings, "actions": done, "gap_seconds": s.gap.Seconds(), "error": failed})
	}
	if done == nil {
		s.table(s.c.App.Writer)
		return nil
	}
	total := 0.0
	for _, o := range done {
		total += o.Seconds
	}
	word := "done"
	if err != nil {
		word = "stopped"
	}
	fmt.Fprintf(s.c.App.Writer, "%s: %d actions in %.0f s\n", word, len(done), total)
	if s.gap > 0 {
		fmt.Fprintf(s.c.App.Writer, "The addresses were handed over in %.1f s.\n", s.gap.Seconds())
	}
	if err == nil && s.direction == migration.Forward && s.here.Node != "" {
		fmt.Fprintf(s.c.App.Writer, "The way back: ngcp-ha migrate --rollback on the standby node. On a carrier system, merge the settings when all pairs are done: ngcp-ha migrate --merge-config\n")
	}
	return nil
}

func mergeConfig(c *cli.Context) error {
	merged, err := machine.MergeConfig()
	if err != nil {
		return commandline.WithCode(commandline.Failed, err)
	}
	if c.Bool("json") {
		return commandline.PrintJSON(c, map[string]any{"merged": merged})
	}
	fmt.Fprintf(c.App.Writer, "config.yml: ha.gcs corosync, ha.crm pacemaker; taken out of %s\n", strings.Join(merged, ", "))
	return nil
}
