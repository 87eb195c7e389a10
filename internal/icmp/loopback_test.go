// SPDX-License-Identifier: Apache-2.0

package icmp

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"sync"
	"testing"
	"time"
)

var quick = Plan{Attempts: 3, Timeout: 2 * time.Second}

// needSocket skips where this process may not open ICMP sockets at all.
func needSocket(t *testing.T) {
	err := Available()
	if errors.Is(err, ErrNotPermitted) {
		t.Skipf("uid %d: %v", os.Getuid(), err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func ping(t *testing.T, opt Options, plan Plan, addrs ...string) []Result {
	t.Helper()
	p := New(opt)
	defer p.Close()
	results := make([]Result, len(addrs))
	var wg sync.WaitGroup
	for i, addr := range addrs {
		wg.Go(func() { results[i] = p.Ping(context.Background(), netip.MustParseAddr(addr), plan) })
	}
	wg.Wait()
	return results
}

func TestLoopbackBothFamilies(t *testing.T) {
	needSocket(t)
	for i, r := range ping(t, Options{}, quick, "127.0.0.1", "::1", "::ffff:127.0.0.2") {
		if !r.Alive || r.RTT <= 0 || r.RTT > time.Second || r.Sent != 1 || r.Lost != 0 || r.Err != nil {
			t.Errorf("target %d: %+v", i, r)
		}
	}
}

// The original's count goes through a shell's exit status and wraps at 256.
func TestManyHosts(t *testing.T) {
	needSocket(t)
	var addrs []string
	for addr := netip.MustParseAddr("127.0.1.1"); len(addrs) < 1500; addr = addr.Next() {
		addrs = append(addrs, addr.String())
	}
	began := time.Now()
	for i, r := range ping(t, Options{}, quick, addrs...) {
		if !r.Alive {
			t.Fatalf("%s: %+v", addrs[i], r)
		}
	}
	t.Logf("%d hosts in %v", len(addrs), time.Since(began))
}

func TestManyPingersSideBySide(t *testing.T) {
	needSocket(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for i, r := range ping(t, Options{}, quick, "127.0.0.1", "127.0.0.2", "127.0.0.3", "::1") {
				if !r.Alive {
					t.Errorf("target %d: %+v", i, r)
				}
			}
		})
	}
	wg.Wait()
}

func TestContextEndsIt(t *testing.T) {
	needSocket(t)
	p := New(Options{})
	defer p.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	began := time.Now()
	// 127.0.0.1 may have answered before the context is looked at; 240.0.0.1 never does.
	r := p.Ping(ctx, netip.MustParseAddr("240.0.0.1"), Plan{Attempts: 3, Timeout: time.Minute})
	if r.Alive || time.Since(began) > time.Second {
		t.Errorf("%+v after %v", r, time.Since(began))
	}
}

func TestOptionsReachTheSocket(t *testing.T) {
	needSocket(t)
	all := Options{Source: netip.MustParseAddr("127.0.0.9"), Interface: "lo", Size: 1000, TTL: 3, TOS: 16, DontFragment: true}
	if r := ping(t, all, quick, "127.0.0.1")[0]; !r.Alive {
		t.Errorf("%+v", r)
	}
	if r := ping(t, Options{Interface: "no-such-nic"}, quick, "127.0.0.1")[0]; r.Alive || r.Err == nil {
		t.Errorf("a missing interface: %+v", r)
	}
	if r := ping(t, Options{Source: netip.MustParseAddr("192.0.2.77")}, quick, "127.0.0.1")[0]; r.Alive || r.Err == nil {
		t.Errorf("a foreign source address: %+v", r)
	}
}

func TestWhenAttemptsAreDue(t *testing.T) {
	for plan, want := range map[Plan][]time.Duration{
		{3, time.Minute}:            {0, time.Second, 40 * time.Second},
		{3, 600 * time.Millisecond}: {0, 200 * time.Millisecond, 400 * time.Millisecond},
		{5, 10 * time.Second}:       {0, time.Second, 4 * time.Second, 6 * time.Second, 8 * time.Second},
		{1, time.Second}:            {0},
	} {
		for k, due := range want {
			if got := plan.Due(k); got != due {
				t.Errorf("%v: attempt %d is due after %v, want %v", plan, k, got, due)
			}
		}
	}
}
