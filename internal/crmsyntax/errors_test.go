// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"strings"
	"testing"
)

// preamble is what the files of TestErrors refer to; it takes two lines.
const preamble = "primitive a Dummy\nprimitive b Dummy\n"

// TestErrors checks place, message and remedy of every sort of error. The
// place is where a reader would put a finger.
func TestErrors(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		// keywords and ids
		{"primitve p Dummy", "3:1: unknown keyword primitve; did you mean primitive?"},
		{"colocaton c inf: a b", "3:1: unknown keyword colocaton; did you mean colocation?"},
		{"params x=1", "3:1: unknown keyword params; an object begins with a keyword such as"},
		{"primitive", "3:10: expected the id of the primitive, found the end of the object"},
		{"primitive 1p Dummy", "3:11: 1p cannot be an id"},
		{"location l:x a inf: n", "3:10: l:x cannot be an id"},
		{"primitive c", "3:12: expected an agent"},
		{"primitive a Dummy", "3:11: the id a is taken by the primitive in line 1"},
		{"tag a b", "3:5: the id a is taken by the primitive in line 1"},
		{"primitive c Dummy params $id=a x=1", "3:26: the id a is used twice"},
		{"primitive c Dummy params $id=s x=1 params $id=s y=1", "3:43: the id s is used twice"},
		{"primitive c Dummy params $id=1s x=1", "3:26: 1s cannot be an id"},
		// lines and words
		{`primitive c Dummy x="a b`, `3:21: the quote " is never closed`},
		{"primitive c Dummy \\\n  x='a b\nprimitive d Dummy", "4:5: the quote ' is never closed"},
		{"primitive c Dummy x=1 # why", "3:23: a comment cannot stand inside an object"},
		{"primitive c Dummy \\\n # x=1 \\\n op monitor", "4:2: a comment cannot stand inside an object"},
		{"primitive c Dummy x=1 #why", "3:23: a comment cannot stand inside an object"},
		{"primitive c Dummy x=1\\\n  op monitor", "3:19: x=1 and the next line would become one word; put a space before the backslash"},
		{"primitive c Dummy x=1 \\\\\n y=1", "3:23: two backslashes at the end of a line"},
		{"primitive c Dummy\u00a0x=1", "3:18: no-break space U+00A0"},
		{"primitive c Dummy x=\x01", "3:21: control character U+0001"},
		{"primitive c Dummy x=\xff", "3:21: byte 0xff is not UTF-8 text; save the file as UTF-8"},
		{"\tprimitive c Dummy x=ä parms", "3:24: unexpected parms; did you mean params?"},
		// agents
		{"primitive c ocf:heartbeat:Dummy:x", "3:13: ocf:heartbeat:Dummy:x is no agent"},
		{"primitive c ocf::Dummy", "3:13: ocf::Dummy is no agent"},
		{"primitive c :Dummy", "3:13: :Dummy is no agent"},
		{"primitive c stonth:null", "3:13: stonth is no class of agents; did you mean stonith?"},
		{"primitive c stonith:x:y", "3:13: agents of class stonith have no provider; write stonith:y"},
		{"primitive c @t", "3:13: there is no rsc_template t"},
		{"rsc_template tmpl Dummy\nprimitive c @tpml", "4:13: there is no rsc_template tpml; did you mean tmpl?"},
		// sets
		{"primitive c Dummy parms x=1", "3:19: unexpected parms; did you mean params?"},
		{"primitive c Dummy params x=1 met target-role=Started", "3:30: unexpected met; did you mean meta?"},
		{"primitive c Dummy params x=1 rule #uname eq n", "3:30: unexpected rule; write the rule before the values it is for"},
		{"primitive c Dummy params x=1 foo:bar", "3:30: unexpected foo:bar; a primitive takes params, meta, utilization, operations or op here"},
		{"primitive c Dummy params 1.5: x=1", "3:26: 1.5 is no score; use a whole number, inf or -inf"},
		{"primitive c Dummy params x{y=1", "3:26: x{y cannot be a name: pacemaker could not read its own list of actions; use letters"},
		{"primitive c Dummy op monitor interval=5 params $z:-y=1", "3:48: -y cannot be a name"},
		{"primitive c Dummy op monitor interval=5 x/y=1", "3:41: x/y cannot be a name"},
		{"property x*y=1", "3:10: x*y cannot be a name"},
		{"primitive c Dummy params $id-ref=zz", "3:26: there is no instance_attributes with the id zz"},
		{"primitive c Dummy params $id-ref=a", "3:26: primitive a has no instance_attributes with an id"},
		{"primitive c Dummy params @zz", "3:26: there is no name-value pair with the id zz"},
		{"primitive c Dummy operations op start", "3:30: expected $id=ID or $id-ref=ID"},
		{"primitive c Dummy op_params x=1", "3:19: unexpected op_params"},
		// operations
		{"primitive c Dummy op", "3:21: expected the name of an operation"},
		{"primitive c Dummy op interval=10", "3:22: expected the name of an operation, such as monitor, found interval=10"},
		{"primitive c Dummy op monitor intervall=10", "3:30: intervall is no attribute of an operation; did you mean interval?"},
		{"primitive c Dummy op monitor depth=1 timeout=10", "3:38: timeout is an attribute of the operation and cannot follow its parameters; write it before depth"},
		{"primitive c Dummy op monitor on-fail=restrat", "3:30: restrat is no value of on-fail; did you mean restart?"},
		{"primitive c Dummy op monitor role=Mastr", "3:30: Mastr is no role; did you mean Master?"},
		{"primitive c Dummy op monitor enabled=maybe", "3:30: maybe of enabled is no truth value; use true or false"},
		{"primitive c Dummy op monitor name=start", "3:30: the name of the operation was already given: monitor"},
		{"monitor zz 10", "3:9: there is no resource zz"},
		{"group g a b\nmonitor g 10", "4:9: g is a group, only a primitive can be monitored"},
		{"monitor a 10\nmonitor a 10:20", "4:9: a already has a monitor with interval 10"},
		// containers
		{"group g", "3:8: expected a primitive"},
		{"group g a a", "3:11: a is twice in the group"},
		{"group g a zz", "3:11: there is no resource zz"},
		{"primitive first Dummy\ngroup g frist", "4:9: there is no resource frist; did you mean first?"},
		{"group g a\nclone c a", "4:9: a is already in group g"},
		{"clone c a b", "3:11: a clone has one member, found another: b"},
		{"clone c a\nclone d c", "4:9: a clone contains a primitive or group, and c is a clone"},
		{"group g a\ngroup h g", "4:9: a group contains a primitive, and g is a group"},
		{"clone c a mta x=1", "3:11: unexpected mta; did you mean meta?"},
		{"group g a op", "3:11: there is no resource op"},
		{"bundle c", "3:9: expected docker, podman or rkt"},
		{"bundle c docker imag=x", "3:17: docker has no attribute imag; did you mean image?"},
		{"bundle c docker image=x network port-maping port=80", "3:33: expected port-mapping, found port-maping; did you mean port-mapping?"},
		{"bundle c docker image=x docker image=y", "3:25: docker is given twice"},
		{"bundle c docker image=x primitive zz", "3:35: there is no resource zz"},
		// constraints
		{"location l a sp1", "3:14: expected SCORE: NODE or rule, found sp1"},
		{"location l a inf:sp1", "3:14: expected SCORE: NODE or rule, found inf:sp1; put a space after inf:"},
		{"location l a inf sp1", "3:14: expected SCORE: NODE or rule, found inf; write inf:"},
		{"location l a inf:", "3:18: expected the name of a node"},
		{"location l a inff: sp1", "3:14: inff is no score"},
		{"location l zz inf: n", "3:12: there is no resource zz"},
		{"location l { a", "3:12: the bracket { is never closed"},
		{"location l { } inf: n", "3:14: expected a resource, found }"},
		{"location l { a ( b } inf: n", "3:16: the bracket ( is never closed"},
		{"location l /abc inf: n", "3:12: expected a resource, /PATTERN/ or { SETS }, found /abc"},
		{"location l a foo=bar inf: n", "3:14: unexpected foo=bar: a location has role=ROLE and resource-discovery=WHEN"},
		{"location l a resource-discovery=newer inf: n", "3:14: newer is no value of resource-discovery; did you mean never?"},
		{"location l a rule #uname = n", "3:26: expected a comparison: lt, gt, lte, gte, eq or ne, found ="},
		{"location l a rule #uname=n", "3:19: expected a node attribute, found #uname=n; compare with eq"},
		{"location l a rule #uname qe n", "3:26: expected a comparison"},
		{"location l a rule #uname numbr:eq n", "3:26: expected a comparison"},
		{"location l a rule #uname eq", "3:28: expected a value to compare with, found the end of the object"},
		{"location l a rule x eq 1 and y eq 2 or z eq 3", "3:37: and and or cannot be mixed in one rule; use two rules"},
		{"location l a rule", "3:18: expected an expression"},
		{"location l a rule date near 2009", "3:24: expected one of lt, gt, in, in_range, spec or date_spec after date, found near"},
		{"location l a rule date in start=2009", "3:37: expected start=DATE end=DATE or start=DATE and a duration"},
		{"location l a rule date in hours=3 months=1", "3:43: expected start=DATE end=DATE or start=DATE and a duration"},
		{"location l a rule date in strat=2009", "3:27: expected start=DATE end=DATE or start=DATE and a duration such as hours=8, found strat=2009; did you mean start=?"},
		{"location l a rule date spec horus=1", "3:29: expected a part of a date"},
		{"location l a rule $id-ref=zz", "3:19: there is no rule with the id zz"},
		{"colocation c a b", "3:14: expected SCORE:, found a"},
		{"colocation c pingd: a b", "3:14: pingd is no score"},
		{"colocation c inf:", "3:18: expected a resource"},
		{"colocation c inf: a:Mstr b", "3:19: Mstr is no role"},
		{"colocation c inf: a:1 b", "3:19: a single instance of a clone cannot be constrained since pacemaker 2.0"},
		{"colocation c inf: a b node-atribute=x", "3:23: unexpected node-atribute=x: a set of resources has sequential=BOOL and require-all=BOOL; options of the constraint stand at its end; did you mean node-attribute?"},
		{"order o mandatory a b", "3:9: a colon must follow the kind of an order; write mandatory:"},
		{"order o Mandatry: a b", "3:9: Mandatry is no kind of order or score; did you mean Mandatory?"},
		{"order o inf: a:strat b", "3:14: strat is no action; did you mean start?"},
		{"order o inf: a b symmetrical=perhaps", "3:18: perhaps of symmetrical is no truth value"},
		{"order o inf: ( a ( b ) )", "3:18: sets of resources cannot be nested"},
		{"order o inf: ( a", "3:14: the bracket ( is never closed"},
		{"order o inf: ( a ]", "3:18: ] cannot close (; write )"},
		{"order o inf: a b )", "3:18: ) closes a bracket that was not opened"},
		{"order o inf: ( ) a", "3:16: a set of resources cannot be empty"},
		{"order o inf: a b a sequntial=false", "3:20: unexpected sequntial=false"},
		{"rsc_ticket t a", "3:14: expected TICKET:, found a"},
		{"rsc_ticket t T: a loss-policy=stp", "3:19: stp is no loss policy; did you mean stop?"},
		// the rest
		{"node", "3:5: expected the name of the node"},
		{"node 1: n:foo", "3:9: foo is no type of node"},
		{"node 1: n\nnode 2: n", "4:9: node n is there twice"},
		{"node 1: n\nnode 1: m", "4:9: the id 1 is taken by the node in line 3"},
		{"property", "3:9: expected NAME=VALUE"},
		{"property a=b\nproperty c=d", "4:1: the id cib-bootstrap-options is taken by the property in line 3; put both lists into one statement"},
		{"property $id-ref=x", "3:1: a set of properties cannot be a reference"},
		{"rsc_defaults x: 10: a=b", "3:17: unexpected 10:; a rsc_defaults takes NAME=VALUE"},
		{"fencing_topology a", "3:1: a fencing topology without targets is for every node, and no node is known"},
		{"fencing_topology n: a x=y", "3:23: unexpected x=y"},
		{"tag t", "3:6: expected an object to tag"},
		{"role r", "3:7: expected a right: read, write or deny"},
		{"role r wirte cib", "3:8: expected a right: read, write or deny, found wirte; did you mean write?"},
		{"role r read nix:x", "3:13: expected what to read"},
		{"role r read meta", "3:13: expected meta:NAME"},
		{"role r read meta:a:b:c", "3:13: meta: is followed by too many names"},
		{"role r read xpath:", "3:13: expected xpath:VALUE"},
		{"role r read xpath:/a xpath:/b", "3:22: xpath is given twice for one right"},
		{"role r read attr:x", "3:8: attr: only goes with type:; add type:TAG"},
		{"role r read ref:zz", "3:13: there is nothing with the id zz"},
		{"role r read i: xpath:/cib ref:a", "3:8: several permissions cannot share one id"},
		{"role r deny", "3:12: expected what to deny"},
		{"acl_target joe", "3:15: expected a role"},
		{"acl_target joe zz", "3:16: there is no role zz"},
		{"alert x", "3:8: expected the path of the alert agent"},
		{"alert x to /y", "3:9: expected the path of the alert agent, found to"},
		{"alert x /f foo", "3:12: unexpected foo; an alert takes attributes, meta, select or to here"},
		{"alert x /f to", "3:14: expected a recipient"},
		{"alert x /f to { y", "3:15: the bracket { is never closed"},
		{"alert x /f select nodse", "3:19: expected what to select"},
		{"alert x /f select attributes { y", "3:30: the bracket { is never closed"},
		{"xml <foo/>", "3:1: <foo> is no object of a configuration"},
		{"xml <primitive", "3:1: not well-formed XML"},
		{"xml <primitive class=\"ocf\"/>", "3:1: <primitive> has no id"},
		{"xml <rsc_order id=\"o\" first=\"a\" then=\"zz\"/>", "3:1: there is no resource zz"},
		{"xml <primitive id=\"c\" template=\"t\"/>", "3:1: there is no rsc_template t"},
		{"xml <tag id=\"t\"/> <tag id=\"u\"/>", "3:1: expected one XML element"},
	} {
		_, err := Parse("f.crm", []byte(preamble+tt.text+"\n"), Options{})
		list, ok := AsErrors(err)
		if !ok || len(list) == 0 {
			t.Errorf("%q: accepted, want %s", tt.text, tt.want)
			continue
		}
		if got := list[0].Error(); !strings.HasPrefix(got, "f.crm:"+tt.want) {
			t.Errorf("%q:\n got %s\nwant f.crm:%s", tt.text, got, tt.want)
		}
		if len(list) > 1 {
			t.Errorf("%q: more than one error:\n%s", tt.text, list)
		}
	}
}

// TestAllErrorsAtOnce: every broken object is reported once, and what refers
// to a broken object is no further error.
func TestAllErrorsAtOnce(t *testing.T) {
	text := `primitive p_ip IPaddr2 parms ip=10.0.0.1
primitve p_fs Filesystem
primitive p_web "apache
group g p_ip p_fs p_web p_db
location l g
order o inf: g l
`
	_, err := Parse("cluster.crm", []byte(text), Options{})
	list, _ := AsErrors(err)
	var got []string
	for _, e := range list {
		got = append(got, e.Error())
	}
	want := []string{
		"cluster.crm:1:24: unexpected parms; did you mean params?",
		"cluster.crm:2:1: unknown keyword primitve; did you mean primitive?",
		`cluster.crm:3:17: the quote " is never closed; close it in the same logical line`,
		"cluster.crm:4:25: there is no resource p_db",
		"cluster.crm:5:13: expected SCORE: NODE or rule, found the end of the object",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestDetail shows an error with the line and a caret that stays below the
// word whatever a tab is worth.
func TestDetail(t *testing.T) {
	_, err := Parse("f.crm", []byte("primitive p Dummy \\\n\tparams x=\"ä ö\" mta y=1\n"), Options{})
	want := "f.crm:2:17: unexpected mta; did you mean meta?\n" +
		"    \tparams x=\"ä ö\" mta y=1\n" +
		"    \t               ^~~"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// TestDetailOfLongLine: what is shown of a long line is short, and the caret
// stands right.
func TestDetailOfLongLine(t *testing.T) {
	text := "primitive p Dummy " + strings.Repeat("x=1 ", 1000) + "mta y=1 " + strings.Repeat("z=1 ", 1000)
	_, err := Parse("f.crm", []byte(text), Options{})
	list, _ := AsErrors(err)
	if len(list) != 1 {
		t.Fatalf("got %v", err)
	}
	e := list[0]
	if e.Column != 19+4000 {
		t.Errorf("column %d", e.Column)
	}
	line, caret := e.Excerpt()
	at := strings.IndexByte(caret, '^')
	if shown := []rune(line); len(shown) > 2*excerptWidth+2 || string(shown[at:at+3]) != "mta" {
		t.Errorf("caret below %q in %q", string(shown[at:at+3]), line)
	}
}

// TestWarnings are legal things that are surely not meant.
func TestWarnings(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"primitive c Dummy params foo", "3:26: warning: foo has no value; write foo=VALUE"},
		{"primitive c Dummy params x=1 y=2 x=3", "3:34: warning: x is set twice in one list; pacemaker uses the first; take one of them out"},
		{"property x=1 x=3", "3:14: warning: x is set twice in one list; the last counts; take one of them out"},
		{"primitive c Dummy op monitor timeout=6O", "3:30: warning: 6O of timeout is no time"},
		{"monitor a 10:1x", "3:11: warning: 1x of timeout is no time"},
		{"tag t a zz", "3:9: warning: there is nothing called zz to tag"},
		{"node n\nlocation l a inf: m", "4:19: warning: the file has no node m"},
		{"fencing_topology n: zz", "3:21: warning: there is no fencing device zz"},
		{"user joe read xpath:/cib", "3:6: warning: ACLs with user are refused"},
	} {
		cfg, err := Parse("f.crm", []byte(preamble+tt.text+"\n"), Options{})
		if err != nil || len(cfg.Warnings) != 1 {
			t.Errorf("%q: error %v", tt.text, err)
			continue
		}
		if got := cfg.Warnings[0].Error(); !strings.HasPrefix(got, "f.crm:"+tt.want) {
			t.Errorf("%q:\n got %s\nwant f.crm:%s", tt.text, got, tt.want)
		}
	}
}
