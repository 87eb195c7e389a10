// SPDX-License-Identifier: Apache-2.0

package manualtest

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"ocf-oci/metadata/completion"
	"ocf-oci/metadata/manual"
)

// source is the package that the pages name.
const source = "ocf-oci"

// CheckProgram compares the manual page of a program, those of the other names by which its commands are called, and its
// completions with the committed ones. root is the repository.
func CheckProgram(t *testing.T, app *cli.App, aliases map[string][]string, root string, see ...string) {
	t.Helper()
	CheckFile(t, filepath.Join(root, "docs/man", app.Name+".8"), manual.Program(app, source, see...))
	for name, path := range aliases {
		c := find(app.Commands, path)
		if c == nil {
			t.Errorf("%s is called by the name %s for %q, a command that it does not have", app.Name, name, strings.Join(path, " "))
			continue
		}
		CheckFile(t, filepath.Join(root, "docs/man", name+".8"), manual.Alias(name, app, c, source, see...))
	}
	CheckFile(t, filepath.Join(root, "packaging/completion", app.Name+".bash"), completion.Bash(app, aliases))
	CheckFile(t, filepath.Join(root, "packaging/completion", "_"+app.Name), completion.Zsh(app, aliases))
}

// find goes down the commands that path names.
func find(level []*cli.Command, path []string) *cli.Command {
	at := slices.IndexFunc(level, func(c *cli.Command) bool { return c.HasName(path[0]) })
	switch {
	case at < 0:
		return nil
	case len(path) == 1:
		return level[at]
	}
	return find(level[at].Subcommands, path[1:])
}

// CheckFile compares a generated file with the committed one, or writes it.
func CheckFile(t *testing.T, file string, want []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	committed, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v: run make generate", err)
	}
	if !bytes.Equal(committed, want) {
		t.Errorf("%s is not what the code says: run make generate", file)
	}
}
