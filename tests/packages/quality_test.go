// SPDX-License-Identifier: Apache-2.0

package packages

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// The second build has another folder, user's home, locale, time zone and umask.
func TestTwoBuildsAreTheSame(t *testing.T) {
	a := first(t)
	// packaging/build is called by a shell whose umask is as tight as they come.
	b := built{filepath.Join(folder, "somewhere/else"), a.version, a.arch}
	cmd := exec.Command("nice", "bash", "-c", `umask 077; exec "$0" "$@"`, repository+"/packaging/build", "--version", b.version,
		"--arch", b.arch, "--work", b.dir+".work", "--output", b.dir, "deb", "rpm")
	cmd.Env = append(os.Environ(), "TZ=Pacific/Chatham", "LC_ALL=C", "SOURCE_DATE_EPOCH=1", "DEB_BUILD_OPTIONS=", "USER=somebody", "LOGNAME=somebody")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, pkg := range packageNames {
		for _, files := range [][2]string{{a.deb(pkg), b.deb(pkg)}, {a.rpm(pkg), b.rpm(pkg)}} {
			one, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			two, err := os.ReadFile(files[1])
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(one, two) {
				t.Errorf("%s: two builds differ (%d and %d bytes)", filepath.Base(files[0]), len(one), len(two))
			}
		}
	}
}

// Overrides, each with its reason, are in packaging/deb/*.lintian-overrides and packaging/rpm/rpmlint.toml.
func TestLintersFindNothing(t *testing.T) {
	b := first(t)
	out, err := exec.Command("lintian", "--allow-root", "--fail-on", "error,warning", b.deb(packageNames[0]), b.deb(packageNames[1])).CombinedOutput()
	if err != nil {
		t.Errorf("lintian: %v\n%s", err, out)
	}
	out, err = exec.Command("rpmlint", "--config", repository+"/packaging/rpm/rpmlint.toml", b.rpm(packageNames[0]), b.rpm(packageNames[1])).CombinedOutput()
	if err != nil || !strings.Contains(string(out), " 0 errors, 0 warnings") {
		t.Errorf("rpmlint: %v\n%s", err, out)
	}
}

// unpacked is the content of both Debian packages.
func unpacked(t *testing.T, b built) string {
	t.Helper()
	dir := t.TempDir()
	for _, pkg := range packageNames {
		run(t, "dpkg-deb", "--extract", b.deb(pkg), dir)
	}
	return dir
}

// programs are the paths of all programs of the packages.
func programs(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, e := range list(t, "deb") {
		if e.kind == "program" {
			out = append(out, e.to)
		}
	}
	return out
}

func TestProgramsSayWhatTheyAre(t *testing.T) {
	root := unpacked(t, first(t))
	commit, _, _ := strings.Cut(run(t, repository+"/packaging/commit"), " ")
	want := regexp.MustCompile(regexp.QuoteMeta(version(t)+" ("+commit+", "+runtime.Version()) + `\)\n$`)
	for _, p := range programs(t) {
		if out := run(t, root+p, "--version"); !want.MatchString(out) {
			t.Errorf("%s --version: %q does not match %s", p, out, want)
		}
	}
}

func TestProgramsAreStaticAndStripped(t *testing.T) {
	root := unpacked(t, first(t))
	for _, p := range programs(t) {
		f, err := elf.Open(root + p)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for _, s := range f.Sections {
			if s.Type == elf.SHT_SYMTAB || strings.HasPrefix(s.Name, ".debug") || strings.HasPrefix(s.Name, ".zdebug") {
				t.Errorf("%s has section %s: not stripped", p, s.Name)
			}
		}
		for _, h := range f.Progs {
			if h.Type == elf.PT_INTERP {
				t.Errorf("%s needs an interpreter: not static", p)
			}
		}
	}
}

func TestBillOfMaterials(t *testing.T) {
	root := unpacked(t, first(t))
	args := []string{"run", "./packaging/sbom", "ocf-oci", version(t)}
	linked := map[string]bool{}
	for _, p := range programs(t) {
		args = append(args, root+p)
		for line := range strings.Lines(run(t, "go", "version", "-m", root+p)) {
			if f := strings.Fields(line); f[0] == "dep" {
				linked["pkg:golang/"+f[1]+"@"+f[2]] = true
			}
		}
	}
	if len(linked) < 5 {
		t.Fatalf("go version -m tells of %d modules", len(linked))
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = repository
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Components []struct{ Type, Purl, Name string }
	}
	if err := json.Unmarshal(out, &d); err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, c := range d.Components {
		switch {
		case c.Type == "file":
			files = append(files, c.Name)
		case c.Name != "std":
			if !linked[c.Purl] {
				t.Errorf("%s is not linked", c.Purl)
			}
			delete(linked, c.Purl)
		}
	}
	for p := range linked {
		t.Errorf("%s is missing", p)
	}
	if len(files) != len(programs(t)) || !slices.Contains(files, "IPaddr2") {
		t.Errorf("files %q", files)
	}
}

func TestARM64(t *testing.T) {
	if os.Getenv("OCF_SOAK") == "" {
		t.Skip("make soak: make test builds amd64")
	}
	b := build(t, "arm", version(t), "arm64", nil, "deb", "rpm")
	for _, pkg := range packageNames {
		if got := strings.TrimSpace(run(t, "dpkg-deb", "--field", b.deb(pkg), "Architecture")); got != "arm64" {
			t.Errorf("%s: architecture %s", b.deb(pkg), got)
		}
		if got := run(t, "rpm", "-qp", "--qf", "%{ARCH}", b.rpm(pkg)); got != "aarch64" {
			t.Errorf("%s: architecture %s", b.rpm(pkg), got)
		}
	}
	root := unpacked(t, b)
	for _, p := range programs(t) {
		f, err := elf.Open(root + p)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if f.Machine != elf.EM_AARCH64 {
			t.Errorf("%s is for %s", p, f.Machine)
		}
	}
}
