// SPDX-License-Identifier: Apache-2.0

package packages

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// entry is a line of packaging/files.
type entry struct {
	pkg, kind, from, to string
}

// list reads packaging/files for a format, deb or rpm; patterns stand for the files that match.
func list(t *testing.T, format string) []entry {
	t.Helper()
	text, err := os.ReadFile(repository + "/packaging/files")
	if err != nil {
		t.Fatal(err)
	}
	places := map[string]map[string]string{
		"deb": {"@zsh@": "/usr/share/zsh/vendor-completions", "@units@": "/lib/systemd/system"},
		"rpm": {"@zsh@": "/usr/share/zsh/site-functions", "@units@": "/usr/lib/systemd/system"},
	}[format]
	var all []entry
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		if len(f) != 4 {
			t.Fatalf("packaging/files: %q is not PACKAGE KIND FROM TO", line)
		}
		e := entry{f[0], f[1], f[2], strings.Replace(f[3], "@doc@", "/usr/share/doc/"+f[0], 1)}
		for placeholder, place := range places {
			e.to = strings.Replace(e.to, placeholder, place, 1)
		}
		if e.kind != "manual" {
			all = append(all, e)
			continue
		}
		pages, err := filepath.Glob(filepath.Join(repository, e.from))
		if err != nil || len(pages) == 0 {
			t.Fatalf("packaging/files: nothing matches %s", e.from)
		}
		for _, p := range pages {
			all = append(all, entry{e.pkg, e.kind, e.from, e.to + filepath.Base(p) + ".gz"})
		}
	}
	return all
}

// lines are what a package must show of the list, as MODE PATH: folders that others own too are left out.
func lines(all []entry, pkg string) []string {
	var out []string
	for _, e := range all {
		if e.pkg != pkg {
			continue
		}
		switch e.kind {
		case "folder":
			out = append(out, "drwxr-xr-x "+e.to)
		case "program":
			out = append(out, "-rwxr-xr-x "+e.to)
		case "link":
			out = append(out, "lrwxrwxrwx "+e.to)
		default:
			out = append(out, "-rw-r--r-- "+e.to)
		}
	}
	slices.Sort(out)
	return out
}

func TestDebianPackagesHoldTheList(t *testing.T) {
	b := first(t)
	for _, pkg := range packageNames {
		var got []string
		for line := range strings.Lines(run(t, "dpkg-deb", "--contents", b.deb(pkg))) {
			f := strings.Fields(line) // MODE OWNER SIZE DATE TIME ./PATH [-> TARGET]
			if f[1] != "root/root" {
				t.Errorf("%s: %s belongs to %s", pkg, f[5], f[1])
			}
			name := strings.TrimSuffix(strings.TrimPrefix(f[5], "."), "/")
			got = append(got, f[0]+" "+name)
		}
		want := append(lines(list(t, "deb"), pkg),
			"-rw-r--r-- /usr/share/doc/"+pkg+"/changelog.gz", "-rw-r--r-- /usr/share/doc/"+pkg+"/copyright",
			"drwxr-xr-x /usr/share/lintian/overrides", "-rw-r--r-- /usr/share/lintian/overrides/"+pkg)
		sameFiles(t, pkg+".deb", want, got)
	}
}

func TestRPMsHoldTheList(t *testing.T) {
	b := first(t)
	for _, pkg := range packageNames {
		var got []string
		for line := range strings.Lines(run(t, "rpm", "-qp", "--qf", "[%{FILEMODES:perms} %{FILEUSERNAME} %{FILEGROUPNAME} %{FILENAMES}\n]", b.rpm(pkg))) {
			f := strings.Fields(line)
			if f[1] != "root" || f[2] != "root" {
				t.Errorf("%s: %s belongs to %s:%s", pkg, f[3], f[1], f[2])
			}
			got = append(got, f[0]+" "+f[3])
		}
		licences := "/usr/share/licenses/" + pkg
		want := append(lines(list(t, "rpm"), pkg), "drwxr-xr-x "+licences, "-rw-r--r-- "+licences+"/LICENSE", "-rw-r--r-- "+licences+"/copyright")
		sameFiles(t, pkg+".rpm", want, got)
	}
}

// sameFiles compares; folders that lead to a wanted file are neither missed nor too many.
func sameFiles(t *testing.T, what string, want, got []string) {
	t.Helper()
	parents := map[string]bool{"drwxr-xr-x ": true}
	for _, w := range want {
		_, name, _ := strings.Cut(w, " ")
		for dir := path.Dir(name); dir != "/"; dir = path.Dir(dir) {
			parents["drwxr-xr-x "+dir] = true
		}
	}
	for _, g := range got {
		if !slices.Contains(want, g) && !parents[g] {
			t.Errorf("%s has %s, which packaging/files does not list", what, g)
		}
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("%s does not have %s", what, w)
		}
	}
}

func TestConfigurationIsKept(t *testing.T) {
	b := first(t)
	for _, pkg := range packageNames {
		var want []string
		for _, e := range list(t, "rpm") {
			if e.pkg == pkg && e.kind == "config" {
				want = append(want, e.to)
			}
		}
		if got := strings.Fields(run(t, "rpm", "-qp", "--configfiles", b.rpm(pkg))); !slices.Equal(got, want) {
			t.Errorf("%s.rpm: configuration files %q, want %q", pkg, got, want)
		}
		flags := run(t, "rpm", "-qp", "--qf", "[%{FILEFLAGS:fflags} %{FILENAMES}\n]", b.rpm(pkg))
		for _, w := range want {
			if !strings.Contains(flags, "cn "+w+"\n") {
				t.Errorf("%s.rpm: %s is not config(noreplace):\n%s", pkg, w, flags)
			}
		}
		conffiles := ""
		if strings.Contains(run(t, "dpkg-deb", "--info", b.deb(pkg)), "conffiles") {
			conffiles = run(t, "dpkg-deb", "--info", b.deb(pkg), "conffiles")
		}
		if got := strings.Fields(conffiles); !slices.Equal(got, want) {
			t.Errorf("%s.deb: conffiles %q, want %q", pkg, got, want)
		}
	}
}

func TestDependencies(t *testing.T) {
	b := first(t)
	for _, c := range []struct{ pkg, deb, rpm string }{
		{"resource-agents-oci", "pacemaker, pacemaker-cli-utils", "/bin/sh pacemaker"},
		{"ngcp-ha", "", "pacemaker"}, // must be installable beside Heartbeat
	} {
		if got := strings.TrimSpace(run(t, "dpkg-deb", "--field", b.deb(c.pkg), "Depends")); got != c.deb {
			t.Errorf("%s.deb depends on %q, want %q", c.pkg, got, c.deb)
		}
		if got := strings.TrimSpace(run(t, "dpkg-deb", "--field", b.deb(c.pkg), "Recommends")); got != "" {
			t.Errorf("%s.deb recommends %q: apt would install it", c.pkg, got)
		}
		var requires []string
		for _, r := range strings.Fields(run(t, "rpm", "-qp", "--qf", "[%{REQUIRENAME}\n]", b.rpm(c.pkg))) {
			if !strings.HasPrefix(r, "rpmlib(") {
				requires = append(requires, r)
			}
		}
		slices.Sort(requires)
		if got := strings.Join(slices.Compact(requires), " "); got != c.rpm {
			t.Errorf("%s.rpm requires %q, want %q", c.pkg, got, c.rpm)
		}
	}
}

func TestEveryProgramHasItsPage(t *testing.T) {
	all := list(t, "deb")
	for _, e := range all {
		if path.Dir(e.to) != "/usr/sbin" {
			continue
		}
		page := fmt.Sprintf("/usr/share/man/man8/%s.8.gz", path.Base(e.to))
		if !slices.ContainsFunc(all, func(x entry) bool { return x.pkg == e.pkg && x.to == page }) {
			t.Errorf("%s has no %s", e.pkg, page)
		}
	}
}
