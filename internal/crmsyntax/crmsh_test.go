// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"bytes"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// installed are the agents of this machine, as crmsh sees them.
var installed = Options{Agents: OCFRoot("/usr/lib/ocf")}

type testCase struct{ name, text string }

// smallFiles returns the small files of testdata/cases, by name.
func smallFiles(t testing.TB) []testCase {
	t.Helper()
	archives, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no test cases: %v", err)
	}
	var cases []testCase
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range archive.Files {
			cases = append(cases, testCase{file.Name, string(file.Data)})
		}
	}
	return cases
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// lines writes a configuration with its attributes in alphabetical order and
// everything else as it is, ids and comments included. When ordered is false
// the objects of a section are sorted: "save xml" of crmsh writes them in
// another order than the one it commits.
func lines(t *testing.T, configuration *etree.Element, ordered bool) string {
	t.Helper()
	root := configuration.Copy()
	dropBlanks(root)
	var texts []string
	for _, section := range root.ChildElements() {
		if len(section.Child) == 0 && section.Tag != "fencing-topology" {
			continue
		}
		objects := []string{}
		for _, el := range section.ChildElements() {
			sortAttributes(el)
			objects = append(objects, string(writeXML(el)))
		}
		for _, token := range section.Child {
			if comment, ok := token.(*etree.Comment); ok {
				objects = append(objects, "<!--"+comment.Data+"-->\n")
			}
		}
		if !ordered {
			sort.Strings(objects)
		}
		texts = append(texts, section.Tag+"\n"+strings.Join(objects, ""))
	}
	sort.Strings(texts)
	return strings.Join(texts, "")
}

func sortAttributes(el *etree.Element) {
	el.SortAttrs()
	for _, child := range el.ChildElements() {
		sortAttributes(child)
	}
}

// difference is one that is harmless, or where crmsh is wrong.
type difference struct {
	why     string
	replace []string // what crmsh writes and what we write, in turns
	refused bool     // crmsh does not take the file at all
}

// differences are all cases where Parse does not make what crmsh makes.
// "printed" is the text that Text makes of our result.
var differences = map[string]difference{
	"bundle-podman": {refused: true, why: "crmsh 4.4 knows no podman; pacemaker has had it since 2.0"},
	"bundle-rkt":    {refused: true, why: "crmsh 4.4 dies with KeyError when it prints rkt"},
	"primitive-pair-id-only printed": {
		why:     "the id of a name-value pair is not written unless something refers to it",
		replace: []string{`id="p-instance_attributes-state"`, `id="state"`},
	},
	"primitive-op-id printed": {
		why:     "the id of an operation is not written: nothing can refer to it",
		replace: []string{`id="p-monitor-10"`, `id="foo"`, `id="q-monitor-10"`, `id="foo2"`},
	},
	"monitor-with-operations-id printed": {
		why:     "the id of an operation is not written: nothing can refer to it",
		replace: []string{`id="foo-monitor-40"`, `id="a-monitor-40"`},
	},
}

// knownDifference finds the difference for a small file or for its printed
// form, which shares that crmsh refuses it.
func knownDifference(name string) (difference, bool) {
	known, ok := differences[name]
	if original := differences[strings.TrimSuffix(name, " printed")]; !ok && original.refused {
		return original, true
	}
	return known, ok
}

// TestCrmshMakesTheSame loads every small file with the installed crmsh and
// compares the whole result, ids included. Then crmsh reads what Text writes
// and must come to the same configuration again.
func TestCrmshMakesTheSame(t *testing.T) {
	cases := smallFiles(t)
	if len(cases) < 60 {
		t.Fatalf("only %d small files", len(cases))
	}
	kindsSeen := map[string]bool{}
	var files []testCase
	ours := map[string]string{}
	for _, c := range cases {
		cfg, err := Parse(c.name, []byte(c.text), installed)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for _, obj := range cfg.Objects() {
			kindsSeen[obj.Kind] = true
		}
		ours[c.name] = lines(t, cfg.Element(), false)
		files = append(files, c, testCase{c.name + " printed", cfg.Text()})
	}
	for _, word := range kindWords {
		if k := kindByWord[word]; k != nil && k.word != "monitor" && !kindsSeen[k.word] {
			t.Errorf("no small file has a %s", k.word)
		}
	}
	theirs := crmsh(t, files)
	for _, c := range files {
		name := strings.TrimSuffix(c.name, " printed")
		want, got := theirs[c.name], ours[name]
		known, isKnown := knownDifference(c.name)
		if want.xml == nil {
			if !known.refused {
				t.Errorf("%s: crmsh refuses\n%s", c.name, c.text)
			}
			continue
		}
		cfg, err := Read(want.xml)
		if err != nil {
			t.Fatal(err)
		}
		made := lines(t, cfg.Element(), false)
		if isKnown {
			changed := strings.NewReplacer(known.replace...).Replace(made)
			if known.refused || changed == made {
				t.Errorf("%s: the difference is gone: %s", c.name, known.why)
			}
			made = changed
		}
		if diff := cmp.Diff(made, got); diff != "" {
			t.Errorf("%s: crmsh (-) and we (+) differ\n%s\n%s", c.name, c.text, diff)
		}
		if name == c.name {
			checkShown(t, c.name, cfg, want.shown)
		}
	}
}

// shownWrongly are the small files that crmsh itself cannot show so that they
// could be read again.
var shownWrongly = map[string]string{
	"primitive-id-ref":         "the id of the set that is referred to is missing",
	"primitive-id-ref-forward": "the id of the set that is referred to is missing",
	"primitive-pair-id":        "the id of the pair that is referred to is missing",
}

// checkShown reads what crmsh shows of a configuration, for that is where
// files of crm syntax come from.
func checkShown(t *testing.T, name string, cfg *Configuration, shown []byte) {
	t.Helper()
	again, err := Parse(name, shown, installed)
	diff := ""
	if err == nil {
		diff = cmp.Diff(shapes(cfg), shapes(again))
	}
	_, wrong := shownWrongly[name]
	if good := err == nil && diff == ""; good == wrong {
		t.Errorf("%s: what crmsh shows: error %v\n%s\n%s", name, err, diff, shown)
	}
}

// TestCrmshCommitsTheSame really loads files into a CIB file with
// "crm -F configure load", which shows the order of objects too.
func TestCrmshCommitsTheSame(t *testing.T) {
	for _, name := range []string{"cluster", "everything"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := crmshHome(t)
			text, err := os.ReadFile(filepath.Join("testdata", name+".crm"))
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "cib.xml"), emptyCIB)
			write(t, filepath.Join(dir, "file.crm"), string(text))
			messages := runCrm(t, dir, "", "-D", "plain", "-F", "configure", "load", "update", filepath.Join(dir, "file.crm"))
			xml, err := os.ReadFile(filepath.Join(dir, "cib.xml"))
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := Read(xml)
			if err != nil || len(theirs.Objects()) == 0 {
				t.Fatalf("crmsh loaded nothing (%v):\n%s", err, messages)
			}
			ours, err := Parse(name, text, installed)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(lines(t, theirs.Element(), true), lines(t, ours.Element(), true)); diff != "" {
				t.Errorf("crmsh (-) and we (+) differ\n%s", diff)
			}
		})
	}
}

// TestHandbook compares the handbook's cluster.crm, byte for byte as it is
// printed there, with what crmsh 4.4 made of it. Of the differences that would
// be harmless (the order of attributes, the order of sections, indentation)
// only the last one is there.
func TestHandbook(t *testing.T) {
	ours := parseFile(t, "testdata/cluster.crm")
	golden, err := os.ReadFile("testdata/cib.base.xml")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := Read(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(theirs.XML()), string(ours.XML())); diff != "" {
		t.Errorf("crmsh (-) and we (+) differ\n%s", diff)
	}
	whole, err := ours.ReplaceIn(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.TrimSpace(whole), bytes.TrimSpace(golden)) {
		t.Errorf("the whole CIB differs:\n%s", cmp.Diff(string(golden), string(whole)))
	}
}

// TestEverything compares a file with objects of every kind with what crmsh
// 4.4.1 made of it, also where crmsh is not installed. Harmless differences:
// the order of attributes and of sections.
func TestEverything(t *testing.T) {
	golden, err := os.ReadFile("testdata/everything.xml")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := Read(golden)
	if err != nil {
		t.Fatal(err)
	}
	ours := parseFile(t, "testdata/everything.crm")
	if diff := cmp.Diff(lines(t, theirs.Element(), true), lines(t, ours.Element(), true)); diff != "" {
		t.Errorf("crmsh (-) and we (+) differ\n%s", diff)
	}
}

// debian12 are the agents on the machine where the recorded results were made,
// as far as it matters.
type debian12 struct{}

func (debian12) Providers(typ string) []string {
	return map[string][]string{"ping": {"pacemaker"}, "Dummy": {"heartbeat", "pacemaker"}}[typ]
}

func parseFile(t *testing.T, path string) *Configuration {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := Parse(path, text, Options{Agents: debian12{}})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}
