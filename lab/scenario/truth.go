// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/region/control"

	"github.com/rogpeppe/go-internal/testscript"
)

func (w *world) agree(ctx context.Context, ts *testscript.TestScript, args []string) error {
	if err := need(args, 1, "agree D [NODE|not:NODE] [ADDRESS...]"); err != nil {
		return err
	}
	d, err := time.ParseDuration(args[0])
	if err != nil {
		return err
	}
	holder := ""
	var addresses []netip.Addr
	for _, a := range args[1:] {
		if ip, err := netip.ParseAddr(a); err == nil {
			addresses = append(addresses, ip)
		} else {
			holder = a
		}
	}
	var last look
	for end := time.Now().Add(d); ; time.Sleep(150 * time.Millisecond) {
		if last = w.lookFor(ctx, holder, addresses, last); last.agreed == 2 { // one alone may fall into the moment before something changes
			return nil
		}
		if last.agreed == 0 && time.Now().After(end) {
			return fmt.Errorf("after %s: %s (%v)", d, last.seen, last.err)
		}
	}
}

// look is what one look at the four views brought.
type look struct {
	seen   string // what differs, or nothing
	err    error
	agreed int          // consecutive looks at all four views that found nothing
	asked  time.Time    // when pacemaker was asked last
	those  []netip.Addr // the addresses in question; pacemaker says which are managed
}

// lookFor asks the three cheap views first: asking pacemaker starts processes on every node, which slows down what is
// waited for.
func (w *world) lookFor(ctx context.Context, holder string, addresses []netip.Addr, last look) look {
	if len(last.those) > 0 && time.Since(last.asked) < time.Second {
		if s, err := w.lab.QuickStatus(ctx); err == nil {
			if last.seen = disagreement(s, holder, last.those); last.seen != "" {
				last.agreed, last.err = 0, nil
				return last
			}
		}
	}
	s, err := w.lab.Status(ctx)
	if err != nil {
		return look{err: err}
	}
	next := look{seen: disagreement(s, holder, addresses), asked: time.Now(), those: addresses}
	for _, a := range s.Addresses {
		if a.Managed && len(addresses) == 0 {
			next.those = append(next.those, a.Address)
		}
	}
	if next.seen == "" {
		next.agreed = last.agreed + 1
	}
	return next
}

// disagreement says what differs, or nothing.
func disagreement(s lab.Status, holder string, addresses []netip.Addr) string {
	checked := 0
	for _, a := range s.Addresses {
		if len(addresses) == 0 && !a.Managed || len(addresses) > 0 && !slices.Contains(addresses, a.Address) {
			continue
		}
		checked++
		views := fmt.Sprintf("%s: region %q, fabric %q, systems %q, pacemaker %q", a.Address, a.Region, a.Fabric, a.OS, a.Pacemaker)
		if !a.Agree {
			return views
		}
		if beingMoved(s, a.Address) {
			return views + ", pacemaker has not come to the end"
		}
		if not, ok := strings.CutPrefix(holder, "not:"); ok && a.Fabric == not || !ok && holder != "" && a.Fabric != holder {
			return views + ", wanted " + holder
		}
	}
	if checked == 0 {
		return "no such address"
	}
	return ""
}

// beingMoved tells whether a node that can be reached says that pacemaker starts, stops or migrates the address: the views
// may agree before the agent has come to its end.
func beingMoved(s lab.Status, ip netip.Addr) bool {
	for _, n := range s.Nodes {
		if n.Cut || n.Up != "up" {
			continue
		}
		for _, r := range n.Pacemaker.Resources {
			if r.Pending && slices.Contains(r.Addresses, ip) {
				return true
			}
		}
	}
	return false
}

// gone waits until a node does not carry an address any more.
func (w *world) gone(ctx context.Context, ts *testscript.TestScript, args []string) error {
	if err := need(args, 3, "gone D NODE ADDRESS"); err != nil {
		return err
	}
	d, err := time.ParseDuration(args[0])
	if err != nil {
		return err
	}
	for end := time.Now().Add(d); ; time.Sleep(200 * time.Millisecond) {
		s, err := w.lab.QuickStatus(ctx)
		if err == nil && !onNode(s, args[1], args[2]) {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("after %s %s still carries %s (%v)", d, args[1], args[2], err)
		}
	}
}

func onNode(s lab.Status, node, address string) bool {
	for _, n := range s.Nodes {
		for _, o := range n.OS {
			if n.Name == node && o.Address.Addr().String() == address {
				return true
			}
		}
	}
	return false
}

func (w *world) carries(ctx context.Context, _ *testscript.TestScript, args []string) error {
	if err := need(args, 2, "carries NODE ADDRESS"); err != nil {
		return err
	}
	s, err := w.lab.Status(ctx)
	if err != nil {
		return err
	}
	if onNode(s, args[0], args[1]) {
		return nil
	}
	return fmt.Errorf("%s does not carry %s", args[0], args[1])
}

func (w *world) remember(context.Context, *testscript.TestScript, []string) error {
	w.remembered = time.Now()
	return nil
}

func (w *world) calls(ctx context.Context, ts *testscript.TestScript, args []string) error {
	least, most := 0, -1
	var within time.Duration
	want := map[string]string{}
	for _, a := range args {
		name, value, _ := strings.Cut(a, "=")
		switch name {
		case "min", "max":
			n, err := strconv.Atoi(value)
			if err != nil {
				return err
			}
			if name == "min" {
				least = n
			} else {
				most = n
			}
		case "within":
			d, err := time.ParseDuration(value)
			if err != nil {
				return err
			}
			within = d
		case "node", "op", "status", "service", "floating", "outcome", "if-match":
			want[name] = value
		default:
			return fmt.Errorf("unknown %q", a)
		}
	}
	for end := time.Now().Add(within); within > 0; time.Sleep(200 * time.Millisecond) {
		all, err := w.lab.Region().Calls(ctx, w.remembered)
		if err != nil {
			return err
		}
		if n := len(slices.DeleteFunc(all, func(c control.Call) bool { return !matches(c, want) })); n >= least || time.Now().After(end) {
			break
		}
	}
	all, err := w.lab.Region().Calls(ctx, w.remembered)
	if err != nil {
		return err
	}
	n := 0
	for _, c := range all {
		if matches(c, want) {
			n++
			ts.Logf("%s %s %s %d if-match=%v %s %s", c.Time.Format("15:04:05.000"), c.Node, c.Operation, c.Status, c.IfMatch, c.Outcome, c.Target)
		}
	}
	if n < least || most >= 0 && n > most {
		return fmt.Errorf("%d calls, wanted at least %d and at most %d", n, least, most)
	}
	return nil
}

func matches(c control.Call, want map[string]string) bool {
	have := map[string]string{"node": c.Node, "op": c.Operation, "status": strconv.Itoa(c.Status), "service": c.Service,
		"floating": strconv.FormatBool(c.Floating), "outcome": c.Outcome, "if-match": strconv.FormatBool(c.IfMatch)}
	for name, value := range want {
		if have[name] != value {
			return false
		}
	}
	return true
}

// quiet waits until nobody has changed his ownership for a while: a tug of war would not end.
func (w *world) quiet(ctx context.Context, ts *testscript.TestScript, args []string) error {
	if err := need(args, 2, "quiet FOR WITHIN"); err != nil {
		return err
	}
	span, err := time.ParseDuration(args[0])
	if err != nil {
		return err
	}
	within, err := time.ParseDuration(args[1])
	if err != nil {
		return err
	}
	begin := time.Now()
	for last := begin; ; time.Sleep(200 * time.Millisecond) {
		now := time.Now()
		all, err := w.lab.Region().Calls(ctx, begin)
		if err != nil {
			return err
		}
		for _, c := range all {
			if c.Committed && c.Operation == "UpdatePrivateIp" && c.Time.After(last) {
				last = c.Time
				ts.Logf("%s %s moved %s", c.Time.Format("15:04:05.000"), c.Node, c.Target)
			}
		}
		if now.Sub(last) >= span {
			return nil
		}
		if now.Sub(begin) > within {
			return fmt.Errorf("after %s the last change of ownership was only %s ago", within, now.Sub(last).Round(time.Second))
		}
	}
}

// moves counts committed changes of ownership since the remembered moment.
func (w *world) moves(ctx context.Context, ts *testscript.TestScript, args []string) error {
	if err := need(args, 1, "moves N"); err != nil {
		return err
	}
	most, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	all, err := w.lab.Region().Calls(ctx, w.remembered)
	if err != nil {
		return err
	}
	n := map[string]int{}
	for _, c := range all {
		if c.Committed && c.Operation == "UpdatePrivateIp" {
			n[c.Target]++
			ts.Logf("%s %s moved %s", c.Time.Format("15:04:05.000"), c.Node, c.Target)
		}
	}
	for target, k := range n {
		if k > most {
			return fmt.Errorf("%s changed its owner %d times, at most %d wanted", target, k, most)
		}
	}
	return nil
}
