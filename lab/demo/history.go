// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Reading is one operation of the agent in pacemaker's history.
type Reading struct {
	Node     string
	Op       string    // start, stop, monitor, migrate_from, ...; a probe is "probe", a reload "reload-agent"
	At       time.Time // when it began; whole seconds
	Code     int
	Exec     time.Duration // in the agent, as pacemaker's executor timed it
	Expected bool          // Code is what pacemaker wanted
	key      string
}

// history is the part of the CIB with the operations, which pacemaker keeps per node and resource: the last one of
// each kind.
type history struct {
	Nodes []struct {
		Name      string `xml:"uname,attr"`
		Resources []struct {
			ID  string `xml:"id,attr"`
			Ops []struct {
				Operation string `xml:"operation,attr"`
				Interval  string `xml:"interval,attr"`
				Call      string `xml:"call-id,attr"`
				Code      int    `xml:"rc-code,attr"`
				Status    int    `xml:"op-status,attr"`
				Exec      int64  `xml:"exec-time,attr"`
				Changed   int64  `xml:"last-rc-change,attr"`
			} `xml:"lrm_rsc_op"`
		} `xml:"lrm>lrm_resources>lrm_resource"`
	} `xml:"status>node_state"`
}

const (
	opPending    = -1  // op-status of an operation that still runs
	codeStopped  = 7   // OCF_NOT_RUNNING
	codeDegraded = 190 // OCF_DEGRADED: running, but something about it wants attention
)

// readHistory returns the operations of a resource that the CIB holds.
func readHistory(cib []byte, resource string) ([]Reading, error) {
	var h history
	if err := xml.Unmarshal(cib, &h); err != nil {
		return nil, fmt.Errorf("read the operations in the CIB: %w", err)
	}
	var out []Reading
	for _, n := range h.Nodes {
		for _, r := range n.Resources {
			if r.ID != resource {
				continue
			}
			for _, op := range r.Ops {
				if op.Status == opPending {
					continue
				}
				read := Reading{
					Node: n.Name, Op: op.Operation, At: time.Unix(op.Changed, 0), Code: op.Code, Exec: time.Duration(op.Exec) * time.Millisecond,
					key: strings.Join([]string{n.Name, op.Operation, op.Interval, op.Call, fmt.Sprint(op.Changed), fmt.Sprint(op.Code)}, " "),
				}
				read.Expected = op.Code == 0 || op.Operation == "monitor" && op.Code == codeDegraded
				if op.Operation == "monitor" && op.Interval == "0" {
					read.Op = "probe"
					read.Expected = op.Code == 0 || op.Code == codeStopped
				}
				out = append(out, read)
			}
		}
	}
	return out, nil
}

// collect adds operations that were not read before; each is in the CIB for as long as its node's history lasts.
func (o *Outcome) collect(readings []Reading) {
	for _, r := range readings {
		if slices.ContainsFunc(o.Readings, func(old Reading) bool { return old.key == r.key }) {
			continue
		}
		if r.Op == "start" && o.active(r.Node) {
			r.Op = "reload-agent" // pacemaker writes a reload down as a start (pcmk__create_history_xml)
		}
		o.Readings = append(o.Readings, r)
		if !r.Expected {
			o.Failures = append(o.Failures, fmt.Sprintf("%s on %s returned %d", r.Op, r.Node, r.Code))
		}
	}
}

// active tells whether the resource was active on a node when its operations were last read.
func (o *Outcome) active(node string) bool {
	for _, r := range slices.Backward(o.Readings) {
		if r.Node == node && r.Op != "monitor" {
			return r.Code == 0 && r.Op != "stop" && r.Op != "migrate_to"
		}
	}
	return false
}

// restart is the start on the survivor of a crash, event i.
func (o *Outcome) restart(i int) (Reading, bool) {
	e, crashed := o.Report.Events[i], o.Recording.Begin.Add(o.Moments[i].Begin)
	for _, r := range o.Readings {
		if r.Op == "start" && r.Code == 0 && r.Node == e.To && !r.At.Before(crashed.Truncate(time.Second)) {
			return r, true
		}
	}
	return Reading{}, false
}

// agentOps are the operations whose times are reported.
var agentOps = []string{"start", "stop", "monitor", "migrate_from"}

// medians of the operations' times, in milliseconds.
func medians(readings []Reading) map[string]int64 {
	out := map[string]int64{}
	for _, op := range agentOps {
		var times []time.Duration
		for _, r := range readings {
			if r.Op == op && r.Code == 0 {
				times = append(times, r.Exec)
			}
		}
		if len(times) == 0 {
			continue
		}
		out[op] = median(times).Milliseconds()
	}
	return out
}

// median of at least one time.
func median(times []time.Duration) time.Duration {
	times = slices.Sorted(slices.Values(times))
	mid := len(times) / 2
	if len(times)%2 == 0 {
		return (times[mid] + times[mid-1]) / 2
	}
	return times[mid]
}
