// SPDX-License-Identifier: Apache-2.0

package loader

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ocf-oci/internal/crmreload"
	"ocf-oci/internal/crmsyntax"
	"ocf-oci/internal/ocfagent"
	"ocf-oci/internal/pacemaker/cib"
)

// The real cibadmin, crm_verify and crm_simulate work on a CIB file here; tests/scenarios has the live clusters.

// pair is a live pair in which both nodes have probed and one runs a and b.
const pair = `<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="7" num_updates="3" admin_epoch="0" have-quorum="1" dc-uuid="1">
  <configuration>
    <crm_config>
      <cluster_property_set id="cib-bootstrap-options">
        <nvpair id="o-stonith" name="stonith-enabled" value="false"/>
        <nvpair id="o-dc" name="dc-version" value="2.1.5"/>
      </cluster_property_set>
    </crm_config>
    <nodes>
      <node id="1" uname="sp1"/>
      <node id="2" uname="sp2">
        <instance_attributes id="nodes-2"><nvpair id="nodes-2-standby" name="standby" value="on"/></instance_attributes>
      </node>
    </nodes>
    <resources>
      <primitive id="a" class="ocf" provider="pacemaker" type="Dummy"/>
      <primitive id="b" class="ocf" provider="pacemaker" type="Dummy"/>
    </resources>
    <constraints/>
  </configuration>
  <status>
    <node_state id="1" uname="sp1" in_ccm="true" crmd="online" join="member" expected="member">
      <lrm id="1"><lrm_resources>
        <lrm_resource id="a" type="Dummy" class="ocf" provider="pacemaker">
          <lrm_rsc_op id="a_last_0" operation_key="a_start_0" operation="start" transition-key="1:1:0:00000000-0000-0000-0000-000000000000" transition-magic="0:0;1:1:0:00000000-0000-0000-0000-000000000000" on_node="sp1" call-id="10" rc-code="0" op-status="0" interval="0" op-digest="f2317cad3d54cec5d7d7aa7d0bf35cf8"/>
        </lrm_resource>
        <lrm_resource id="b" type="Dummy" class="ocf" provider="pacemaker">
          <lrm_rsc_op id="b_last_0" operation_key="b_start_0" operation="start" transition-key="2:1:0:00000000-0000-0000-0000-000000000000" transition-magic="0:0;2:1:0:00000000-0000-0000-0000-000000000000" on_node="sp1" call-id="11" rc-code="0" op-status="0" interval="0" op-digest="f2317cad3d54cec5d7d7aa7d0bf35cf8"/>
        </lrm_resource>
      </lrm_resources></lrm>
    </node_state>
    <node_state id="2" uname="sp2" in_ccm="true" crmd="online" join="member" expected="member">
      <lrm id="2"><lrm_resources>
        <lrm_resource id="a" type="Dummy" class="ocf" provider="pacemaker">
          <lrm_rsc_op id="a_last_0" operation_key="a_monitor_0" operation="monitor" transition-key="3:1:7:00000000-0000-0000-0000-000000000000" transition-magic="0:7;3:1:7:00000000-0000-0000-0000-000000000000" on_node="sp2" call-id="10" rc-code="7" op-status="0" interval="0"/>
        </lrm_resource>
        <lrm_resource id="b" type="Dummy" class="ocf" provider="pacemaker">
          <lrm_rsc_op id="b_last_0" operation_key="b_monitor_0" operation="monitor" transition-key="4:1:7:00000000-0000-0000-0000-000000000000" transition-magic="0:7;4:1:7:00000000-0000-0000-0000-000000000000" on_node="sp2" call-id="11" rc-code="7" op-status="0" interval="0"/>
        </lrm_resource>
      </lrm_resources></lrm>
    </node_state>
  </status>
</cib>
`

// same is the file that means what the pair has.
const same = "node 1: sp1\nnode 2: sp2\nprimitive a ocf:pacemaker:Dummy\nprimitive b ocf:pacemaker:Dummy\nproperty stonith-enabled=no maintenance-mode=false\n"

// harmless changes something, and nothing restarts.
var harmless = same + "rsc_defaults resource-stickiness=200\n"

type world struct {
	t      *testing.T
	cib    string
	loader Loader
}

func newWorld(t *testing.T) *world {
	t.Helper()
	for _, program := range []string{"cibadmin", "crm_verify", "crm_simulate"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed: nothing to load into", program)
		}
	}
	dir := t.TempDir()
	w := &world{t: t, cib: filepath.Join(dir, "cib.xml")}
	w.loader = Loader{Cluster: Pacemaker{"CIB_file=" + w.cib, "PATH=" + os.Getenv("PATH")}, Store: Store(filepath.Join(dir, "state")), Patience: 300 * time.Millisecond}
	w.write(pair)
	return w
}

func (w *world) write(text string) {
	w.t.Helper()
	if err := os.WriteFile(w.cib, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read() string {
	w.t.Helper()
	text, err := os.ReadFile(w.cib)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

// file is the source of a text in crm syntax.
func (w *world) file(text string) Source {
	w.t.Helper()
	name := filepath.Join(w.t.TempDir(), "cluster.crm")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return File(name, nil, crmsyntax.OCFRoot("/usr/lib/ocf"))
}

func (w *world) load(text string) Report {
	w.t.Helper()
	r, err := w.loader.Load(w.t.Context(), w.file(text))
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// clean fails if a mark or maintenance mode is left.
func (w *world) clean() {
	w.t.Helper()
	cfg, err := crmsyntax.Read([]byte(w.read()))
	if err != nil {
		w.t.Fatal(err)
	}
	if _, mark := crmreload.Unmark(cfg); mark != nil {
		w.t.Errorf("the mark of %s is left", mark.Owner)
	}
	if now := crmreload.Maintenance(cfg); now != nil && *now == "true" {
		w.t.Error("maintenance mode is left")
	}
}

// TestNothingIsWritten: whatever is wrong with the file, the CIB keeps every byte.
func TestNothingIsWritten(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want Outcome
		says string
	}{
		"equal":                      {same, Equal, ""},
		"empty":                      {"", Invalid, "cluster.crm:1:1: the file has no object"},
		"blank":                      {"\n \n# only a comment\n", Invalid, "has no object"},
		"syntax error at the top":    {"primitiv a Dummy\n" + same, Invalid, "cluster.crm:1:1: unknown keyword primitiv"},
		"syntax error at the bottom": {same + "location l a 100 sp1", Invalid, "cluster.crm:6:"},
		"unknown agent":              {same + "primitive c ocf:heartbeat:NoSuchAgent", Invalid, "cluster.crm:6:13: there is no OCF agent NoSuchAgent"},
		"schema violation":           {same + "primitive c ocf:pacemaker:Dummy op monitor interval=10s on-fail=dance", Invalid, "cluster.crm:6:"},
		"duplicate id":               {same + "primitive a ocf:pacemaker:Dummy", Invalid, "cluster.crm:6:11: the id a is taken"},
		"missing resource":           {same + "colocation c inf: a nobody", Invalid, "cluster.crm:6:21: there is no resource nobody"},
		"nothing would start":        {strings.Replace(same, "no ", "yes ", 1), Invalid, "STONITH"},
		"constraint on a member":     {same + "primitive c ocf:pacemaker:Dummy\nclone d c\norder e Optional: a c", Invalid, "cluster.crm:8:7: crm_verify: Ignoring constraint 'e'"},
		"would stop":                 {strings.Replace(same, "primitive b ocf:pacemaker:Dummy\n", "", 1), Refused, ""},
		"would restart":              {strings.Replace(same, "primitive b ocf:pacemaker:Dummy", "primitive b ocf:pacemaker:Dummy fake=new", 1), Refused, ""},
		"would move":                 {same + "location l b -inf: sp1", Refused, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			before := w.read()
			r := w.load(c.text)
			if r.Outcome != c.want {
				t.Errorf("%s, want %s: %+v", r.Outcome, c.want, r)
			}
			if !strings.Contains(strings.Join(r.Errors, "\n"), c.says) {
				t.Errorf("errors %q, want %q", r.Errors, c.says)
			}
			if c.want == Refused && (len(r.Because) == 0 || r.Because[0].Resource != "b") {
				t.Errorf("refused because of %v", r.Because)
			}
			if w.read() != before {
				t.Error("the CIB has changed")
			}
		})
	}
	t.Run("file missing", func(t *testing.T) {
		w := newWorld(t)
		before := w.read()
		r, err := w.loader.Load(t.Context(), File("/no/such/cluster.crm", nil, nil))
		if err != nil || r.Outcome != Invalid || !strings.Contains(r.Errors[0], "/no/such/cluster.crm: no such file") || w.read() != before {
			t.Errorf("%+v %v", r, err)
		}
	})
}

// TestLoad: the new configuration is there, what is kept is kept, maintenance mode is over, and --undo brings the old
// one back.
func TestLoad(t *testing.T) {
	w := newWorld(t)
	if r := w.load(harmless); r.Outcome != Loaded || len(r.Because) != 0 {
		t.Fatalf("%+v", r)
	}
	w.clean()
	now := w.read()
	for _, part := range []string{`value="200"`, `name="standby" value="on"`, `name="dc-version" value="2.1.5"`, `lrm_resource id="b"`} {
		if !strings.Contains(now, part) {
			t.Errorf("no %s in the CIB:\n%s", part, now)
		}
	}
	if r := w.load(harmless); r.Outcome != Equal || w.read() != now {
		t.Errorf("a second load: %s", r.Outcome)
	}
	w.loader.Options.Exact = true
	for i, want := range []string{"200", ""} { // back, and back again
		r, err := w.loader.Load(t.Context(), w.loader.Store.Previous)
		if err != nil || r.Outcome != Loaded {
			t.Fatalf("undo: %+v %v", r, err)
		}
		if has := strings.Contains(w.read(), `value="200"`); has != (i == 1) {
			t.Errorf("undo %d: has resource-stickiness %v (%s)", i, has, want)
		}
	}
	w.clean()
}

func TestNothingToUndo(t *testing.T) {
	w := newWorld(t)
	if _, err := w.loader.Load(t.Context(), w.loader.Store.Previous); !errors.Is(err, ErrNothingSaved) {
		t.Error(err)
	}
}

// TestAllowStop: what is refused is loaded when it is allowed, and the preview stays true.
func TestAllowStop(t *testing.T) {
	w := newWorld(t)
	w.loader.AllowStop = true
	r := w.load(strings.Replace(same, "primitive b ocf:pacemaker:Dummy\n", "", 1))
	if r.Outcome != Loaded || len(r.Because) != 1 || r.Because[0].String() != "b would stop on sp1 (not in the file)" {
		t.Errorf("%+v", r)
	}
	w.clean()
}

// TestFromCloneToPrimitive: that it is active on two nodes is no fault of the file's, but stopping it is a reason to ask.
func TestFromCloneToPrimitive(t *testing.T) {
	w := newWorld(t)
	clone := strings.NewReplacer(
		`<primitive id="b" class="ocf" provider="pacemaker" type="Dummy"/>`, `<clone id="c"><primitive id="b" class="ocf" provider="pacemaker" type="Dummy"/></clone>`,
		`operation_key="b_monitor_0" operation="monitor" transition-key="4:1:7:`, `operation_key="b_start_0" operation="start" transition-key="4:1:0:`,
		`transition-magic="0:7;4:1:7:`, `transition-magic="0:0;4:1:0:`, `call-id="11" rc-code="7"`, `call-id="11" rc-code="0"`,
		`<instance_attributes id="nodes-2"><nvpair id="nodes-2-standby" name="standby" value="on"/></instance_attributes>`, "").Replace(pair)
	w.write(clone)
	if r := w.load(same); r.Outcome != Refused || len(r.Because) == 0 || r.Because[0].Resource != "b" {
		t.Errorf("%+v", r)
	}
}

// meddler does something to the CIB right before it is replaced.
type meddler struct {
	Cluster
	before func(n int)
	n      int
}

func (m *meddler) Replace(ctx context.Context, document []byte) error {
	m.n++
	m.before(m.n)
	return m.Cluster.Replace(ctx, document)
}

// TestNothingConcurrentIsLost: somebody changes the configuration between our reading and our writing.
func TestNothingConcurrentIsLost(t *testing.T) {
	w := newWorld(t)
	w.loader.Cluster = &meddler{Cluster: w.loader.Cluster, before: func(n int) {
		if n > 2 {
			return
		}
		cmd := exec.Command("crm_attribute", "-N", "sp1", "-n", "standby", "-v", []string{"", "on", "off"}[n], "-l", "forever")
		cmd.Env = append(os.Environ(), "CIB_file="+w.cib)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	}}
	w.loader.AllowStop = true
	if r := w.load(harmless); r.Outcome != Loaded {
		t.Fatalf("%+v", r)
	}
	w.clean()
	for _, part := range []string{`name="standby" value="off"`, `value="200"`} {
		if !strings.Contains(w.read(), part) {
			t.Errorf("no %s in\n%s", part, w.read())
		}
	}
}

// TestKilled: a call that was killed after its replace is finished by the next, also if that one's file is worthless, on
// this node and on the other, whose process cannot be asked.
func TestKilled(t *testing.T) {
	yes := "true"
	for name, c := range map[string]struct {
		before *string
		owner  string
		status string // replaced in the CIB
		text   string
		want   Outcome
	}{
		"equal":            {nil, "HERE/1/x", "", same, Equal},
		"invalid file":     {nil, "HERE/1/x", "", "nonsense", Invalid},
		"another file":     {nil, "HERE/1/x", "", harmless, Loaded},
		"maintenance":      {&yes, "HERE/1/x", "", same, Equal},
		"other node, dead": {nil, "sp2/1/x", `uname="sp2" in_ccm="true" crmd="online"`, same, Equal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			cfg, err := crmsyntax.Read([]byte(pair))
			if err != nil {
				t.Fatal(err)
			}
			owner := strings.Replace(c.owner, "HERE", w.loader.Cluster.Node(t.Context()), 1)
			document, err := crmreload.Mark{Owner: owner, Before: c.before}.Put(cfg).ReplaceIn([]byte(pair))
			if err != nil {
				t.Fatal(err)
			}
			text := string(document)
			if c.status != "" {
				text = strings.Replace(strings.Replace(text, `in_ccm="true" crmd="online"`, `in_ccm="true" crmd="ONLINE"`, 1), `in_ccm="true" crmd="online"`, `in_ccm="false" crmd="offline"`, 1)
			}
			w.write(text)
			r := w.load(c.text)
			if r.Outcome != c.want || !r.Finished {
				t.Errorf("%+v", r)
			}
			if c.before == nil {
				w.clean()
			} else if !strings.Contains(w.read(), `name="maintenance-mode" value="true"`) || strings.Contains(w.read(), markOwnerName) {
				t.Errorf("maintenance mode was on before:\n%s", w.read())
			}
		})
	}
}

// TestOtherNodeAtWork: the mark of a process on another node that is online stands as long as pacemaker has something to
// do, and that process time to wait for it.
func TestOtherNodeAtWork(t *testing.T) {
	for name, c := range map[string]struct {
		busy, least, most time.Duration
	}{
		"quiet":      {0, lease, lease + 2*time.Second},
		"busy":       {50 * time.Second, 50*time.Second + lease, 52*time.Second + lease},
		"never idle": {time.Hour, time.Minute + lease, 2*time.Minute + lease + 2*time.Second}, // waits once more, as its owner would
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg, err := crmsyntax.Read([]byte(pair))
				if err != nil {
					t.Fatal(err)
				}
				document, err := crmreload.Mark{Owner: "sp2/1/x"}.Put(cfg).ReplaceIn([]byte(pair))
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				cluster := &imagined{document: document, busy: func() bool { return time.Since(began) < c.busy }}
				j := &job{Loader: Loader{Cluster: cluster, Patience: time.Minute}, node: "sp1", owner: "sp1/2/y"}
				if err := j.clear(t.Context()); err != nil {
					t.Fatal(err)
				}
				if took := cluster.replaced.Sub(began); !j.finished || took < c.least || took > c.most {
					t.Errorf("finished after %v, want %v to %v", took, c.least, c.most)
				}
			})
		})
	}
}

// imagined is a cluster that needs no process, for time that passes at once.
type imagined struct {
	Cluster
	document []byte
	busy     func() bool
	replaced time.Time
}

func (c *imagined) Query(context.Context) ([]byte, error) { return c.document, nil }

func (c *imagined) Replace(_ context.Context, document []byte) error {
	c.document, c.replaced = document, time.Now()
	return nil
}

func (c *imagined) Graph(context.Context, []byte) ([]byte, error) {
	if c.busy() {
		return []byte(`<transition_graph><synapse><action_set><rsc_op id="1" operation="start" on_node="sp1"><primitive id="a"/></rsc_op></action_set></synapse></transition_graph>`), nil
	}
	return []byte(`<transition_graph/>`), nil
}

// described says what it is told of every agent, and counts how often it is asked.
type described struct {
	list  []ocfagent.Parameter
	asked int
}

func (d *described) Parameters(context.Context, string, string) ([]ocfagent.Parameter, error) {
	d.asked++
	return d.list, nil
}

// TestParameters: a new or changed resource has what its agent requires; others are left alone.
func TestParameters(t *testing.T) {
	agents := &described{list: []ocfagent.Parameter{{Name: "ip", Required: true}, {Name: "nic"}}}
	for text, want := range map[string]struct {
		outcome       Outcome
		errors, warns string
	}{
		same: {Equal, "", ""}, // a and b are as they were
		same + "primitive c ocf:pacemaker:Dummy\n":                                                                     {Invalid, "cluster.crm:6:11: c does not start without the parameter ip; ocf:pacemaker:Dummy requires it", ""},
		same + "primitive c ocf:pacemaker:Dummy params ip=1 nick=2 trace_ra=1\n":                                       {Differs, "", "c: ocf:pacemaker:Dummy says nothing of a parameter nick"},
		same + "primitive c ocf:pacemaker:Dummy params nic=2 rule #uname eq sp1 ip=2\n":                                {Invalid, "", ""}, // a rule after values is a mistake
		same + "rsc_template t ocf:pacemaker:Dummy params ip=1\nprimitive c @t\n":                                      {Differs, "", ""},
		same + "primitive c ocf:pacemaker:Dummy params $id=s ip=1\nprimitive d ocf:pacemaker:Dummy params $id-ref=s\n": {Differs, "", ""},
		same + "primitive c systemd:x\n":                                                                               {Differs, "", ""},
	} {
		w := newWorld(t)
		w.loader.Agents, agents.asked = agents, 0
		document := []byte(w.read())
		r, err := w.loader.Look(t.Context(), w.file(text), document)
		if err != nil || r.Outcome != want.outcome || !strings.Contains(strings.Join(r.Errors, " "), want.errors) || !strings.Contains(strings.Join(r.Warnings, " "), want.warns) {
			t.Errorf("%s: %v %+v", text, err, r)
		}
		if agents.asked > 1 {
			t.Errorf("%s: one agent was asked %d times", text, agents.asked)
		}
		if want.warns == "" && strings.Contains(strings.Join(r.Warnings, " "), "says nothing of") {
			t.Errorf("%s: %v", text, r.Warnings)
		}
	}
}

// TestStuckCluster: a configuration with a name that pacemaker cannot read back is mended by a good file.
func TestStuckCluster(t *testing.T) {
	w := newWorld(t)
	w.write(strings.Replace(pair, `<primitive id="b" class="ocf" provider="pacemaker" type="Dummy"/>`,
		`<primitive id="b" class="ocf" provider="pacemaker" type="Dummy"><instance_attributes id="b-i"><nvpair id="b-i-x" name="x{y" value="1"/></instance_attributes></primitive>`, 1))
	w.loader.AllowStop = true // the parameter goes, so b restarts
	r := w.load(same)
	if r.Outcome != Loaded || !strings.Contains(strings.Join(r.Warnings, " "), "this file mends that") {
		t.Errorf("%+v", r)
	}
	w.clean()
	if r := w.load(same); r.Outcome != Equal {
		t.Errorf("%+v", r)
	}
}

// markOwnerName is part of every mark.
const markOwnerName = "ngcp-ha-crm-reload-by"

// TestTwoWrites: the first brings the new configuration with maintenance mode and the mark inside it, the second ends both;
// there is no other.
func TestTwoWrites(t *testing.T) {
	w := newWorld(t)
	r := &recorder{Cluster: w.loader.Cluster}
	w.loader.Cluster = r
	if a := w.load(harmless); a.Outcome != Loaded {
		t.Fatalf("%+v", a)
	}
	if len(r.written) != 2 {
		t.Fatalf("%d writes", len(r.written))
	}
	for i, document := range r.written {
		for _, part := range []string{`name="maintenance-mode" value="true"`, markOwnerName} {
			if strings.Contains(document, part) != (i == 0) {
				t.Errorf("write %d: %s", i+1, document)
			}
		}
		if !strings.Contains(document, `value="200"`) {
			t.Errorf("write %d has not the new configuration", i+1)
		}
	}
}

// recorder keeps what is written.
type recorder struct {
	Cluster
	written []string
}

func (r *recorder) Replace(ctx context.Context, document []byte) error {
	r.written = append(r.written, string(document))
	return r.Cluster.Replace(ctx, document)
}

// TestRefusedReplace: when the CIB itself refuses the document, everything is as before.
func TestRefusedReplace(t *testing.T) {
	w := newWorld(t)
	cluster := w.loader.Cluster
	before := w.read()
	if err := cluster.Replace(t.Context(), []byte(strings.Replace(before, "<constraints/>", "<constraints/><nonsense/>", 1))); err == nil {
		t.Error("nonsense is accepted")
	} else if invalid := (*cib.Invalid)(nil); !errors.As(err, &invalid) {
		t.Errorf("%v is no *cib.Invalid", err)
	}
	old := strings.Replace(before, `epoch="7"`, `epoch="6"`, 1)
	if err := cluster.Replace(t.Context(), []byte(old)); !errors.Is(err, cib.ErrStale) {
		t.Errorf("an old document: %v", err)
	}
	if w.read() != before {
		t.Error("the CIB has changed")
	}
}

// TestInterrupt: a call that is interrupted after its replace still ends maintenance mode.
func TestInterrupt(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.loader.Cluster = &meddler{Cluster: w.loader.Cluster, before: func(n int) {
		if n == 2 {
			cancel()
		}
	}}
	r, err := w.loader.Load(ctx, w.file(harmless))
	if err != nil || r.Outcome != Loaded {
		t.Errorf("%+v %v", r, err)
	}
	w.clean()
}
