// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// cibAfterCrash is what pacemaker 2.1.5 writes, shortened: vrouter1 took over and answers degraded once, vrouter3 was
// only probed, and one operation on vrouter2 still runs.
const cibAfterCrash = `<cib><configuration><resources/></configuration><status>
<node_state id="3" uname="vrouter3" in_ccm="true"><lrm id="3"><lrm_resources><lrm_resource id="Cluster_VIP" class="ocf" provider="oci" type="IPaddr2">
 <lrm_rsc_op id="Cluster_VIP_last_0" operation_key="Cluster_VIP_monitor_0" operation="monitor" call-id="5" rc-code="7" op-status="0" interval="0" last-rc-change="1795303843" exec-time="33"/>
</lrm_resource><lrm_resource id="other"><lrm_rsc_op operation="monitor" call-id="9" rc-code="1" op-status="0" interval="1000" exec-time="9"/></lrm_resource></lrm_resources></lrm></node_state>
<node_state id="2" uname="vrouter2" in_ccm="true"><lrm id="2"><lrm_resources><lrm_resource id="Cluster_VIP">
 <lrm_rsc_op id="Cluster_VIP_last_0" operation="monitor" call-id="-1" rc-code="193" op-status="-1" interval="0" exec-time="0"/>
</lrm_resource></lrm_resources></lrm></node_state>
<node_state id="1" uname="vrouter1" in_ccm="true"><lrm id="1"><lrm_resources><lrm_resource id="Cluster_VIP">
 <lrm_rsc_op id="Cluster_VIP_last_0" operation_key="Cluster_VIP_start_0" operation="start" call-id="11" rc-code="0" op-status="0" interval="0" last-rc-change="1795303897" exec-time="125"/>
 <lrm_rsc_op id="Cluster_VIP_last_failure_0" operation_key="Cluster_VIP_monitor_2000" operation="monitor" call-id="15" rc-code="190" op-status="0" interval="2000" last-rc-change="1795303949" exec-time="0"/>
 <lrm_rsc_op id="Cluster_VIP_monitor_20000" operation_key="Cluster_VIP_monitor_20000" operation="monitor" call-id="12" rc-code="0" op-status="0" interval="20000" last-rc-change="1795303897" exec-time="8"/>
</lrm_resource></lrm_resources></lrm></node_state>
</status></cib>`

func TestReadHistory(t *testing.T) {
	got, err := readHistory([]byte(cibAfterCrash), "Cluster_VIP")
	if err != nil {
		t.Fatal(err)
	}
	want := []Reading{
		{Node: "vrouter3", Op: "probe", At: time.Unix(1795303843, 0), Code: 7, Exec: 33 * time.Millisecond, Expected: true},
		{Node: "vrouter1", Op: "start", At: time.Unix(1795303897, 0), Code: 0, Exec: 125 * time.Millisecond, Expected: true},
		{Node: "vrouter1", Op: "monitor", At: time.Unix(1795303949, 0), Code: 190, Expected: true},
		{Node: "vrouter1", Op: "monitor", At: time.Unix(1795303897, 0), Code: 0, Exec: 8 * time.Millisecond, Expected: true},
	}
	if d := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Reading{})); d != "" {
		t.Error(d)
	}
	if _, err := readHistory([]byte("<cib>"), "Cluster_VIP"); err == nil {
		t.Error("half a CIB was read without an error")
	}
}

func TestCollectTakesEachOperationOnce(t *testing.T) {
	readings, err := readHistory([]byte(cibAfterCrash), "Cluster_VIP")
	if err != nil {
		t.Fatal(err)
	}
	var o Outcome
	o.collect(readings)
	o.collect(readings)
	if len(o.Readings) != len(readings) || len(o.Failures) != 0 {
		t.Errorf("%d readings of %d, failures %q", len(o.Readings), len(readings), o.Failures)
	}
}

// Pacemaker writes a reload down as a start; its time must not count as a start's.
func TestReloadIsNoStart(t *testing.T) {
	var o Outcome
	at := func(op string, code int, key string, exec time.Duration) Reading {
		return Reading{Node: "n", Op: op, Code: code, Exec: exec, Expected: true, key: key}
	}
	for _, r := range []Reading{
		at("probe", 7, "1", 0), at("start", 0, "2", 40*time.Millisecond), at("monitor", 0, "3", 0), at("start", 0, "4", 900*time.Millisecond),
		at("start", 0, "5", 900*time.Millisecond), at("stop", 0, "6", 0), at("start", 0, "7", 60*time.Millisecond),
		at("stop", 0, "8", 0), at("migrate_from", 0, "9", 0), at("start", 0, "10", 900*time.Millisecond),
	} {
		o.collect([]Reading{r})
	}
	var ops []string
	for _, r := range o.Readings {
		ops = append(ops, r.Op)
	}
	want := []string{"probe", "start", "monitor", "reload-agent", "reload-agent", "stop", "start", "stop", "migrate_from", "reload-agent"}
	if d := cmp.Diff(want, ops); d != "" {
		t.Error(d)
	}
	if got := medians(o.Readings)["start"]; got != 50 {
		t.Errorf("median of start is %d ms, want 50", got)
	}
}

func TestMediansLeaveOutWhatNeverRan(t *testing.T) {
	got := medians([]Reading{{Op: "monitor", Exec: 3 * time.Millisecond}, {Op: "monitor", Exec: 5 * time.Millisecond}, {Op: "monitor", Exec: 90 * time.Millisecond}, {Op: "probe"}, {Op: "stop", Code: 1, Exec: time.Hour}})
	if d := cmp.Diff(map[string]int64{"monitor": 5}, got); d != "" {
		t.Error(d)
	}
}

func TestRestartIsTheStartAfterTheCrash(t *testing.T) {
	o := sample()
	o.Recording.Begin = time.Unix(1000, 0)
	start := Reading{Node: "vrouter3", Op: "start", Exec: time.Second, At: time.Unix(1010, 0)} // before the crash, at 1055
	o.Readings = []Reading{start}
	if _, ok := o.restart(2); ok {
		t.Error("a start before the crash was taken for the one after it")
	}
	start.At, start.Exec = time.Unix(1059, 0), 140*time.Millisecond
	o.Readings = append(o.Readings, start)
	if r, ok := o.restart(2); !ok || r.Exec != start.Exec {
		t.Errorf("got %+v %v", r, ok)
	}
}
