// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"strings"
	"testing"
)

// deliberate are the things that crmsh 4.4 does and Parse does on purpose not
// do. The package documentation lists them in words.
var deliberate = []struct {
	name, text string
	crmsh      string // stands in what crmsh makes; empty: it refuses the file or dies
	ours       string // stands in what we make; "error: …": the error
}{
	// What crmsh takes silently although it cannot be meant.
	{"comment behind an object", "primitive p Dummy params state=1 # hello world",
		`<nvpair name="world"`, "error: a comment cannot stand inside an object"},
	{"comment line in an object", "primitive p Dummy \\\n# params state=3 \\\nop monitor",
		`<nvpair name="#"`, "error: a comment cannot stand inside an object"},
	{"missing space before a backslash", "primitive p Dummy params state=1\\\n   op monitor",
		`value="1op"`, "error: state=1 and the next line would become one word"},
	{"two backslashes", "primitive p Dummy state=1 \\\\\nfake=2",
		`name="fake"`, "error: two backslashes at the end of a line"},
	{"mistyped keyword", "primitive p Dummy params state=1 met target-role=Stopped",
		`<nvpair name="target-role" value="Stopped" id="p-instance_attributes-target-role"/>`, "error: unexpected met; did you mean meta?"},
	{"clone of two", "primitive a Dummy\nprimitive b Dummy\nclone c a b",
		`<nvpair name="b"`, "error: a clone has one member"},
	{"clone of nothing", "primitive a Dummy\nclone c nix",
		`<clone id="c"/>`, "error: there is no resource nix"},
	{"reference to nothing", "primitive p Dummy params $id-ref=nix",
		`id-ref="nix"`, "error: there is no instance_attributes with the id nix"},
	{"template that is not there", "primitive p @nix",
		`template="nix"`, "error: there is no rsc_template nix"},
	{"role that is not there", "acl_target joe nix",
		`<role id="nix"/>`, "error: there is no role nix"},
	{"right for nothing", "role r deny",
		`<acl_role id="r"/>`, "error: expected what to deny"},
	{"right for two XPaths", "role r read xpath:/a xpath:/b",
		`xpath="/b"`, "error: xpath is given twice"},
	{"one id for two permissions", "primitive a Dummy\nrole r read i: xpath:/cib ref:a",
		`id="i"`, "error: several permissions cannot share one id"},
	{"node twice", "node 1: sp1\nnode 2: sp1",
		`<node id="2" uname="sp1"/>`, "error: node sp1 is there twice"},
	{"parts with the same id", "primitive a Dummy params $id=s x=1\nprimitive b Dummy params $id=s x=1",
		`<instance_attributes id="s">`, "error: the id s is used twice"},
	// What no schema allows.
	{"score attribute in a colocation", "primitive a Dummy\nprimitive b Dummy\ncolocation c pingd: a b",
		`score-attribute="pingd"`, "error: pingd is no score"},
	{"unknown class", "primitive p foo:bar", `class="foo"`, "error: foo is no class of agents"},
	{"provider without ocf", "primitive p stonith:ibm:x", `provider="ibm"`, "error: agents of class stonith have no provider"},
	{"instance of a clone", "primitive a Dummy\nprimitive b Dummy\ncolocation c inf: a:1 b",
		`rsc-instance="1"`, "error: a single instance of a clone cannot be constrained"},
	{"unknown option of a location", "primitive a Dummy\nlocation l a foo=bar inf: n", `foo="bar"`, "error: unexpected foo=bar"},
	{"unknown attribute of a container", "bundle b docker imag=x", `imag="x"`, "error: docker has no attribute imag"},
	{"part of a date without value", "primitive a Dummy\nlocation l a rule date spec hours moon=0", `hours=""`, "error: expected a part of a date"},
	// The schema's spelling instead of the one in the file.
	{"infinity in mixed case", "primitive a Dummy\nprimitive b Dummy\ncolocation c -Infinity: a b", `score-attribute="-Infinity"`, `score="-INFINITY"`},
	{"infinite score of a set", "primitive p Dummy params inf: x=1", `score="inf"`, `score="INFINITY"`},
	{"operators in upper case", "primitive a Dummy\nlocation l a rule 1: x GT 3 OR DEFINED y", `boolean-op="OR"`, `<rule score="1" boolean-op="or"`},
	{"role in lower case", "primitive a Dummy\nlocation l a role=promoted inf: n", `role="promoted"`, `role="Promoted"`},
	{"loss policy in upper case", "primitive a Dummy\nrsc_ticket t T: a loss-policy=Freeze", `loss-policy="Freeze"`, `loss-policy="freeze"`},
	{"node of type normal", "node 1: sp1:normal", `type="normal"`, `<node id="1" uname="sp1"/>`},
	{"truth value of an operation", "primitive p Dummy op monitor enabled=yes", `enabled="yes"`, `enabled="true"`},
	{"id that XML does not allow", `node 1: sp1 attributes "x y=z"`, `id="sp1-instance_attributes-x y"`, `id="sp1-instance_attributes-x.y"`},
	// Mistakes of crmsh.
	{"letters beyond ASCII", "primitive p Dummy params state=äöü", `value="&amp;#228;&amp;#246;&amp;#252;"`, `value="äöü"`},
	{"node attribute in mixed case", "primitive a Dummy\nprimitive b Dummy\ncolocation c 100: a b node-attribute=Rack", `node-attribute="rack"`, `node-attribute="Rack"`},
	{"equals sign in a value with an id", "primitive p Dummy params $i:state=a=b", `name="state=a"`, `name="state" value="a=b"`},
	{"unknown source of a value", "primitive a Dummy\nlocation l a rule x eq foo{bar}", `value="bar" value-source="foo"`, `value="foo{bar}"`},
	{"levels of a node attribute", "node n\nprimitive a Dummy\nfencing_topology attr:rack=1 a attr:rack=2 a",
		`index="2"`, `<fencing-level target-attribute="rack" target-value="2" index="1" devices="a"`},
	{"fencing topology for every node", "node 1: sp1\nnode 2: sp2\nprimitive a Dummy\nfencing_topology a",
		`<fencing-topology/>`, `<fencing-level target="sp2" index="1" devices="a"`},
	{"select twice", "alert a /f select nodes select fencing", "</select>", "<select_nodes/>\n        <select_fencing/>"},
	{"meta twice in a bundle", "bundle b docker image=x meta a=b meta c=d", `<nvpair name="meta"`, `<meta_attributes id="b-meta_attributes-0">`},
	{"defaults that are a reference", "rsc_defaults a=b\nrsc_defaults $id-ref=rsc-options", "", `<meta_attributes id-ref="rsc-options"/>`},
	{"ids that are taken", "node a attributes x=1\nprimitive a-instance_attributes Dummy",
		`<instance_attributes id="a-instance_attributes">`, `<instance_attributes id="a-instance_attributes-0">`},
	// What crmsh refuses or dies of.
	{"parameter of an operation without interval", "primitive p Dummy op monitor depth=1", "", `<nvpair name="depth" value="1"`},
	{"value with a blank in a rule", `primitive a Dummy` + "\n" + `location l a rule x eq "a b"`, "", `value="a b"`},
	{"brackets against a name", "primitive a Dummy\nprimitive b Dummy\norder o inf: (a) b", "", `<resource_set sequential="false"`},
	{"minutes and days", "primitive a Dummy\nlocation l a rule date spec minutes=3 and date in start=2009 days=3", "", `<duration days="3"`},
	{"comment with two dashes", "# a -- b\nprimitive a Dummy", "", "<!--# a - - b-->"},
}

// TestWhereWeDifferOnPurpose checks both sides of every deliberate
// difference, so that the list stays true.
func TestWhereWeDifferOnPurpose(t *testing.T) {
	var files []testCase
	for _, d := range deliberate {
		files = append(files, testCase{d.name, d.text + "\n"})
	}
	for _, d := range deliberate {
		cfg, err := Parse(d.name, []byte(d.text+"\n"), installed)
		got := ""
		if err != nil {
			list, _ := AsErrors(err)
			_, message, _ := strings.Cut(list[0].Error(), ": ")
			got = "error: " + message
		} else {
			got = string(cfg.XML())
		}
		if !strings.Contains(strings.Join(strings.Fields(got), " "), strings.Join(strings.Fields(d.ours), " ")) {
			t.Errorf("%s: want %s, got\n%s", d.name, d.ours, got)
		}
	}
	theirs := crmsh(t, files)
	for _, d := range deliberate {
		made, taken := theirs[d.name]
		switch {
		case taken != (d.crmsh != ""):
			t.Errorf("%s: crmsh takes it: %v", d.name, taken)
		case !strings.Contains(string(made.xml), d.crmsh):
			t.Errorf("%s: crmsh no longer makes %s, but\n%s", d.name, d.crmsh, made.xml)
		}
	}
}
