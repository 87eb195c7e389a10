// SPDX-License-Identifier: Apache-2.0

package adoption

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"ocf-oci/internal/pacemaker/mon"
)

// fake is a cluster of two nodes; the resource runs on a. It checks what must never happen: a definition exchanged, or a
// history deleted, outside of maintenance mode.
type fake struct {
	t           *testing.T
	primitive   string
	maintenance string
	probed      string // agent of the history
	fail        map[string]error
	answers     map[string]int // of the probe on b, by agent
	calls       []string
	marks       int
	after       func(call string)
}

func (f *fake) step(name string) error {
	f.calls = append(f.calls, name)
	if f.after != nil {
		f.after(name)
	}
	if (name == "replace" || name == "refresh") && f.maintenance != "true" {
		f.t.Errorf("%s outside of maintenance mode", name)
	}
	err := f.fail[name]
	return err
}

func (f *fake) CIB(context.Context) ([]byte, error) {
	e, _ := Parse(f.primitive)
	agent := strings.Split(f.probed, ":")
	history := func(node string, code int) string {
		return fmt.Sprintf(`<node_state uname="%s"><lrm><lrm_resources><lrm_resource id="VIP" class="%s" provider="%s" type="%s"><lrm_rsc_op operation="monitor" call-id="1" rc-code="%d"/></lrm_resource></lrm_resources></lrm></node_state>`,
			node, agent[0], agent[1], agent[2], code)
	}
	return []byte("<cib><configuration><resources>" + Text(e) + "</resources></configuration><status>" + history("a", 0) + history("b", f.answers[f.probed]) + "</status></cib>"), f.step("cib")
}

func (f *fake) State(context.Context) (mon.State, error) { return running(), f.step("state") }

func (f *fake) Maintenance(_ context.Context, v *string) error {
	if err := f.step("maintenance"); err != nil {
		return err
	}
	f.maintenance = ""
	if v != nil {
		f.maintenance = *v
	}
	return nil
}

func (f *fake) Replace(_ context.Context, primitive string) error {
	if err := f.step("replace"); err != nil {
		return err
	}
	f.primitive = primitive
	return nil
}

func (f *fake) Refresh(context.Context, string) error {
	if err := f.step("refresh"); err != nil {
		return err
	}
	e, _ := Parse(f.primitive)
	f.probed = AgentOf(e)
	return nil
}

func (f *fake) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return f.step("wait")
}
func (f *fake) Prepare(context.Context) error { f.marks++; return f.step("prepare") }
func (f *fake) Restore(context.Context) error { f.marks--; return f.step("restore") }

const old, converted = `<primitive id="VIP" class="ocf" provider="heartbeat" type="IPaddr2"/>`, `<primitive id="VIP" class="ocf" provider="oci" type="IPaddr2"/>`

func begin(t *testing.T) (*fake, Converter, *Journal) {
	t.Helper()
	f := &fake{t: t, primitive: old, probed: "ocf:heartbeat:IPaddr2", fail: map[string]error{}, answers: map[string]int{"ocf:heartbeat:IPaddr2": 7, Target: 7}}
	journals, err := OpenJournals(filepath.Join(t.TempDir(), "j"))
	if err != nil {
		t.Fatal(err)
	}
	return f, Converter{Pacemaker: f, Node: f, Journals: journals, Say: t.Logf}, &Journal{Resource: "VIP", Before: old, After: converted, Active: "a"}
}

func (f *fake) is(primitive, maintenance string) {
	f.t.Helper()
	want, _ := Parse(primitive)
	have, _ := Parse(f.primitive)
	if !Same(want, have) || f.maintenance != maintenance {
		f.t.Errorf("the definition is %s, maintenance mode %q", f.primitive, f.maintenance)
	}
}

func TestConvertAndUndo(t *testing.T) {
	for _, before := range []string{"", "false", "true"} {
		f, c, j := begin(t)
		f.maintenance = before
		if before != "" {
			j.Maintenance = &before
		}
		if err := c.Convert(t.Context(), j); err != nil {
			t.Fatal(err)
		}
		f.is(converted, before)
		kept, err := c.Journals.Load("VIP")
		if err != nil || kept == nil || !kept.Done {
			t.Fatalf("%+v %v", kept, err)
		}
		if err := c.Undo(t.Context(), kept, "a"); err != nil {
			t.Fatal(err)
		}
		f.is(old, before)
		if kept, err := c.Journals.Load("VIP"); kept != nil || err != nil || f.marks != 0 {
			t.Errorf("%+v %v, %d marks", kept, err, f.marks)
		}
	}
}

// Whatever fails, and at whatever point the command is interrupted, the old definition is there afterwards and
// maintenance mode is as before.
func TestGoingBack(t *testing.T) {
	for _, failing := range []string{"wait", "prepare", "replace", "refresh", "state", "interrupted"} {
		f, c, j := begin(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		// It fails once: what goes back meets a cluster that works again.
		f.after = func(call string) {
			switch {
			case call == failing:
				f.after = func(string) { delete(f.fail, failing) }
			case failing == "interrupted" && call == "refresh":
				cancel()
				f.answers[Target] = pending
				f.after = nil
			}
		}
		f.fail[failing] = errors.New("no")
		err := c.Convert(ctx, j)
		var failed *Failed
		if !errors.As(err, &failed) || failed.Stuck {
			t.Errorf("%s: %v", failing, err)
		}
		f.is(old, "")
		if kept, _ := c.Journals.Load("VIP"); kept != nil {
			t.Errorf("%s: a journal is left", failing)
		}
		if f.calls[len(f.calls)-1] != "restore" {
			t.Errorf("%s: marks were left: %v", failing, f.calls)
		}
	}
}

// Once every node has answered, the conversion is done: neither an interruption nor a cluster that stays busy takes half
// of it back, and maintenance mode ends.
func TestDoneIsDone(t *testing.T) {
	for _, trouble := range []string{"busy", "interrupted"} {
		f, c, j := begin(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		f.after = func(call string) {
			e, _ := Parse(f.primitive)
			switch {
			case trouble == "busy" && call == "maintenance" && f.maintenance == "true":
				f.fail["wait"] = errors.New("timeout")
			case trouble == "interrupted" && call == "cib" && f.probed == Target && AgentOf(e) == Target:
				cancel()
			}
		}
		if err := c.Convert(ctx, j); err != nil {
			t.Errorf("%s: %v", trouble, err)
		}
		f.is(converted, "")
		if kept, err := c.Journals.Load("VIP"); kept == nil || !kept.Done || err != nil || f.marks != 1 {
			t.Errorf("%s: journal %+v (%v), %d marks", trouble, kept, err, f.marks)
		}
	}
}

// A node without the agent, or one that believes to have the address too, is as good a reason.
func TestAWrongAnswerGoesBack(t *testing.T) {
	for _, code := range []int{0, 1, 5} {
		f, c, j := begin(t)
		f.answers[Target] = code
		if err := c.Convert(t.Context(), j); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("on b answered %d", code)) {
			t.Errorf("%d: %v", code, err)
		}
		f.is(old, "")
	}
}

func TestASilentNodeGoesBackInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, c, j := begin(t)
		f.answers[Target] = pending
		if err := c.Convert(t.Context(), j); err == nil || !strings.Contains(err.Error(), "within a minute") {
			t.Errorf("%v", err)
		}
		f.is(old, "")
	})
}

// If there is no way back either, maintenance mode must stay: without it pacemaker would restart the address.
func TestStuckStaysInMaintenance(t *testing.T) {
	f, c, j := begin(t)
	f.fail["refresh"] = errors.New("no")
	err := c.Convert(t.Context(), j)
	var failed *Failed
	if !errors.As(err, &failed) || !failed.Stuck || !strings.Contains(err.Error(), "STAYS IN MAINTENANCE") || f.maintenance != "true" {
		t.Errorf("%v, maintenance mode %q", err, f.maintenance)
	}
	kept, loaded := c.Journals.Load("VIP")
	if loaded != nil || kept == nil || kept.Done {
		t.Fatalf("%+v %v", kept, loaded)
	}
	delete(f.fail, "refresh")
	if err := c.Undo(t.Context(), kept, kept.Active); err != nil {
		t.Fatal(err)
	}
	f.is(old, "")
}

// TestOneAtATime: a second conversion of the same resource is told so, and may begin once the first has ended.
func TestOneAtATime(t *testing.T) {
	journals, err := OpenJournals(filepath.Join(t.TempDir(), "j"))
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := journals.Lock(t.Context(), "vip")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := journals.Lock(t.Context(), "vip"); err == nil || !strings.Contains(err.Error(), "another oci-vip convert is at work on vip") {
		t.Errorf("a second conversion: %v", err)
	}
	if other, err := journals.Lock(t.Context(), "vip2"); err != nil {
		t.Errorf("another resource: %v", err)
	} else {
		other()
	}
	unlock()
	again, err := journals.Lock(t.Context(), "vip")
	if err != nil {
		t.Fatal(err)
	}
	again()
}
