// SPDX-License-Identifier: Apache-2.0

package region_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/core"

	"ocf-oci/lab/region"
	"ocf-oci/lab/region/control"
	"ocf-oci/lab/region/fault"
)

// overHTTP1 makes a client speak HTTP/1.1, as the Python command line does.
func overHTTP1(c *core.VirtualNetworkClient) {
	transport := c.HTTPClient.(*http.Client).Transport.(*http.Transport)
	transport.ForceAttemptHTTP2 = false
	transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
}

// last is the journal's last call of an operation.
func (l *lab) last(operation string) control.Call {
	l.t.Helper()
	// The journal gets a call when its answer is out; the client may be a moment earlier.
	for range 600 {
		calls := l.Calls(time.Time{})
		if i := slices.IndexFunc(calls, func(c control.Call) bool { return c.Operation == operation }); i >= 0 {
			slices.Reverse(calls)
			return calls[slices.IndexFunc(calls, func(c control.Call) bool { return c.Operation == operation })]
		}
		time.Sleep(5 * time.Millisecond)
	}
	l.t.Fatalf("no call of %s in the journal", operation)
	return control.Call{}
}

// TestFaultKinds sets each kind on the move of an address, over both versions of HTTP, and
// looks at what the client, the region and the journal see.
func TestFaultKinds(t *testing.T) {
	tests := []struct {
		kind      fault.Kind
		value     string
		committed bool
		outcome   string
		check     func(*testing.T, error, time.Duration)
	}{
		{fault.Latency, "250ms", true, "answered", func(t *testing.T, err error, d time.Duration) {
			if err != nil || d < 250*time.Millisecond {
				t.Errorf("after %s: %v", d, err)
			}
		}},
		{fault.Status, "429", false, "answered", func(t *testing.T, err error, _ time.Duration) { wantError(t, err, 429, "TooManyRequests") }},
		{fault.Status, "409:IncorrectState", false, "answered", func(t *testing.T, err error, _ time.Duration) { wantError(t, err, 409, "IncorrectState") }},
		{fault.Status, "500", false, "answered", func(t *testing.T, err error, _ time.Duration) { wantError(t, err, 500, "InternalServerError") }},
		{fault.Hang, "", false, "hung", func(t *testing.T, err error, d time.Duration) {
			if !errors.Is(err, context.DeadlineExceeded) || d < 600*time.Millisecond {
				t.Errorf("after %s: %v", d, err)
			}
		}},
		{fault.Slow, "", true, "gone", func(t *testing.T, err error, d time.Duration) {
			if err == nil || d < 600*time.Millisecond {
				t.Errorf("a body of one byte a second was read in %s: %v", d, err)
			}
		}},
		{fault.Reset, "", false, "reset", wantCut},
		{fault.LostResponse, "", true, "reset", wantCut},
		{fault.Truncate, "", true, "truncated", func(t *testing.T, err error, _ time.Duration) {
			var s common.ServiceError
			if err == nil || errors.As(err, &s) && s.GetHTTPStatusCode() != 200 {
				t.Errorf("got %v", err)
			}
		}},
	}
	for _, test := range tests {
		for _, version := range []string{"HTTP/1.1", "HTTP/2"} {
			t.Run(string(test.kind)+" "+test.value+" "+version, func(t *testing.T) {
				l := start(t, nil, region.Options{})
				c := l.admin()
				if version == "HTTP/1.1" {
					overHTTP1(&c)
				}
				f := l.fault(fault.Fault{Target: "UpdatePrivateIp", Kind: test.kind, Value: test.value, Count: 1})
				if _, err := c.GetVnic(l.ctx(), core.GetVnicRequest{VnicId: l.vnic("vrouter1", "ens3")}); err != nil {
					t.Fatalf("a fault on another operation struck GetVnic: %v", err)
				}
				limit := 5 * time.Second
				if test.kind == fault.Hang || test.kind == fault.Slow {
					limit = 700 * time.Millisecond
				}
				ctx, cancel := context.WithTimeout(l.ctx(), limit)
				defer cancel()
				begin := time.Now()
				_, err := c.UpdatePrivateIp(ctx, core.UpdatePrivateIpRequest{
					PrivateIpId:            common.String(l.owner(floating).ID),
					UpdatePrivateIpDetails: core.UpdatePrivateIpDetails{VnicId: l.vnic("vrouter2", "ens3")},
				})
				test.check(t, err, time.Since(begin))
				if got := l.owner(floating).Node == "vrouter2"; got != test.committed {
					t.Errorf("committed is %v, want %v", got, test.committed)
				}
				call := l.last("UpdatePrivateIp")
				for range 100 { // the region notices that the client left a moment later
					if call.Outcome == test.outcome {
						break
					}
					time.Sleep(10 * time.Millisecond)
					call = l.last("UpdatePrivateIp")
				}
				if call.Outcome != test.outcome || call.Committed != test.committed || !slices.Contains(call.Faults, f.Name()) || call.Node != "vrouter1" {
					t.Errorf("journal: %+v, want outcome %s", call, test.outcome)
				}
				// The count of one is used up.
				if _, err := l.move(c, floating, l.vnic("vrouter1", "ens3"), nil); err != nil {
					t.Errorf("after the fault: %v", err)
				}
			})
		}
	}
}

func wantCut(t *testing.T, err error, _ time.Duration) {
	t.Helper()
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v, want a reset connection", err)
	}
	var s common.ServiceError
	if errors.As(err, &s) {
		t.Errorf("got an answer: %v", s)
	}
}

func TestStaleReads(t *testing.T) {
	l := start(t, nil, region.Options{})
	c := l.admin()
	at := func() string {
		t.Helper()
		got := must(c.GetPrivateIp(l.ctx(), core.GetPrivateIpRequest{PrivateIpId: common.String(l.owner(floating).ID)}))(t)
		if *got.VnicId == *l.vnic("vrouter1", "ens3") {
			return "vrouter1"
		}
		return "vrouter2"
	}
	before := time.Now()
	time.Sleep(50 * time.Millisecond)
	must(l.move(c, floating, l.vnic("vrouter2", "ens3"), nil))(t)
	if at() != "vrouter2" {
		t.Fatal("the move is not read")
	}
	f := l.fault(fault.Fault{Target: "GetPrivateIp", Kind: fault.Stale})
	if at() != "vrouter1" {
		t.Error("stale does not show the state before the last write")
	}
	// A write sees the truth: an old ETag loses, and the list is not stale.
	list := must(c.ListPrivateIps(l.ctx(), core.ListPrivateIpsRequest{SubnetId: l.subnet("isv"), IpAddress: common.String(floating.String())}))(t)
	if len(list.Items) != 1 || *list.Items[0].VnicId != *l.vnic("vrouter2", "ens3") {
		t.Errorf("list shows %v", list.Items)
	}
	l.ClearFaults(f.ID)
	l.fault(fault.Fault{Target: "GetPrivateIp", Kind: fault.Stale, Value: (time.Since(before)).String()})
	if at() != "vrouter1" {
		t.Error("stale does not show the state of then")
	}
	time.Sleep(60 * time.Millisecond)
	l.fault(fault.Fault{Target: "GetPrivateIp", Kind: fault.Stale, Value: "1ms"})
	if at() != "vrouter2" {
		t.Error("a state of a millisecond ago is not the present one")
	}
}

func TestFaultLifetimeAndNode(t *testing.T) {
	l := start(t, nil, region.Options{})
	get := func(source string) error {
		c := l.network(l.keyProvider("alice"), source)
		_, err := c.GetVnic(l.ctx(), core.GetVnicRequest{VnicId: l.vnic("vrouter1", "ens3")})
		return err
	}
	l.fault(fault.Fault{Target: "all", Kind: fault.Status, Value: "503", Node: "vrouter2", For: 2 * time.Second})
	begin := time.Now()
	if err := get("127.1.0.11"); err != nil {
		t.Errorf("vrouter1: %v", err)
	}
	wantError(t, get("127.1.0.12"), 503, "ServiceUnavailable")
	wantError(t, get("127.2.0.12"), 503, "ServiceUnavailable") // its other VNIC
	if over := time.Since(begin); over > 2*time.Second {
		t.Skipf("this machine is too slow for the test: %s", over)
	}
	time.Sleep(time.Until(begin.Add(2100 * time.Millisecond)))
	if err := get("127.1.0.12"); err != nil {
		t.Errorf("after its time: %v", err)
	}
	l.fault(fault.Fault{Target: "api", Kind: fault.Status, Value: "500", Count: 2})
	wantError(t, get("127.1.0.11"), 500, "InternalServerError")
	wantError(t, get("127.1.0.11"), 500, "InternalServerError")
	if err := get("127.1.0.11"); err != nil {
		t.Errorf("after its count: %v", err)
	}
	for _, bad := range []fault.Fault{
		{Target: "NoSuchOperation", Kind: fault.Hang}, {Target: "api", Kind: "explode"}, {Target: "api", Kind: fault.Latency},
		{Target: "api", Kind: fault.Latency, Value: "-1s"}, {Target: "api", Kind: fault.Status, Value: "200"},
		{Target: "GetVnic", Kind: fault.Refuse}, {Target: "api", Kind: fault.Hang, Value: "1s"},
		{Target: "api", Kind: fault.Hang, Node: "vrouter9"}, {Target: "api", Kind: fault.Hang, Count: -1},
	} {
		if set, err := l.SetFault(bad); err == nil {
			t.Errorf("%+v was set as %+v", bad, set)
		}
	}
}

func TestRequestLimit(t *testing.T) {
	l := start(t, func(s *region.Spec) { s.Limit = 3 }, region.Options{})
	c := l.admin()
	var ok, throttled int
	for range 6 {
		switch _, err := c.GetVnic(l.ctx(), core.GetVnicRequest{VnicId: l.vnic("vrouter1", "ens3")}); {
		case err == nil:
			ok++
		default:
			wantError(t, err, 429, "TooManyRequests")
			throttled++
		}
	}
	if ok != 3 || throttled != 3 {
		t.Errorf("%d let through and %d throttled", ok, throttled)
	}
	time.Sleep(time.Second)
	if _, err := c.GetVnic(l.ctx(), core.GetVnicRequest{VnicId: l.vnic("vrouter1", "ens3")}); err != nil {
		t.Errorf("a second later: %v", err)
	}
	if err := l.Change(func(s *region.Settings) { s.Limit = -1 }); err == nil {
		t.Error("a negative limit was taken")
	}
}

// TestSlowServiceFinishes asks for a move and leaves: a slow service does not notice, and the
// address moves later.
func TestSlowServiceFinishes(t *testing.T) {
	l := start(t, nil, region.Options{})
	c := l.admin()
	// Connect first: the time is for the request alone.
	must(c.GetVnic(l.ctx(), core.GetVnicRequest{VnicId: l.vnic("vrouter1", "ens3")}))(t)
	l.fault(fault.Fault{Target: "UpdatePrivateIp", Kind: fault.Latency, Value: "900ms"})
	ctx, cancel := context.WithTimeout(l.ctx(), 300*time.Millisecond)
	defer cancel()
	_, err := c.UpdatePrivateIp(ctx, core.UpdatePrivateIpRequest{
		PrivateIpId:            common.String(l.owner(floating).ID),
		UpdatePrivateIpDetails: core.UpdatePrivateIpDetails{VnicId: l.vnic("vrouter2", "ens3")},
	})
	if !errors.Is(err, context.DeadlineExceeded) || l.owner(floating).Node != "vrouter1" {
		t.Errorf("got %v, owner %s", err, l.owner(floating).Node)
	}
	if call := l.last("UpdatePrivateIp"); call.Outcome != "gone" || !call.Committed || l.owner(floating).Node != "vrouter2" {
		t.Errorf("journal %+v, owner %s", call, l.owner(floating).Node)
	}
}
