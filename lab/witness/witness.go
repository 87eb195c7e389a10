// SPDX-License-Identifier: Apache-2.0

// Package witness stands in a layer 2 network and asks by ARP, again and again, who has an address. It records every
// answer with its hardware address, so that it sees what no node can see of itself: two nodes that have one address at the
// same moment, and the time when nobody has it.
package witness

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/mdlayher/packet"
	"golang.org/x/sys/unix"

	"ocf-oci/internal/announce"
	"ocf-oci/lab/fabric"
)

// Answer is one reply: to which question, by whom, when.
type Answer struct {
	Question int
	MAC      string
	At       time.Time
}

// Report is what was seen of one address.
type Report struct {
	Address   netip.Addr
	Questions int
	Answers   []Answer
	Every     time.Duration
	From, To  time.Time
}

// Witness asks for some addresses until it is stopped.
type Witness struct {
	cancel  context.CancelFunc
	done    sync.WaitGroup
	mu      sync.Mutex
	reports map[netip.Addr]*Report
	err     error
}

// Watch begins to ask in a network namespace (its path), for each address on the interface whose network has it.
func Watch(netns string, every time.Duration, addresses ...netip.Addr) (*Witness, error) {
	ctx, cancel := context.WithCancel(context.Background())
	w := &Witness{cancel: cancel, reports: map[netip.Addr]*Report{}}
	for _, a := range addresses {
		var conn *packet.Conn
		var ask []byte
		err := fabric.Inside(netns, func() (err error) {
			ifi, own, err := interfaceOf(a)
			if err != nil {
				return err
			}
			if ask, err = question(ifi.HardwareAddr, own, a); err != nil {
				return err
			}
			conn, err = packet.Listen(ifi, packet.Raw, unix.ETH_P_ARP, nil)
			return err
		})
		if err != nil {
			cancel()
			return nil, fmt.Errorf("watch %s: %w", a, err)
		}
		r := &Report{Address: a, Every: every, From: time.Now()}
		w.reports[a] = r
		w.done.Go(func() { w.ask(ctx, conn, r, ask) })
		w.done.Go(func() { w.listen(conn, r, ask) })
		context.AfterFunc(ctx, func() { _ = conn.Close() })
	}
	return w, nil
}

// question asks for an address in the name of one's own: a probe, which has none, is itself a claim to the address
// (RFC 5227 section 2.1.1), and would keep a node from taking it.
func question(hw net.HardwareAddr, own, a netip.Addr) ([]byte, error) {
	frame, err := announce.Probe(hw, a)
	if err != nil {
		return nil, err
	}
	copy(frame[28:32], own.AsSlice()) // the sender's protocol address (RFC 826), behind the Ethernet header
	return frame, nil
}

// interfaceOf finds the interface of this namespace in whose network an address is, and its own address there.
func interfaceOf(a netip.Addr) (*net.Interface, netip.Addr, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, netip.Addr{}, err
	}
	for _, ifi := range all {
		addrs, err := ifi.Addrs()
		if err != nil {
			return nil, netip.Addr{}, err
		}
		for _, n := range addrs {
			p, err := netip.ParsePrefix(n.String())
			if err == nil && p.Addr() != a && p.Masked().Contains(a) {
				return &ifi, p.Addr(), nil
			}
		}
	}
	return nil, netip.Addr{}, errors.New("no interface here is in its network")
}

func (w *Witness) ask(ctx context.Context, conn *packet.Conn, r *Report, ask []byte) {
	tick := time.NewTicker(r.Every)
	defer tick.Stop()
	for {
		w.mu.Lock()
		r.Questions++
		w.mu.Unlock()
		if _, err := conn.WriteTo(ask, &packet.Addr{HardwareAddr: ask[:6]}); err != nil && ctx.Err() == nil {
			w.mu.Lock()
			w.err = errors.Join(w.err, fmt.Errorf("ask for %s: %w", r.Address, err))
			w.mu.Unlock()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// listen records replies for the address (RFC 826: operation 2, sender's addresses at 8 and 14 behind the Ethernet header).
func (w *Witness) listen(conn *packet.Conn, r *Report, ask []byte) {
	own := net.HardwareAddr(ask[6:12])
	want := r.Address.As4()
	buf := make([]byte, 128)
	for {
		n, _, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		f := buf[:n]
		if n < 42 || f[20] != 0 || f[21] != 2 || [4]byte(f[28:32]) != want {
			continue
		}
		mac := net.HardwareAddr(slices.Clone(f[22:28]))
		if mac.String() == own.String() || net.HardwareAddr(f[0:6]).String() != own.String() {
			continue // an announcement by broadcast is no answer
		}
		w.mu.Lock()
		r.Answers = append(r.Answers, Answer{r.Questions, mac.String(), time.Now()})
		w.mu.Unlock()
	}
}

// Stop ends the questions and returns what was seen, by address.
func (w *Witness) Stop() (map[netip.Addr]Report, error) {
	w.cancel()
	w.done.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	all := map[netip.Addr]Report{}
	for a, r := range w.reports {
		r.To = time.Now()
		all[a] = *r
	}
	return all, w.err
}

// Now returns what was seen so far of an address.
func (w *Witness) Now(a netip.Addr) Report {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := *w.reports[a]
	r.Answers = slices.Clone(r.Answers)
	r.To = time.Now()
	return r
}

// Duplicates are the moments at which two nodes had the address: two answers to one question.
func (r Report) Duplicates() []string {
	var found []string
	by := map[int]map[string]bool{}
	for _, a := range r.Answers {
		if by[a.Question] == nil {
			by[a.Question] = map[string]bool{}
		}
		by[a.Question][a.MAC] = true
		if len(by[a.Question]) == 2 {
			var macs []string
			for m := range by[a.Question] {
				macs = append(macs, m)
			}
			slices.Sort(macs)
			found = append(found, fmt.Sprintf("%s: %s answered by %v", a.At.Format("15:04:05.000"), r.Address, macs))
		}
	}
	return found
}

// Hole is a time without an answer.
type Hole struct {
	At   time.Time
	Took time.Duration
}

// Longest is the longest time in a window during which nobody answered, counted from answer to answer.
func (r Report) Longest(from, to time.Time) Hole {
	var h Hole
	last := from
	for _, a := range r.Answers {
		if a.At.Before(from) {
			continue
		}
		if a.At.After(to) {
			break
		}
		if d := a.At.Sub(last); d > h.Took {
			h = Hole{last, d}
		}
		last = a.At
	}
	if d := to.Sub(last); d > h.Took {
		h = Hole{last, d}
	}
	return h
}

// Holders are the hardware addresses that answered, in the order of their first answer since from.
func (r Report) Holders(from time.Time) []string {
	var macs []string
	for _, a := range r.Answers {
		if !a.At.Before(from) && (len(macs) == 0 || macs[len(macs)-1] != a.MAC) {
			macs = append(macs, a.MAC)
		}
	}
	return macs
}
