// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ocf-oci/internal/icmp"
)

func TestParseTarget(t *testing.T) {
	addr := netip.MustParseAddr
	for text, want := range map[string]Target{
		"10.0.0.1":           {Addr: addr("10.0.0.1")},
		"fe80::1%eth0":       {Addr: addr("fe80::1%eth0")},
		"gw.example":         {Name: "gw.example"},
		"10.0.0.300":         {Name: "10.0.0.300"}, // no address: it is looked up, not found and counts as dead
		"a1.b2.c3.d4":        {Name: "a1.b2.c3.d4"},
		"tcp://10.0.0.1:443": {Addr: addr("10.0.0.1"), Port: 443},
		"tcp://[::1]:22":     {Addr: addr("::1"), Port: 22},
		"tcp://db.example:1": {Name: "db.example", Port: 1},
	} {
		want.Text = text
		if got, err := ParseTarget(text); got != want || err != nil {
			t.Errorf("%q: %+v, %v, want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "tcp://10.0.0.1", "tcp://10.0.0.1:0", "tcp://10.0.0.1:70000", "tcp://:1", "tcp://::1:22", "udp://10.0.0.1:53", "tcp://h:ssh"} {
		if got, err := ParseTarget(text); err == nil {
			t.Errorf("%q was taken for %+v", text, got)
		}
	}
}

var short = Plan{Attempts: 3, Timeout: 450 * time.Millisecond}

func survey(t *testing.T, plan Plan, opt Options, texts ...string) ([]Outcome, time.Duration) {
	t.Helper()
	targets := make([]Target, len(texts))
	for i, text := range texts {
		var err error
		if targets[i], err = ParseTarget(text); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	out := Survey(t.Context(), targets, plan, opt)
	return out, time.Since(began)
}

func TestTCP(t *testing.T) {
	open, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	out, took := survey(t, short, Options{}, "tcp://"+open.Addr().String(), "tcp://"+closed.Addr().String())
	if r := out[0]; !r.Alive || r.RTT <= 0 || r.Sent != 1 || r.Lost != 0 {
		t.Errorf("open: %+v", r)
	}
	if r := out[1]; r.Alive || !errors.Is(r.Err, unix.ECONNREFUSED) || r.Sent != 3 {
		t.Errorf("closed: %+v", r)
	}
	if took < 2*short.Soon() || took > short.Timeout {
		t.Errorf("a refusing port took %v: it is asked %d times and then decided", took, short.Attempts)
	}
}

// A port that opens while its host is being asked counts.
func TestTCPSecondAttempt(t *testing.T) {
	var tries atomic.Int32
	r := spaced(t.Context(), short, func(context.Context) (time.Duration, error) {
		if tries.Add(1) < 2 {
			return 0, unix.ECONNREFUSED
		}
		return time.Millisecond, nil
	})
	if !r.Alive || r.Sent != 2 || r.Lost != 1 {
		t.Errorf("%+v", r)
	}
}

// insideNamespace runs the calling test again in its own network and mount namespaces, where /etc/hosts and
// /etc/resolv.conf are the test's own.
func insideNamespace(t *testing.T, setup string) bool {
	t.Helper()
	const marker = "REACH_TEST_INSIDE"
	if os.Getenv(marker) == t.Name() {
		return true
	}
	if os.Getuid() != 0 {
		t.Skip("needs root for a network namespace")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"hosts": "127.0.0.7 seven\n::1 six\n", "resolv": "nameserver 127.0.0.53\noptions timeout:5 attempts:2\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	script := "set -e; ip link set lo up; mount --bind " + dir + "/hosts /etc/hosts; mount --bind " + dir + "/resolv /etc/resolv.conf\n" +
		setup + "\nexec \"$0\" \"$@\""
	cmd := exec.Command("unshare", "-n", "-m", "--", "sh", "-c", script, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), marker+"="+t.Name())
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("in the namespace: %v\n%s", err, out)
	}
	return false
}

func TestNamesAndFamilies(t *testing.T) {
	if !insideNamespace(t, "") {
		return
	}
	out, took := survey(t, short, Options{}, "127.0.0.1", "::1", "seven", "six", "240.0.0.1")
	for i, want := range []string{"127.0.0.1", "::1", "127.0.0.7", "::1"} {
		if r := out[i]; !r.Alive || r.Addr.String() != want {
			t.Errorf("target %d: %+v", i, r)
		}
	}
	if out[4].Alive || took > short.Timeout {
		t.Errorf("%+v after %v", out[4], took)
	}
	if out, _ := survey(t, short, Options{Family: 4}, "six"); out[0].Alive {
		t.Errorf("in the other family: %+v", out[0])
	}
}

// A name service that does not answer costs the timeout once, whatever resolv.conf says, and a known address stands in.
func TestSilentNameService(t *testing.T) {
	if !insideNamespace(t, "") {
		return
	}
	silent, err := net.ListenPacket("udp", "127.0.0.53:53")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	known := func(name string) netip.Addr {
		if name == "remembered.example" {
			return netip.MustParseAddr("127.0.0.9")
		}
		return netip.Addr{}
	}
	out, took := survey(t, short, Options{Known: known, Lookup: short.Timeout}, "127.0.0.1", "remembered.example", "new.example")
	if !out[0].Alive {
		t.Errorf("the literal suffers: %+v", out[0])
	}
	if !out[1].Alive || out[1].Lookup == nil || out[1].Addr.String() != "127.0.0.9" {
		t.Errorf("remembered: %+v", out[1])
	}
	if out[2].Alive || out[2].Err == nil || out[2].Addr.IsValid() {
		t.Errorf("new: %+v", out[2])
	}
	if took < short.Timeout || took > 2*short.Timeout {
		t.Errorf("took %v", took)
	}
}

// answer is a name service for which the header of every answer ends in rcode.
func answer(t *testing.T, rcode byte) {
	t.Helper()
	service, err := net.ListenPacket("udp", "127.0.0.53:53")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { service.Close() })
	go func() {
		b := make([]byte, 1500)
		for {
			n, from, err := service.ReadFrom(b)
			if err != nil {
				return
			}
			end := 12 // the question alone, without the EDNS record
			for b[end] != 0 {
				end += int(b[end]) + 1
			}
			end = min(end+5, n)
			b[2], b[3], b[10], b[11] = 0x81, 0x80|rcode, 0, 0
			_, _ = service.WriteTo(b[:end], from)
		}
	}()
}

func TestNoSuchNameForgetsTheKnownAddress(t *testing.T) {
	if !insideNamespace(t, "") {
		return
	}
	answer(t, 3) // NXDOMAIN
	known := func(string) netip.Addr { return netip.MustParseAddr("127.0.0.9") }
	out, took := survey(t, short, Options{Known: known, Lookup: short.Timeout}, "gone.example")
	if out[0].Alive || out[0].Err == nil || !strings.Contains(out[0].Err.Error(), "no such host") || took > short.Timeout {
		t.Errorf("%+v after %v", out[0], took)
	}
}

func TestFailingNameServiceKeepsTheKnownAddress(t *testing.T) {
	if !insideNamespace(t, "") {
		return
	}
	answer(t, 2) // SERVFAIL
	known := func(string) netip.Addr { return netip.MustParseAddr("127.0.0.9") }
	out, _ := survey(t, short, Options{Known: known, Lookup: short.Timeout}, "known.example")
	if !out[0].Alive || out[0].Lookup == nil {
		t.Errorf("%+v", out[0])
	}
}

func TestNoRights(t *testing.T) {
	if !insideNamespace(t, "echo 1 0 >/proc/sys/net/ipv4/ping_group_range; exec setpriv --bounding-set=-net_raw --inh-caps=-net_raw \"$0\" \"$@\"") {
		return
	}
	if out, _ := survey(t, short, Options{}, "127.0.0.1"); !errors.Is(out[0].Err, icmp.ErrNotPermitted) {
		t.Errorf("%+v", out[0])
	}
}
