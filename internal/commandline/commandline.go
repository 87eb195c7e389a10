// SPDX-License-Identifier: Apache-2.0

// Package commandline is what the command lines of the tools have in common: errors and their exit codes, --json, and the
// end of a run.
package commandline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/output"
)

// environ is where commands find the environment.
const environ = "environ"

// Prepare gives an application its environment ("NAME=value") and streams, and leaves the exit codes to Run. Errors in
// flags name the command.
func Prepare(app *cli.App, env []string, stdin io.Reader, stdout, stderr io.Writer) {
	app.Reader, app.Writer, app.ErrWriter = stdin, stdout, stderr
	app.Metadata = map[string]any{environ: env}
	app.ExitErrHandler = func(*cli.Context, error) {}
	app.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return Usage{err} }
	name(app.Commands, app.Name)
	app.Action = func(c *cli.Context) error {
		if c.Args().Present() {
			return Usagef("no command %q; see %s --help", c.Args().First(), app.Name)
		}
		return cli.ShowAppHelp(c)
	}
}

func name(commands []*cli.Command, path string) {
	for _, c := range commands {
		full := path + " " + c.Name
		c.OnUsageError = func(_ *cli.Context, err error, _ bool) error {
			return Usage{fmt.Errorf("%s: %w; see %s --help", c.Name, err, full)}
		}
		name(c.Subcommands, full)
	}
}

// Environ is the environment that Prepare was given.
func Environ(c *cli.Context) []string { return c.App.Metadata[environ].([]string) }

// Run runs an application, says on stderr what went wrong, and returns the exit code. With --json, a command that failed
// before it printed anything prints {"error": MESSAGE, "exit_code": CODE}, so that who reads the output always reads JSON.
// The application writes to out.
func Run(ctx context.Context, app *cli.App, args []string, out *output.Writer) int {
	err := app.RunContext(ctx, args)
	code := Code(err)
	var exit Exit
	if err != nil && !errors.As(err, &exit) {
		fmt.Fprintf(app.ErrWriter, "%s: %v\n", app.Name, err)
		if wantsJSON(args) && !out.Written() {
			_ = print(out, map[string]any{"error": err.Error(), "exit_code": code}) // lost output is noticed by out
		}
	}
	return out.Code(code, app.ErrWriter, app.Name)
}

// wantsJSON looks at the words themselves: a wrong command line is not parsed.
func wantsJSON(args []string) bool {
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	return slices.ContainsFunc(args, func(a string) bool { return a == "--json" || a == "-json" || a == "--json=true" })
}

// JSONFlag is --json.
func JSONFlag() cli.Flag { return &cli.BoolFlag{Name: "json", Usage: "print JSON"} }

// PrintJSON prints a value for --json.
func PrintJSON(c *cli.Context, v any) error { return print(c.App.Writer, v) }

func print(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// NoArgs refuses arguments where there are none.
func NoArgs(c *cli.Context) error {
	if c.Args().Present() {
		return Usagef("%s: unexpected %q; see %s %[1]s --help", c.Command.Name, c.Args().First(), c.App.Name)
	}
	return nil
}
