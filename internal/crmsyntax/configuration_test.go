// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"slices"
	"strings"
	"testing"
)

func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "empty",
		"no XML":                      "empty",
		"<cib>":                       "reading a CIB",
		"<cib/>":                      "has no element configuration",
		"<foo><configuration/></foo>": "has no element configuration",
	} {
		if _, err := Read([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// TestReadKeepsTheDocument: what Read gives is a copy with nothing lost but blanks.
func TestReadKeepsTheDocument(t *testing.T) {
	for _, text := range []string{
		"<configuration>\n  <nodes>\n    <node id=\"1\" uname=\"a\"/>\n  </nodes>\n</configuration>\n",
		"<configuration>\n  <nodes>\n    <node id=\"1\" uname=\"a&#xA;b &amp; &lt;c&gt; &quot;d&quot;\"/>\n    <!--a-->\n  </nodes>\n</configuration>\n",
	} {
		cfg, err := Read([]byte("<cib>" + text + "<status/></cib>"))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(cfg.XML()); strings.ReplaceAll(got, "&gt;", ">") != strings.ReplaceAll(text, "&gt;", ">") {
			t.Errorf("got\n%s\nwant\n%s", got, text)
		}
	}
}

func TestReplaceIn(t *testing.T) {
	cfg, err := Parse("f", []byte("node 1: sp1"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := cfg.ReplaceIn([]byte(`<cib epoch="7"><configuration><x/></configuration><status><y/></status></cib>`))
	if err != nil {
		t.Fatal(err)
	}
	text := string(got)
	if !strings.Contains(text, `<cib epoch="7">`) || !strings.Contains(text, `uname="sp1"`) || strings.Contains(text, "<x/>") ||
		strings.Index(text, "<y/>") < strings.Index(text, "sp1") {
		t.Errorf("got\n%s", text)
	}
	if _, err := cfg.ReplaceIn([]byte("<configuration/>")); err == nil {
		t.Error("replaced in a document without cib")
	}
}

// TestPlace: every element knows the line of its object.
func TestPlace(t *testing.T) {
	cfg, err := Parse("dir/f.crm", []byte("# c\nnode 1: sp1\n\nprimitive p Dummy \\\n  params $id=s x=1\ngroup g p\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"nodes/node":                "dir/f.crm:2:9",
		"resources/group":           "dir/f.crm:6:7",
		"resources/group/primitive": "dir/f.crm:4:11",
		"resources/group/primitive/instance_attributes":     "dir/f.crm:5:10",
		"resources/group/primitive/instance_attributes/[1]": "dir/f.crm:5:10",
		"crm_config": "",
	} {
		el := cfg.Element().FindElement(strings.TrimSuffix(path, "/[1]"))
		if strings.HasSuffix(path, "/[1]") {
			el = el.ChildElements()[0]
		}
		if got := cfg.Place(el); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	read, err := Read(cfg.XML())
	if err != nil {
		t.Fatal(err)
	}
	if got := read.Place(read.Element()); got != "" {
		t.Errorf("a configuration that was not parsed has a place: %s", got)
	}
}

// TestIDsAreUnique: no two parts get the same id, whatever the ids of objects.
func TestIDsAreUnique(t *testing.T) {
	cfg, err := Parse("f", []byte(`
node a attributes x=1
primitive a Dummy params state=1 op monitor interval=10 op monitor interval=10 role=Master
primitive a-instance_attributes Dummy params state=1
primitive a-monitor-10 Dummy
primitive a-instance_attributes-0 Dummy params x=1 x=2 meta $id=a-instance_attributes-1 y=1
primitive l Dummy
location l-rule l rule x eq y and z eq 1
location l2 l rule x eq y rule $id=l2-rule y eq z
`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, el := range cfg.Element().FindElements(".//*[@id]") {
		if el.Tag != "node" {
			ids = append(ids, el.SelectAttrValue("id", ""))
		}
	}
	slices.Sort(ids)
	if unique := slices.Compact(slices.Clone(ids)); len(unique) != len(ids) || len(ids) < 25 {
		t.Errorf("%d ids, %d different: %v", len(ids), len(unique), ids)
	}
}

// TestManyNumberedIDs: 5000 parts of the same name need no quadratic time and
// no more than 99 numbers, where crmsh gives up.
func TestManyNumberedIDs(t *testing.T) {
	cfg, err := Parse("f", []byte("primitive p Dummy"+strings.Repeat(" params x=1", 5000)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	sets := cfg.Element().FindElements("resources/primitive/instance_attributes")
	if got := sets[len(sets)-1].SelectAttrValue("id", ""); got != "p-instance_attributes-4998" {
		t.Errorf("the last id is %s", got)
	}
}

// TestUnknown: what Text leaves out can be found.
func TestUnknown(t *testing.T) {
	cfg, err := Read([]byte(`<configuration><crm_config/><nodes><node id="1" uname="a"/><foo/></nodes><bar><x/></bar><fencing-topology/>` +
		`<resources><primitive id="p"/><clone id="c"><primitive id="q"/></clone></resources><rsc_defaults><meta_attributes id="m"/><baz/></rsc_defaults></configuration>`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, el := range cfg.Unknown() {
		got = append(got, el.Tag)
	}
	if strings.Join(got, " ") != "foo bar baz" {
		t.Errorf("got %v", got)
	}
}

func TestObjects(t *testing.T) {
	cfg, err := Parse("f", []byte("clone c g\ngroup g a\nprimitive a Dummy\nnode 1: n\nfencing_topology\nrsc_defaults x=1\nproperty y=1"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, obj := range cfg.Objects() {
		got = append(got, obj.Kind+" "+obj.ID)
	}
	want := "node n, primitive a, group g, clone c, fencing_topology , property cib-bootstrap-options, rsc_defaults rsc-options"
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
}
