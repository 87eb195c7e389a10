// SPDX-License-Identifier: Apache-2.0

package icmp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var short = Plan{Attempts: 3, Timeout: 300 * time.Millisecond}

func pingOne(addr string, opt Options, plan Plan) (Result, time.Duration) {
	p := New(opt)
	defer p.Close()
	began := time.Now()
	r := p.Ping(context.Background(), netip.MustParseAddr(addr), plan)
	return r, time.Since(began)
}

// around fails unless took is at least want and not much later; the machine may be busy.
func around(t *testing.T, took, want time.Duration) {
	t.Helper()
	if took < want || took > want+want/2+500*time.Millisecond {
		t.Errorf("took %v, want %v", took, want)
	}
}

func TestRandomLoss(t *testing.T) {
	if !insideNamespace(t, `nft 'table inet t { chain c { type filter hook input priority 0; icmp type echo-request numgen random mod 100 < 30 drop; }; }'`) {
		return
	}
	p := New(Options{})
	defer p.Close()
	const hosts = 300
	results := make(chan Result, hosts)
	for i := range hosts {
		addr := netip.AddrFrom4([4]byte{127, 0, byte(1 + i/200), byte(1 + i%200)})
		go func() {
			results <- p.Ping(context.Background(), addr, Plan{Attempts: 12, Timeout: time.Second})
		}()
	}
	lost, sent := 0, 0
	for range hosts {
		r := <-results
		if !r.Alive { // 0.3^12 for each host
			t.Errorf("%+v", r)
		}
		lost, sent = lost+r.Lost, sent+r.Sent
	}
	if share := float64(lost) / float64(sent); share < 0.2 || share > 0.4 {
		t.Errorf("%d of %d echoes lost, want about 30 %%", lost, sent)
	}
}

func TestAnswersThatDoNotCount(t *testing.T) {
	if !insideNamespace(t, tunSetup) {
		return
	}
	net1 := openNetwork(t)
	answers := map[byte]func(reply, request []byte) []byte{ // by the last byte of the target
		10: func(reply, _ []byte) []byte { return changed(reply, 8) },  // other bytes
		11: func(reply, _ []byte) []byte { return changed(reply, 23) }, // only the last of the 16 differs
		12: func(reply, _ []byte) []byte { return from(reply, net.IPv4(10, 9, 0, 99)) },
		13: func(reply, _ []byte) []byte { return changed(reply, 4) },                          // other identifier
		14: func(reply, _ []byte) []byte { reply[30] ^= 1; return reply },                      // damaged on the way
		15: func(reply, request []byte) []byte { reply[20] = 8; return resum(reply) },          // a request with our bytes
		16: func(reply, _ []byte) []byte { reply[3] -= 4; return resum(reply[:len(reply)-4]) }, // cut short
	}
	net1.serve(func(request []byte, _ int) [][]byte {
		if answer := answers[request[19]]; answer != nil {
			return [][]byte{answer(echoReply(request), request)}
		}
		return [][]byte{echoReply(request)}
	})
	for last := range answers {
		r, took := pingOne(fmt.Sprintf("10.9.0.%d", last), Options{}, short)
		if r.Alive || !errors.Is(r.Err, ErrNoReply) || r.Sent != 3 || r.Lost != 3 {
			t.Errorf("10.9.0.%d: %+v", last, r)
		}
		around(t, took, short.Timeout)
	}
	if r, _ := pingOne("10.9.0.50", Options{}, short); !r.Alive {
		t.Errorf("the network is not alive at all: %+v", r)
	}
}

func TestDuplicateLateAndSecondAnswers(t *testing.T) {
	if !insideNamespace(t, tunSetup) {
		return
	}
	network := openNetwork(t)
	var seen [256]atomic.Int32 // echoes, by the last byte of the target
	network.serve(func(request []byte, _ int) [][]byte {
		reply, target := echoReply(request), request[19]
		seen[target].Add(1)
		switch target {
		case 20:
			return [][]byte{reply, reply, reply}
		case 21: // only the second attempt is answered
			if seen[target].Load() < 2 {
				return nil
			}
		case 22: // the first attempt's answer comes after the second attempt was sent
			if seen[target].Load() == 1 {
				time.AfterFunc(150*time.Millisecond, func() { _, _ = network.file.Write(reply) })
			}
			return nil
		}
		return [][]byte{reply}
	})
	p := New(Options{})
	defer p.Close()
	for range 3 { // duplicates of one round must not answer the next
		if r := p.Ping(context.Background(), netip.MustParseAddr("10.9.0.20"), short); !r.Alive || r.Sent != 1 {
			t.Errorf("duplicates: %+v", r)
		}
	}
	if r := p.Ping(context.Background(), netip.MustParseAddr("10.9.0.21"), short); !r.Alive || r.Sent != 2 || r.Lost != 1 {
		t.Errorf("second attempt: %+v", r)
	}
	r := p.Ping(context.Background(), netip.MustParseAddr("10.9.0.22"), short)
	if !r.Alive || r.RTT < 150*time.Millisecond || r.Sent != 1 {
		t.Errorf("late answer: %+v", r)
	}
	if n := seen[20].Load(); n != 3 {
		t.Errorf("a host that answers was sent %d echoes in 3 rounds", n)
	}
}

func TestUnreachableIsAHintOnly(t *testing.T) {
	if !insideNamespace(t, tunSetup) {
		return
	}
	openNetwork(t).serve(func(request []byte, number int) [][]byte {
		if request[19] == 32 { // an error about another process's echo with the same sequence number
			other := unreachable(request, net.IPv4(10, 9, 0, 254))
			return [][]byte{changed(other, 8+20+4)}
		}
		if number < 2 || request[19] == 31 {
			return [][]byte{unreachable(request, net.IPv4(10, 9, 0, 254))}
		}
		return [][]byte{echoReply(request)}
	})
	if r, _ := pingOne("10.9.0.30", Options{}, short); !r.Alive || r.Sent != 3 {
		t.Errorf("alive at the third attempt after two errors: %+v", r)
	}
	r, took := pingOne("10.9.0.31", Options{}, short)
	var hint *Unreachable
	if r.Alive || !errors.As(r.Err, &hint) || hint.From.String() != "10.9.0.254" || hint.What != "host unreachable" {
		t.Errorf("%+v", r)
	}
	around(t, took, short.Timeout)
	if r, _ := pingOne("10.9.0.32", Options{}, short); errors.As(r.Err, &hint) {
		t.Errorf("somebody else's error was taken for ours: %+v", r)
	}
}

func TestSendErrors(t *testing.T) {
	if !insideNamespace(t, tunSetup+`
nft 'table inet t { chain c { type filter hook output priority 0; ip daddr 127.0.0.66 drop; }; }'
ip route add blackhole 198.51.100.1; ip route add prohibit 198.51.100.2; ip route add unreachable 198.51.100.3`) {
		return
	}
	plan := Plan{Attempts: 2, Timeout: 3 * time.Second}
	var all sync.WaitGroup
	for addr, want := range map[string]error{
		"192.0.2.1": unix.ENETUNREACH, "2001:db8::1": unix.ENETUNREACH, "127.0.0.66": unix.EPERM,
		"198.51.100.1": unix.EINVAL, "198.51.100.2": unix.EACCES, "198.51.100.3": unix.EHOSTUNREACH,
	} {
		all.Go(func() {
			r, took := pingOne(addr, Options{}, plan)
			if r.Alive || !errors.Is(r.Err, want) || r.Sent != 2 || r.Lost != 2 {
				t.Errorf("%s: %+v", addr, r)
			}
			around(t, took, plan.Soon()) // nothing is on its way after the last attempt
		})
	}
	all.Wait()
}

func TestLinkDown(t *testing.T) {
	if !insideNamespace(t, "ip link add v0 type veth peer name v1; ip addr add 10.8.0.1/24 dev v0; ip link set v0 up; ip link set v1 up; ip link set v1 down") {
		return
	}
	r, took := pingOne("10.8.0.2", Options{}, short)
	if r.Alive || r.Err == nil || took > short.Timeout+500*time.Millisecond {
		t.Errorf("%+v after %v", r, took)
	}
	t.Logf("%v after %v", r.Err, took)
}

// More on-link neighbours without a link address than fit into a default send buffer, which only CAP_NET_ADMIN can
// enlarge beyond the system's limit.
func TestManySilentNeighbours(t *testing.T) {
	if !insideNamespace(t, "ip link add v0 type veth peer name v1; ip addr add 10.8.0.1/16 dev v0; ip link set v0 up; ip link set v1 up",
		"setpriv --bounding-set=-net_admin --inh-caps=-net_admin") {
		return
	}
	p := New(Options{})
	defer p.Close()
	const hosts = 700
	results := make(chan Result, hosts)
	began := time.Now()
	for i := range hosts {
		addr := netip.AddrFrom4([4]byte{10, 8, byte(1 + i/200), byte(1 + i%200)})
		go func() { results <- p.Ping(context.Background(), addr, short) }()
	}
	for range hosts {
		if r := <-results; r.Alive || !errors.Is(r.Err, ErrNoReply) || r.Sent != 3 {
			t.Errorf("%+v", r)
		}
	}
	around(t, time.Since(began), short.Timeout)
}

const withoutRaw = "setpriv --bounding-set=-net_raw,-net_admin --inh-caps=-net_raw,-net_admin"

func TestDatagramSocketWithoutNetRaw(t *testing.T) {
	if !insideNamespace(t, "echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range", withoutRaw) {
		return
	}
	for _, addr := range []string{"127.0.0.1", "::1"} {
		p := New(Options{})
		r := p.Ping(context.Background(), netip.MustParseAddr(addr), short)
		s, err := p.socket(addr == "::1")
		if !r.Alive || err != nil || s.raw {
			t.Errorf("%s: %+v, %+v, %v", addr, r, s, err)
		}
		p.Close()
	}
	if r, _ := pingOne("192.0.2.1", Options{}, short); !errors.Is(r.Err, unix.ENETUNREACH) {
		t.Errorf("%+v", r)
	}
}

func TestNoSocketAtAll(t *testing.T) {
	if !insideNamespace(t, "echo 1 0 >/proc/sys/net/ipv4/ping_group_range", withoutRaw) {
		return
	}
	if r, took := pingOne("127.0.0.1", Options{}, short); r.Alive || !errors.Is(r.Err, ErrNotPermitted) || took >= short.Timeout {
		t.Errorf("%+v after %v", r, took)
	}
	if err := Available(); !errors.Is(err, ErrNotPermitted) {
		t.Errorf("Available() = %v", err)
	}
}
