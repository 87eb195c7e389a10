// SPDX-License-Identifier: Apache-2.0

package commandline

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/output"
)

func app(stdout *output.Writer, stderr *strings.Builder) *cli.App {
	a := &cli.App{Name: "tool", Commands: []*cli.Command{{
		Name:  "do",
		Flags: []cli.Flag{JSONFlag(), &cli.IntFlag{Name: "n"}},
		Action: func(c *cli.Context) error {
			switch c.Args().First() {
			case "fail":
				return errors.New("broken")
			case "four":
				return fmt.Errorf("asked: %w", WithCode(4, errors.New("no answer")))
			case "said":
				return errors.Join(PrintJSON(c, map[string]int{"n": 1}), errors.New("broken later"))
			case "quiet":
				return Exit(3)
			}
			return NoArgs(c)
		},
	}}}
	Prepare(a, []string{"A=b"}, strings.NewReader(""), stdout, stderr)
	return a
}

func TestRun(t *testing.T) {
	for line, want := range map[string]struct {
		code   int
		stdout string
		stderr string
	}{
		"do":                     {0, "", ""},
		"do fail":                {1, "", "tool: broken\n"},
		"do --json fail":         {1, "{\n  \"error\": \"broken\",\n  \"exit_code\": 1\n}\n", "tool: broken\n"},
		"do --json four":         {4, "{\n  \"error\": \"asked: no answer\",\n  \"exit_code\": 4\n}\n", "tool: asked: no answer\n"},
		"do --json said":         {1, "{\n  \"n\": 1\n}\n", "tool: broken later\n"},
		"do --json quiet":        {3, "", ""},
		"do -- --json":           {64, "", "tool: do: unexpected \"--json\"; see tool do --help\n"},
		"do --json --n=x":        {64, "{\n  \"error\": \"do: invalid value \\\"x\\\" for flag -n: parse error; see tool do --help\",\n  \"exit_code\": 64\n}\n", "tool: do: invalid value \"x\" for flag -n: parse error; see tool do --help\n"},
		"undo":                   {64, "", "tool: no command \"undo\"; see tool --help\n"},
		"do --nonsense":          {64, "", "tool: do: flag provided but not defined: -nonsense; see tool do --help\n"},
		"do fail --json --other": {1, "{\n  \"error\": \"broken\",\n  \"exit_code\": 1\n}\n", "tool: broken\n"},
	} {
		var stdout, stderr strings.Builder
		out := output.To(&stdout)
		a := app(out, &stderr)
		if code := Run(t.Context(), a, append([]string{"tool"}, strings.Fields(line)...), out); code != want.code {
			t.Errorf("%s: code %d, want %d", line, code, want.code)
		}
		if got := stdout.String(); got != want.stdout {
			t.Errorf("%s: stdout %q", line, got)
		}
		if stderr.String() != want.stderr {
			t.Errorf("%s: stderr %q", line, stderr.String())
		}
	}
}
