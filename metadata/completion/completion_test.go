// SPDX-License-Identifier: Apache-2.0

package completion

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

var sample = &cli.App{
	Name:  "tool",
	Flags: []cli.Flag{&cli.StringFlag{Name: "settings", Usage: "read `FILE`"}},
	Commands: []*cli.Command{
		{Name: "check", Usage: "what's wrong", Flags: []cli.Flag{&cli.BoolFlag{Name: "cloud"}, &cli.BoolFlag{Name: "secret", Hidden: true}}},
		{Name: "counts", Usage: "show", Subcommands: []*cli.Command{{Name: "clear", Usage: "to zero", Flags: []cli.Flag{&cli.BoolFlag{Name: "all"}}}}},
		{Name: "internal", Hidden: true},
	},
}

var aliases = map[string][]string{"clear-counts": {"counts", "clear"}}

var cases = []struct{ typed, want string }{
	{"tool ", "check counts"},
	{"tool c", "check counts"},
	{"tool ch", "check"},
	{"tool check --", "--cloud --help"},
	{"tool --settings x counts ", "clear"},
	{"tool counts clear --a", "--all"},
	{"clear-counts --", "--all --help"},
	{"tool --s", "--settings"},
	{"tool i", ""},
}

func TestBash(t *testing.T) {
	dir := t.TempDir() // an empty one: what is no word is completed as a file
	script := filepath.Join(dir, ".script")
	if err := os.WriteFile(script, Bash(sample, aliases), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		cmd := exec.Command("bash", "-c", `source "$0"; IFS=" " read -ra COMP_WORDS <<<"$1"; [[ $1 == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _tool; echo "${COMPREPLY[*]}"`, script, c.typed)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != c.want {
			t.Errorf("bash: %q completes to %q, want %q (%v)", c.typed, got, c.want, err)
		}
	}
}

// zsh itself runs the script; what it offers is printed instead of shown.
func TestZsh(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "_tool")
	if err := os.WriteFile(script, Zsh(sample, aliases), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		out, err := exec.Command("zsh", "-fc", `
_describe() { for w in ${(P)2}; do [[ ${w%%:*} == $PREFIX* ]] && found+=(${w%%:*}); done }
_files() { }
typeset -a found words; words=(${=2}); [[ $2 == *" " ]] && words+=('')
CURRENT=$#words PREFIX=$words[-1]
run() { source $1 }
run $1; print -r -- $found`, "zsh", script, c.typed).CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != c.want {
			t.Errorf("zsh: %q completes to %q, want %q (%v)", c.typed, got, c.want, err)
		}
	}
}
