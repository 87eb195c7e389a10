// SPDX-License-Identifier: Apache-2.0

package packages

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const repository = "../.."

// folder is where this run's packages are built; TestMain removes it.
var folder string

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "ocf-oci-packages-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// packageNames are the packages of packaging/files.
var packageNames = []string{"resource-agents-oci", "ngcp-ha"}

// built has the packages of one version.
type built struct {
	dir, version, arch string
}

func (b built) deb(name string) string {
	return filepath.Join(b.dir, fmt.Sprintf("%s_%s_%s.deb", name, b.version, b.arch))
}

func (b built) rpm(name string) string {
	machine := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[b.arch]
	return filepath.Join(b.dir, fmt.Sprintf("%s-%s-1.%s.rpm", name, b.version, machine))
}

// build runs packaging/build in a folder of its own.
func build(t *testing.T, name, version, arch string, env []string, kinds ...string) built {
	t.Helper()
	b := built{filepath.Join(folder, name), version, arch}
	args := append([]string{repository + "/packaging/build", "--version", version, "--arch", arch, "--work", b.dir + ".work", "--output", b.dir}, kinds...)
	cmd := exec.Command("nice", args...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return b
}

// first are the packages that most tests look at, second those of the next version, to upgrade to. Each is built once.
var (
	first  = once("first", "")
	second = once("second", "+next")
)

func once(name, suffix string) func(*testing.T) built {
	var b built
	var done sync.Once
	return func(t *testing.T) built {
		t.Helper()
		done.Do(func() { b = build(t, name, version(t)+suffix, "amd64", nil, "deb", "rpm") })
		if b.dir == "" {
			t.Fatalf("the packages %s could not be built", name)
		}
		return b
	}
}

// version is what the file VERSION says.
func version(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(repository + "/VERSION")
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// run runs a command that must succeed, and returns what it prints.
func run(t *testing.T, argv ...string) string {
	t.Helper()
	out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(argv, " "), err, out)
	}
	return string(out)
}
