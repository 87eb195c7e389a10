// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/crmreload"
	"ocf-oci/internal/crmreload/loader"
	"ocf-oci/internal/crmsyntax"
	"ocf-oci/internal/ocfagent"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/plainfile"
)

// ocfRoot is where resource agents are installed.
const ocfRoot = crmsyntax.OCFRoot("/usr/lib/ocf")

func crmReloadCommand() *cli.Command {
	return &cli.Command{
		Name:      "crm-reload",
		Usage:     "load cluster.crm without ever losing the cluster (classic name: ngcp-ha-crm-reload)",
		ArgsUsage: "[FILE]",
		Description: "Reads FILE (/etc/pacemaker/cluster.crm, or as the settings say; - is stdin), checks it against the schema and the\n" +
			"scheduler, says what pacemaker would do with it, and replaces the configuration in one step, in maintenance mode,\n" +
			"which then ends as it was before. Nothing is written when the file means what the cluster has already, when anything in it is wrong, or\n" +
			"when running resources would stop or move (--allow-stop). Kept are node standby and utilization, properties that\n" +
			"pacemaker owns, tickets, ACLs, and temporary cli-* constraints.\n\n" +
			"May be called on both nodes at once, and as a template's postbuild hook: where pacemaker is not installed or is\n" +
			"stopped there is nothing to do.\n\n" +
			"Exit codes: 0 loaded, or nothing to do; 1 failed; 2 the file is invalid; 3 refused, since it would stop or move\n" +
			"resources; 4 pacemaker runs but does not answer; 64 usage. With --check: 0 same, 1 differs, 2 invalid,\n" +
			"4 not compared.\n\n" +
			"Examples:\n" +
			"   ngcp-ha crm-reload --dry-run              what would change, and what would restart\n" +
			"   ngcp-ha crm-reload                        load it\n" +
			"   ngcp-ha crm-reload --check --cib cib.xml cluster.crm    in CI, without a cluster\n" +
			"   ngcp-ha crm-reload --undo --allow-stop    back to the configuration before the last reload",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "check", Usage: "only compare: exit code 0 same, 1 differs, 2 invalid, 4 not compared"},
			&cli.BoolFlag{Name: "diff", Usage: "only print the differences"},
			&cli.BoolFlag{Name: "dry-run", Aliases: []string{"n"}, Usage: "only print the differences and what pacemaker would do"},
			&cli.BoolFlag{Name: "undo", Usage: "load the configuration that was there before the last reload on this node"},
			&cli.BoolFlag{Name: "allow-stop", Usage: "load although running resources stop or move"},
			&cli.StringFlag{Name: "moves", Usage: "`WHAT` becomes of temporary cli-* constraints: keep or drop", Value: string(crmreload.KeepMoves)},
			cibFlag(), commandline.JSONFlag(),
			&cli.DurationFlag{Name: "timeout", Usage: "wait at most `D` for pacemaker to settle, and for a reload on the other node", Value: time.Minute},
		},
		Action: crmReload,
	}
}

func crmReload(c *cli.Context) error {
	call, err := reloadCallOf(c)
	if err != nil {
		return err
	}
	report, err := call.do(c)
	if c.Bool("dry-run") && err == nil && report.Outcome == loader.Differs && len(report.Because) > 0 && !call.loader.AllowStop {
		report.Outcome = loader.Refused
	}
	code := exitCodeOf(report.Outcome, c.Bool("check"))
	switch {
	case errors.Is(err, cib.ErrNoAnswer) && report.Outcome == "", err != nil && c.Bool("check"): // nothing was begun
		code = exitNoCluster
	case err != nil:
		code = commandline.Failed
	}
	if c.Bool("json") {
		if printErr := commandline.PrintJSON(c, reloadJSON(call.file, report, code, err)); printErr != nil {
			return printErr
		}
	} else {
		printReload(c.App.Writer, c.App.ErrWriter, call, report)
	}
	if err != nil {
		return commandline.WithCode(code, err)
	}
	if code != 0 {
		return commandline.Exit(code)
	}
	return nil
}

// reloadCall is a command line that makes sense.
type reloadCall struct {
	file   string
	load   bool // else only look
	undo   bool
	source loader.Source
	loader loader.Loader
}

func reloadCallOf(c *cli.Context) (reloadCall, error) {
	s, err := settingsOf(c)
	if err != nil {
		return reloadCall{}, err
	}
	call := reloadCall{file: s.ClusterCRM, undo: c.Bool("undo")}
	looks := 0
	for _, name := range []string{"check", "diff", "dry-run"} {
		if c.Bool(name) {
			looks++
		}
	}
	call.load = looks == 0
	moves := crmreload.Moves(c.String("moves"))
	switch {
	case c.NArg() > 1:
		return call, commandline.Usagef("crm-reload: unexpected %q; see ngcp-ha crm-reload --help", c.Args().Get(1))
	case looks > 1:
		return call, commandline.Usagef("crm-reload: --check, --diff and --dry-run exclude each other")
	case call.undo && c.NArg() > 0:
		return call, commandline.Usagef("crm-reload: --undo takes no file")
	case c.String("cib") != "" && call.load:
		return call, commandline.Usagef("crm-reload: --cib only reads; give --check, --diff or --dry-run too")
	case moves != crmreload.KeepMoves && moves != crmreload.DropMoves:
		return call, commandline.Usagef("crm-reload: --moves must be keep or drop, not %q", moves)
	case c.Duration("timeout") <= 0:
		return call, commandline.Usagef("crm-reload: --timeout must be positive, not %s", c.Duration("timeout"))
	}
	if c.NArg() == 1 {
		call.file = c.Args().First()
	}
	call.loader = loader.Loader{
		Cluster: loader.Pacemaker(commandline.Environ(c)), Store: loader.Store(s.State), AllowStop: c.Bool("allow-stop"),
		Patience: c.Duration("timeout"), Answer: c.Duration("timeout"),
		Options: crmreload.Options{Moves: moves, Exact: call.undo},
		Say:     func(format string, args ...any) { fmt.Fprintf(c.App.ErrWriter, "ngcp-ha: "+format+"\n", args...) },
	}
	var agents crmsyntax.Agents
	if c.String("cib") == "" {
		agents = ocfRoot
		call.loader.Agents = ocfagent.Root{Dir: string(ocfRoot), Env: commandline.Environ(c)}
	}
	call.source = loader.File(call.file, c.App.Reader, agents)
	if call.undo {
		call.file, call.source = "the previous configuration", call.loader.Store.Previous
	}
	return call, nil
}

func (call reloadCall) do(c *cli.Context) (loader.Report, error) {
	if call.load {
		return call.loader.Load(c.Context, call.source)
	}
	var document []byte
	if name := c.String("cib"); name != "" {
		var err error
		if document, err = plainfile.ReadGiven(name, cib.Limit); err != nil {
			return loader.Report{}, fmt.Errorf("reading the CIB: %w", err)
		}
	}
	return call.loader.Look(c.Context, call.source, document)
}

// exitCodeOf is the exit code of an outcome.
func exitCodeOf(outcome loader.Outcome, check bool) int {
	switch outcome {
	case loader.Invalid:
		return 2
	case loader.Refused, loader.Restored:
		return 3
	case loader.Differs:
		if check {
			return 1
		}
	}
	return 0
}
