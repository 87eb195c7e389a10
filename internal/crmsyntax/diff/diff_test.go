// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"ocf-oci/internal/crmsyntax"
)

func parse(t *testing.T, text string) *crmsyntax.Configuration {
	t.Helper()
	cfg, err := crmsyntax.Parse("test", []byte(text), crmsyntax.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

const base = "node 1: sp1\nprimitive a Dummy\nprimitive b Dummy\nprimitive c Dummy\n"

// TestSame are pairs of texts that mean the same to the cluster.
func TestSame(t *testing.T) {
	for _, pair := range [][2]string{
		{"primitive p Dummy x=1 y=2", "primitive p Dummy y=2 x=1"},
		{"primitive p Dummy params $id=foo x=1", "primitive p Dummy x=1"},
		{"primitive p Dummy meta a=1 meta b=2", "primitive p Dummy meta b=2 a=1"},
		{"primitive p Dummy meta a=1 meta a=2", "primitive p Dummy meta a=1"},
		{"primitive p Dummy params 5: x=1 params x=2", "primitive p Dummy params x=1"},
		{"primitive p Dummy params x=2 params 5: x=1", "primitive p Dummy params x=1"},
		{"primitive p Dummy params x=1 params rule #uname eq sp1 x=2", "primitive p Dummy params x=1"},
		{"primitive p Dummy params", "primitive p Dummy"},
		{"primitive p Dummy meta is-managed=yes target-role=Master", "primitive p Dummy meta is-managed=true target-role=Promoted"},
		{"primitive p Dummy meta resource-stickiness=inf failure-timeout=60", "primitive p Dummy meta resource-stickiness=1000000 failure-timeout=1min"},
		{"primitive p Dummy op monitor interval=10 timeout=1min", "primitive p Dummy op monitor interval=10s timeout=60"},
		{"primitive p Dummy op monitor interval=10 op start interval=0", "primitive p Dummy op start op monitor interval=10000ms"},
		{"primitive p Dummy op monitor interval=10 role=Master", "primitive p Dummy op monitor interval=10 role=Promoted"},
		{"primitive p Dummy op monitor interval=10 enabled=true role=Started", "primitive p Dummy op monitor interval=10"},
		{"primitive p Dummy params $id=s x=1\nprimitive q Dummy params $id-ref=s", "primitive p Dummy x=1\nprimitive q Dummy x=1"},
		{"primitive p Dummy params $n:x=1\nprimitive q Dummy params @n", "primitive p Dummy x=1\nprimitive q Dummy x=1"},
		{"ms m a meta master-max=1", "clone m a meta promotable=true promoted-max=1"},
		{"location l a rule 5: defined x and #uname eq sp1", "location l a rule $id=r 5: #uname eq sp1 and defined x"},
		{"location l a rule 5: defined x rule defined y", "location l a rule inf: defined y rule 5: defined x"},
		{"location l a role=Started inf: sp1", "location l a +inf: sp1"},
		{"location l1 a rule $id=r 5: defined x\nlocation l2 b rule $id-ref=r", "location l1 a rule 5: defined x\nlocation l2 b rule 5: defined x"},
		{"order o a b", "order o Mandatory: a b symmetrical=true"},
		{"order o inf: ( a b ) c", "order o Mandatory: ( b a ) c"},
		{"order o Serialize: a b", "order o Serialize: a b symmetrical=false"},
		{"colocation c1 100: a b", "colocation c1 +100: a b"},
		{"property stonith-enabled=yes stonith-timeout=60", "property stonith-timeout=1min stonith-enabled=true"},
		{"rsc_defaults resource-stickiness=1", "rsc_defaults other: resource-stickiness=1"},
		{"rsc_defaults a=1\nrsc_defaults x: b=2", "rsc_defaults b=2 a=1"},
		{"tag t a b", "tag t b a"},
		{"role r read cib write status", "role r write i: status read cib"},
		{"role r read cib\nrole s write cib\nacl_target u r s", "role s write cib\nrole r read cib\nacl_target u s r"},
		{"# why\nlocation l a inf: sp1", "location l a inf: sp1"},
		{"location l a inf: sp1\nlocation k a inf: sp1", "location k a inf: sp1\nlocation l a inf: sp1"},
		{"node 2: sp2:member", "node 2: sp2"},
		{"alert x /f to y meta timeout=5s", "alert x /f to { y meta timeout=5000ms }"},
	} {
		if changes := Compare(parse(t, base+pair[0]), parse(t, base+pair[1]), Options{}); len(changes) > 0 {
			t.Errorf("%s\n%s\nare the same, but:\n%s", pair[0], pair[1], changes)
		}
	}
}

// TestDifferent are changes and how they are told.
func TestDifferent(t *testing.T) {
	for _, tt := range []struct{ before, after, want string }{
		{"primitive p Dummy", "", "removed primitive p"},
		{"", "primitive p Dummy", "added primitive p"},
		{"primitive p Dummy", "primitive p ocf:pacemaker:Dummy", "changed primitive p\n    agent: ocf:heartbeat:Dummy -> ocf:pacemaker:Dummy"},
		{"primitive p Dummy ip=10.0.0.1", "primitive p Dummy ip=10.0.0.2", "changed primitive p\n    params ip: 10.0.0.1 -> 10.0.0.2"},
		{"primitive p Dummy x=yes", "primitive p Dummy x=true", "changed primitive p\n    params x: yes -> true"},
		{"primitive p Dummy x=1", "primitive p Dummy y=2", "changed primitive p\n    params x: removed, was 1\n    params y: set to 2"},
		{"primitive p Dummy x=\"\"", "primitive p Dummy x", "changed primitive p\n    params x: \"\" -> (no value)"},
		{"primitive p Dummy x=1", "primitive p Dummy params rule #uname eq sp1 x=2 params x=1",
			"changed primitive p\n    params x: 1 -> 2 if #uname eq sp1, 1 else"},
		{"primitive p Dummy op monitor interval=10", "primitive p Dummy op monitor interval=20",
			"changed primitive p\n    op monitor 10s: removed\n    op monitor 20s: added"},
		{"primitive p Dummy op monitor interval=10 timeout=20 a=b", "primitive p Dummy",
			"changed primitive p\n    op monitor 10s: removed"},
		{"primitive p Dummy op monitor interval=10 timeout=20", "primitive p Dummy op monitor interval=10 timeout=30 a=b",
			"changed primitive p\n    op monitor 10s op_params a: set to b\n    op monitor 10s timeout: 20 -> 30"},
		{"primitive p Dummy op monitor interval=10", "primitive p Dummy op monitor interval=10 op monitor interval=10s",
			"changed primitive p\n    op monitor 10s #2: added"},
		{"group g a b", "group g b a", "changed group g\n    members: a b -> b a"},
		{"group g a", "group g a b", "changed group g\n    members: a -> a b"},
		{"clone m a", "ms m a", "changed ms m\n    meta promotable: set to true"},
		{"location l a inf: sp1", "location l a 100: sp2", "changed location l\n    node: sp1 -> sp2\n    score: INFINITY -> 100"},
		{"location l a rule inf: defined x", "location l a rule 5: defined x",
			"changed location l\n    rule 5: defined x: added\n    rule INFINITY: defined x: removed"},
		{"order o inf: a b", "order o inf: b a", "changed order o\n    resources: a b -> b a"},
		{"order o inf: a b c", "order o inf: ( a b ) c", "changed order o\n    resources: { a b c } -> ( a b ) { c }"},
		{"order o a b", "order o Optional: a b symmetrical=false", "changed order o\n    kind: Mandatory -> Optional\n    symmetrical: set to false"},
		{"colocation x inf: a b", "colocation x inf: a:Master b", "changed colocation x\n    resources: a b -> a:Promoted b"},
		{"location l a inf: sp1", "order l a b", "removed location l\nadded order l"},
		{"property maintenance-mode=false", "property maintenance-mode=true", "changed property cib-bootstrap-options\n    maintenance-mode: false -> true"},
		{"rsc_defaults a=1", "op_defaults a=1", "removed rsc_defaults\nadded op_defaults"},
		{"fencing_topology sp1: a b", "fencing_topology sp1: b", "changed fencing_topology\n    sp1 level 1: a -> b\n    sp1 level 2: removed, was b"},
		{"tag t a b", "tag t a", "changed tag t\n    b: removed"},
		{"role r read cib", "role r write cib", "changed role r\n    read xpath=/cib: removed\n    write xpath=/cib: added"},
		{"alert x /f to y", "alert x /f to { z meta timeout=1s }", "changed alert x\n    recipient y: removed\n    recipient z: added"},
		{"alert x /f select nodes", "alert x /f select attributes { a }", "changed alert x\n    select attributes: added\n    select nodes: removed"},
		{"bundle u docker image=x", "bundle u docker image=y network port-mapping id=pm port=80",
			"changed bundle u\n    docker image: x -> y\n    network: added"},
		{"node 2: sp2 standby=on", "node 2: sp2", "changed node sp2\n    attributes standby: removed, was on"},
		{`xml <rsc_order id="o" first="a" then="b" require-all="false"/>`, "order o a b", "changed order o\n    require-all: removed, was false"},
	} {
		changes := Compare(parse(t, base+tt.before), parse(t, base+tt.after), Options{})
		if got := changes.String(); got != tt.want {
			t.Errorf("%s\n%s\n got %s\nwant %s", tt.before, tt.after, got, tt.want)
		}
	}
}

func TestIgnoreProperties(t *testing.T) {
	before := parse(t, base+"property dc-version=2.1.5 maintenance-mode=true\nproperty other: dc-version=1")
	after := parse(t, base+"property maintenance-mode=true\nproperty other: dc-version=2")
	want := "changed property other\n    dc-version: 1 -> 2"
	if got := Compare(before, after, Options{IgnoreProperties: PacemakerOwned}).String(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// TestNothingIsOverlooked changes every attribute of a configuration with
// objects of all kinds, takes out every element, and wants a difference each
// time. Only ids of parts do not count.
func TestNothingIsOverlooked(t *testing.T) {
	text, err := os.ReadFile("../testdata/everything.crm")
	if err != nil {
		t.Fatal(err)
	}
	extra := `
xml <rsc_colocation id="x1" score="5" rsc="p_ip" with-rsc="p_fs" influence="false"/>
xml <rsc_location id="x2" rsc="p_ip" node="sp1" score="5"><lifetime><rule id="x2r" score="5"><expression id="x2e" attribute="a" operation="eq" value="1"/></rule></lifetime></rsc_location>
xml <rsc_order id="x3" first="p_ip" then="p_fs" require-all="false"/>
xml <rsc_defaults><meta_attributes id="x4"><rule id="x4r"><rsc_expression id="x4e" class="ocf" type="IPaddr2"/></rule><nvpair id="x4n" name="x" value="y"/></meta_attributes></rsc_defaults>
xml <bundle id="x5"><docker image="a" network="host"/><instance_attributes id="x5i"><nvpair id="x5n" name="a" value="b"/></instance_attributes></bundle>
`
	original, err := crmsyntax.Parse("everything", append(text, extra...), crmsyntax.Options{})
	if err != nil {
		t.Fatal(err)
	}
	xml := original.XML()
	if changes := Compare(original, read(t, xml), Options{}); len(changes) > 0 {
		t.Fatalf("the same configuration differs:\n%s", changes)
	}
	mutations := 0
	check := func(what string, root *etree.Element) {
		mutations++
		doc := etree.NewDocumentWithRoot(root)
		changed, err := doc.WriteToBytes()
		if err != nil {
			t.Fatal(err)
		}
		if len(Compare(original, read(t, changed), Options{})) == 0 {
			t.Errorf("overlooked: %s", what)
		}
	}
	count := len(read(t, xml).Element().FindElements(".//*"))
	for i := range count {
		at := func() (root, el *etree.Element) {
			root = read(t, xml).Element().Copy()
			return root, root.FindElements(".//*")[i]
		}
		_, el := at()
		for a, attr := range el.Attr {
			if attr.Key == "id" && !isObject(el) && el.Tag != "resource_ref" && el.Tag != "obj_ref" && el.Tag != "role" {
				continue
			}
			if el.Tag == "rule" && attr.Key == "score" && strings.HasSuffix(el.Parent().Tag, "_attributes") {
				continue // means nothing there
			}
			root, el := at()
			el.Attr[a].Value += "7"
			check(fmt.Sprintf("<%s> %s=%q", el.Tag, attr.Key, attr.Value), root)
		}
		if empty := len(el.ChildElements()) == 0 && len(el.Attr) <= 1; empty && el.Parent().Tag == "configuration" {
			continue
		}
		root, el := at()
		name := el.Tag + " " + el.SelectAttrValue("id", "")
		el.Parent().RemoveChild(el)
		check("removal of "+name, root)
	}
	if mutations < 250 {
		t.Errorf("only %d mutations", mutations)
	}
}

// isObject tells whether the id of an element is the name of something.
func isObject(el *etree.Element) bool {
	switch el.Parent().Tag {
	case "resources", "constraints", "group", "clone", "master", "bundle", "tags", "acls", "alerts", "nodes", "crm_config":
		return el.Tag != "meta_attributes" && el.Tag != "instance_attributes"
	}
	return el.Tag == "port-mapping"
}

func read(t *testing.T, xml []byte) *crmsyntax.Configuration {
	t.Helper()
	cfg, err := crmsyntax.Read(xml)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// TestPropertyTypes compares the table with what the installed daemons say.
func TestPropertyTypes(t *testing.T) {
	want := map[string]valueType{"boolean": boolean, "time": duration}
	seen := 0
	for _, daemon := range []string{"pacemaker-schedulerd", "pacemaker-controld", "pacemaker-based"} {
		out, err := exec.CommandContext(t.Context(), "/usr/lib/pacemaker/"+daemon, "metadata").Output()
		if err != nil {
			t.Skipf("%s is not installed: %v", daemon, err)
		}
		doc := etree.NewDocument()
		if err := doc.ReadFromBytes(out); err != nil {
			t.Fatal(err)
		}
		for _, parameter := range doc.FindElements("//parameter") {
			name := parameter.SelectAttrValue("name", "")
			typ := parameter.SelectElement("content").SelectAttrValue("type", "")
			if w, ok := want[typ]; ok {
				seen++
				if propertyTypes[name] != w {
					t.Errorf("%s says %s is a %s", daemon, name, typ)
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d properties seen", seen)
	}
}

// TestPositionsOfRemoved: what was removed is told where it used to be.
func TestPositionsOfRemoved(t *testing.T) {
	changes := Compare(parse(t, base+"primitive d Dummy\nprimitive e Dummy\nlocation l a inf: sp1"), parse(t, base+"primitive e Dummy meta x=1"), Options{})
	var got []string
	for _, c := range changes {
		got = append(got, c.ID)
	}
	if strings.Join(got, " ") != "d e l" {
		t.Errorf("got %v", got)
	}
}

// TestUnknownElements: what is no object of crm syntax counts too.
func TestUnknownElements(t *testing.T) {
	before := read(t, []byte(`<configuration><nodes/><future><thing id="a" x="1"/></future></configuration>`))
	after := read(t, []byte(`<configuration><nodes><other id="o"/></nodes><future><thing id="a" x="2"/></future></configuration>`))
	want := "changed future\n    <thing>: <thing x=\"1\"/> -> <thing x=\"2\"/>\nadded other o"
	got := strings.Split(Compare(before, after, Options{}).String(), "\n")
	slices.Sort(got)
	lines := strings.Split(want, "\n")
	slices.Sort(lines)
	if !slices.Equal(got, lines) {
		t.Errorf("got %q\nwant %q", got, lines)
	}
}
