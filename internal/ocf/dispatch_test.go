// SPDX-License-Identifier: Apache-2.0

package ocf

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var reasonDispatch = NewReason("dispatch-test", "broken: %v", "")

func call(action string, handle Handler, environ ...string) (code int, stdout, stderr string) {
	a := &Agent{Meta: model(), Handlers: map[string]Handler{}}
	a.Meta.Version, a.Meta.Short, a.Meta.Long = "1", "short", "long"
	for _, name := range []string{"start", "stop", "monitor", "migrate_to", "migrate_from", "reload-agent", "validate-all", "own"} {
		a.Handlers[name] = handle
	}
	var out, err bytes.Buffer
	code = Main(a, []string{action, "further", "arguments"}, environ, &out, &err)
	return code, out.String(), err.String()
}

// TestAllowedCodes lets a handler return every code in every kind of action. The
// table is DESIGN's, by hand: what pacemaker would not misunderstand passes, all
// else becomes the code for "could not find out".
func TestAllowedCodes(t *testing.T) {
	passes := map[string][]int{
		"monitor probe":   {0, 5, 7, 8},
		"monitor":         {0, 1, 7, 8, 9, 190, 191},
		"monitor stopped": {0, 7},
		"start":           {0, 1, 2, 3, 4, 5, 6},
		"migrate_from":    {0, 1, 2, 3, 4, 5, 6},
		"stop":            {0, 1},
		"migrate_to":      {0, 1},
		"reload-agent":    {0, 1},
		"validate-all":    {0, 1, 2, 3, 4, 5, 6},
	}
	instead := map[string]int{"monitor probe": 5, "monitor stopped": 7}
	for kind, good := range passes {
		action, rest, _ := strings.Cut(kind, " ")
		env := map[string][]string{
			"probe": {"OCF_RESKEY_CRM_meta_interval=0"}, "": {"OCF_RESKEY_CRM_meta_interval=1000"},
			"stopped": {"OCF_RESKEY_CRM_meta_interval=1000", "OCF_RESKEY_CRM_meta_role=Stopped"},
		}[rest]
		for _, c := range []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 190, 191, 255, -1} {
			got, _, stderr := call(action, func(context.Context, *Call) Result { return Result{Code: Code(c), Text: "why"} }, env...)
			want := c
			if !slices.Contains(good, c) {
				want = 1
				if other, ok := instead[kind]; ok {
					want = other
				}
			}
			if got != want {
				t.Errorf("%s: %d became %d, want %d", kind, c, got, want)
			}
			if lines := strings.Count(stderr, "ocf-exit-reason:"); lines != min(1, got) {
				t.Errorf("%s: code %d with %d reasons: %s", kind, got, lines, stderr)
			}
			if want != c && !strings.Contains(stderr, "why") {
				t.Errorf("%s: the reason for %d got lost: %s", kind, c, stderr)
			}
		}
	}
}

func TestDispatch(t *testing.T) {
	ok := func(_ context.Context, c *Call) Result {
		fmt.Fprint(c.Stdout, c.Action, c.Get("ip"))
		return OK()
	}
	for _, c := range []struct {
		action, env string
		code        int
		stdout      string
		stderr      string
	}{
		{"start", "OCF_RESKEY_ip=1", 0, "start1", ""},
		{"own", "", 0, "own", ""},
		{"nothing", "", 3, "", "ocf-exit-reason:the action \"nothing\" does not exist"},
		{"promote", "OCF_EXIT_REASON_PREFIX=because:", 3, "", "because:the action"},
		{"", "", 2, "", "usage: Model ACTION"},
		{"usage", "", 0, "start, stop, usage, validate-all", ""},
		{"help", "", 0, "usage: Model ACTION", ""},
		{"start", "OCF_RA_VERSION_MAJOR=1", 2, "", "OCF_RESOURCE_INSTANCE is not set"},
		{"validate-all", "OCF_RA_VERSION_MAJOR=1 OCF_RESOURCE_INSTANCE=", 2, "", "OCF_RESOURCE_INSTANCE is not set"},
		{"stop", "OCF_RA_VERSION_MAJOR=1", 0, "stop", "WARNING: OCF_RESOURCE_INSTANCE is not set"},
		{"monitor", "OCF_RA_VERSION_MAJOR=1", 0, "monitor", "WARNING: OCF_RESOURCE_INSTANCE is not set"},
		{"start", "OCF_RA_VERSION_MAJOR=1 OCF_RESOURCE_INSTANCE=x OCF_ROOT=/nonexistent", 0, "start", ""},
		{"validate-all", "OCF_RESKEY_arp_cout=1 OCF_RESKEY_zzz=1", 0, "validate-all", "unknown parameter arp_cout; did you mean arp_count?"},
		{"validate-all", "OCF_RESKEY_zzz=1", 0, "validate-all", "unknown parameter zzz; it has no effect"},
		{"start", "OCF_RESKEY_zzz=1", 0, "start", ""},
	} {
		code, stdout, stderr := call(c.action, ok, strings.Fields(c.env)...)
		if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) || (c.stderr == "") != (stderr == "") {
			t.Errorf("%s with %q: %d, stdout %q, stderr %q", c.action, c.env, code, stdout, stderr)
		}
	}
	if code := Main(&Agent{Meta: model()}, []string{"meta-data"}, nil, io.Discard, io.Discard); code != 1 {
		t.Errorf("incomplete meta-data: %d", code)
	}
}

// TestReasonLevels: a probe that finds nothing is nothing to be alarmed about.
func TestReasonLevels(t *testing.T) {
	recurring := "OCF_RESKEY_CRM_meta_interval=1000"
	for _, c := range []struct {
		action string
		env    []string
		result Result
		want   string
	}{
		{"monitor", nil, NotRunningQuiet(), ""},
		{"monitor", []string{"HA_debug=1"}, NotRunningQuiet(), "DEBUG: not running"},
		{"monitor", []string{recurring}, NotRunningQuiet(), "ERROR: not running"},
		{"monitor", nil, reasonDispatch.Result(NotRunning, 1), "INFO: broken: 1"},
		{"monitor", nil, reasonDispatch.Result(ErrInstalled, 1), "ERROR: broken: 1"},
		{"monitor", []string{recurring}, reasonDispatch.Result(Degraded, 1), "WARNING: broken: 1"},
		{"stop", nil, reasonDispatch.Result(ErrGeneric, 1), "ERROR: broken: 1"},
		{"stop", nil, Result{Code: ErrGeneric}, "ERROR: stop ended with OCF_ERR_GENERIC"},
	} {
		file := filepath.Join(t.TempDir(), "log")
		code, _, stderr := call(c.action, func(context.Context, *Call) Result { return c.result }, append(c.env, "HA_LOGFILE="+file, "HA_DEBUGLOG="+file+".debug")...)
		text, _ := os.ReadFile(file)
		debug, _ := os.ReadFile(file + ".debug")
		if got := string(text) + string(debug); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s %v: logs %q, want %q", c.action, c.env, got, c.want)
		}
		if code != int(c.result.Code) || strings.Count(stderr, "ocf-exit-reason:") != 1 {
			t.Errorf("%s %v: %d %q", c.action, c.env, code, stderr)
		}
	}
}

func TestReasons(t *testing.T) {
	all := Reasons()
	if !slices.IsSortedFunc(all, func(a, b Reason) int { return strings.Compare(a.ID, b.ID) }) || len(all) < 5 {
		t.Errorf("%d reasons, or not sorted", len(all))
	}
	for _, bad := range [][2]string{{"dispatch-test", "again"}, {"Upper", "x"}, {"a--b", "x"}, {"", "x"}, {"new-one", ""}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q is accepted", bad)
				}
			}()
			NewReason(bad[0], bad[1], "")
		}()
	}
	r := &Reason{ID: "x", Says: "100% wrong", Remedy: "mend"}
	if got := r.Text(); got != "100% wrong; mend" {
		t.Errorf("without arguments: %q", got)
	}
	if got := r.Result(ErrPerm); got.Code != ErrPerm || got.Reason != r {
		t.Errorf("%+v", got)
	}
}

// TestBudgetOfCall checks that a handler's context and budget are within 90 % of
// the timeout, and that its end is said in time even if it ignores both.
func TestBudgetOfCall(t *testing.T) {
	code, _, _ := call("start", func(ctx context.Context, c *Call) Result {
		deadline, ok := ctx.Deadline()
		left := c.Budget.Remaining()
		if !ok || time.Until(deadline) > left+time.Millisecond || left > 17*time.Second || left < 16*time.Second {
			return Result{Code: ErrPerm, Text: fmt.Sprint(left, time.Until(deadline))}
		}
		return OK()
	}, "OCF_RESKEY_CRM_meta_timeout=20000")
	if code != 0 {
		t.Error("budget or deadline is not what 20 s leave")
	}
}
