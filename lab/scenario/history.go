// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"context"
	"encoding/xml"
	"fmt"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// cibHistory is the part of the CIB's status section that tells what pacemaker did.
type cibHistory struct {
	Nodes []struct {
		Name      string `xml:"uname,attr"`
		Resources []struct {
			ID  string `xml:"id,attr"`
			Ops []struct {
				Operation  string `xml:"operation,attr"`
				Interval   string `xml:"interval,attr"`
				Code       int    `xml:"rc-code,attr"`
				LastChange int64  `xml:"last-rc-change,attr"` // seconds since the epoch
				ExecTime   int    `xml:"exec-time,attr"`      // milliseconds
			} `xml:"lrm_rsc_op"`
		} `xml:"lrm>lrm_resources>lrm_resource"`
	} `xml:"status>node_state"`
}

// unharmed asks pacemaker itself: since the remembered moment nothing was done to the resource, and its monitors
// brought 0 or 190 only. A monitor that brought anything else has its result in the history, and a recovery after it.
func (w *world) unharmed(ctx context.Context, ts *testscript.TestScript, args []string) error {
	if err := need(args, 1, "unharmed RESOURCE"); err != nil {
		return err
	}
	for end := time.Now().Add(resultLimit); ; time.Sleep(500 * time.Millisecond) {
		h, err := w.history(ctx)
		if err != nil && !time.Now().After(end) {
			continue
		}
		if err != nil {
			return err
		}
		if !h.pending(args[0]) || time.Now().After(end) {
			return h.harm(args[0], w.remembered)
		}
	}
}

// unwatched waits until pacemaker has cancelled the recurring monitors of a resource: it begins with that when maintenance
// mode is set, and one that runs at that moment still has its result counted.
func (w *world) unwatched(ctx context.Context, ts *testscript.TestScript, args []string) error {
	if err := need(args, 1, "unwatched RESOURCE"); err != nil {
		return err
	}
	return w.eventually(ctx, args[0], func(h cibHistory) error {
		if h.watched(args[0]) {
			return fmt.Errorf("pacemaker still has recurring monitors of %s", args[0])
		}
		return nil
	})
}

// watched reports whether a resource has a recurring monitor on any node.
func (h cibHistory) watched(resource string) bool {
	for _, n := range h.Nodes {
		for _, r := range n.Resources {
			for _, op := range r.Ops {
				if r.ID == resource && op.Operation == "monitor" && op.Interval != "0" {
					return true
				}
			}
		}
	}
	return false
}

// resultLimit is how long the result of what pacemaker has begun may take to come into its history.
const resultLimit = time.Minute

// eventually looks into the history until what it holds satisfies judge, at most for resultLimit: the results of operations
// come into it a moment after their effects.
func (w *world) eventually(ctx context.Context, resource string, judge func(cibHistory) error) error {
	for end := time.Now().Add(resultLimit); ; time.Sleep(500 * time.Millisecond) {
		h, err := w.history(ctx)
		if err == nil {
			err = judge(h)
		}
		if err == nil && !h.pending(resource) || time.Now().After(end) {
			return err
		}
	}
}

// noResult is the code of an operation that runs at this moment (PCMK_OCF_UNKNOWN): pacemaker notes that it began.
const noResult = 193

// pending reports whether an operation of a resource runs at this moment, so that its result is still to come.
func (h cibHistory) pending(resource string) bool {
	for _, n := range h.Nodes {
		for _, r := range n.Resources {
			for _, op := range r.Ops {
				if r.ID == resource && op.Code == noResult {
					return true
				}
			}
		}
	}
	return false
}

// harm tells what was done to a resource after a moment, or which monitor found it in a bad way; nil is nothing.
func (h cibHistory) harm(resource string, since time.Time) error {
	found := false
	for _, n := range h.Nodes {
		for _, r := range n.Resources {
			if r.ID != resource {
				continue
			}
			found = true
			for _, op := range r.Ops {
				when := time.Unix(op.LastChange, 0)
				// Times in the CIB are whole seconds: what happened in the remembered second counts as before.
				if !when.After(since) {
					continue
				}
				// 7 is a probe's answer, or a monitor's with role=Stopped, on a node where it does not run: from a
				// recurring monitor of a running resource a stop would follow, which is found too.
				if op.Operation == "monitor" && (op.Code == 0 || op.Code == 190 || op.Code == 7) {
					continue
				}
				return fmt.Errorf("%s of %s on %s ended with %d at %s", op.Operation, r.ID, n.Name, op.Code, when.Format("15:04:05"))
			}
		}
	}
	if !found {
		return fmt.Errorf("pacemaker has no history of %s", resource)
	}
	return nil
}

func (w *world) history(ctx context.Context) (cibHistory, error) {
	var h cibHistory
	node, err := w.speaker(ctx)
	if err != nil {
		return h, err
	}
	var out []byte
	for try := 1; ; try++ { // a cluster that elects a coordinator at this moment does not answer
		if out, err = w.lab.Output(ctx, node, "cibadmin", "--query"); err == nil {
			break
		}
		if try == 3 {
			return h, err
		}
	}
	if err := xml.Unmarshal(out, &h); err != nil {
		return h, fmt.Errorf("read the CIB: %w", err)
	}
	return h, nil
}

// took reports how long the last operation of a kind took, by pacemaker's own clock.
func (w *world) took(ctx context.Context, ts *testscript.TestScript, args []string) error {
	if err := need(args, 2, "took RESOURCE OPERATION"); err != nil {
		return err
	}
	return w.eventually(ctx, args[0], func(h cibHistory) error {
		found := false
		for _, n := range h.Nodes {
			for _, r := range n.Resources {
				for _, op := range r.Ops {
					if r.ID == args[0] && op.Operation == args[1] {
						found = true
						ts.Logf("%s of %s on %s took %d ms", op.Operation, r.ID, n.Name, op.ExecTime)
					}
				}
			}
		}
		if !found {
			return fmt.Errorf("pacemaker has no %s of %s", args[1], args[0])
		}
		return nil
	})
}

// ended checks the exit code of the last operation of a kind on a node.
func (w *world) ended(ctx context.Context, ts *testscript.TestScript, args []string) error {
	if err := need(args, 4, "ended RESOURCE OPERATION NODE CODE"); err != nil {
		return err
	}
	return w.eventually(ctx, args[0], func(h cibHistory) error {
		code, last := "nothing", int64(-1)
		for _, n := range h.Nodes {
			for _, r := range n.Resources {
				for _, op := range r.Ops {
					if n.Name == args[2] && r.ID == args[0] && op.Operation == args[1] && op.LastChange >= last {
						code, last = strconv.Itoa(op.Code), op.LastChange
					}
				}
			}
		}
		if code != args[3] {
			return fmt.Errorf("the last %s of %s on %s ended with %s, not %s", args[1], args[0], args[2], code, args[3])
		}
		return nil
	})
}

// gap reports how long a resource was down between its last stop and its last start, in whole seconds.
func (w *world) gap(ctx context.Context, ts *testscript.TestScript, args []string) error {
	if err := need(args, 1, "gap RESOURCE"); err != nil {
		return err
	}
	return w.eventually(ctx, args[0], func(h cibHistory) error {
		last := map[string]int64{}
		for _, n := range h.Nodes {
			for _, r := range n.Resources {
				for _, op := range r.Ops {
					if r.ID == args[0] {
						last[op.Operation] = max(last[op.Operation], op.LastChange)
					}
				}
			}
		}
		if last["stop"] == 0 || last["start"] < last["stop"] {
			return fmt.Errorf("%s was not stopped and started again", args[0])
		}
		ts.Logf("%s was down for about %d s", args[0], last["start"]-last["stop"])
		return nil
	})
}
