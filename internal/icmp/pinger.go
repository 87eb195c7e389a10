// SPDX-License-Identifier: Apache-2.0

package icmp

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// retryFull is the pause before an echo that did not fit into the kernel's queue is offered again.
const retryFull = 2 * time.Millisecond

// Pinger sends echo requests and hands out the answers. Use it from any number of goroutines; [Pinger.Close] it when
// no Ping is running any more.
type Pinger struct {
	opt Options
	id  uint16

	open [2]sync.Once // IPv4, IPv6: opened when the first target needs it
	sock [2]*socket
	err  [2]error

	mu       sync.Mutex
	seq      uint16
	byToken  map[token]*echo
	byNumber map[uint16]*echo // for ICMP errors that quote too little; the youngest of that number
}

// echo is one request on its way.
type echo struct {
	host   *host
	index  int // attempt, from 0
	sentAt time.Time
	seq    uint16
	tok    token
}

// host is one running Ping.
type host struct {
	addr   netip.Addr // without zone, as replies tell it
	answer chan answer
	hint   error // guarded by Pinger.mu
}

type answer struct {
	index int
	rtt   time.Duration
}

// New makes a Pinger. Sockets are opened when first needed, so that an error there belongs to the targets it concerns.
func New(opt Options) *Pinger {
	var id [2]byte
	_, _ = rand.Read(id[:]) // cannot fail (crypto/rand)
	return &Pinger{opt: opt, id: binary.BigEndian.Uint16(id[:]), byToken: map[token]*echo{}, byNumber: map[uint16]*echo{}}
}

// Close closes the sockets and ends the goroutines that read them.
func (p *Pinger) Close() {
	for i := range p.sock {
		p.open[i].Do(func() { p.err[i] = net.ErrClosed })
		if p.sock[i] != nil {
			p.sock[i].conn.Close()
		}
	}
}

// Ping asks addr by plan, and returns at its first answer, at the plan's timeout, or when ctx ends. It returns early
// as well when the kernel refused every one of the attempts, since then nothing is left to wait for.
func (p *Pinger) Ping(ctx context.Context, addr netip.Addr, plan Plan) Result {
	addr = addr.Unmap()
	s, err := p.socket(addr.Is6())
	if err != nil {
		return Result{Err: err}
	}
	to, err := sockaddr(addr)
	if err != nil {
		return Result{Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, plan.Timeout)
	defer cancel()
	h := &host{addr: addr.WithZone(""), answer: make(chan answer, 1)}
	var echoes []*echo
	defer func() { p.forget(echoes) }()

	var refused error
	onTheWay, began := 0, time.Now()
	for k := range max(plan.Attempts, 1) {
		if k > 0 {
			pause := plan.Soon()
			if onTheWay > 0 {
				pause = plan.Due(k) - time.Since(began)
			}
			if a, answered := h.wait(ctx, pause); answered {
				return alive(a)
			}
			if ctx.Err() != nil {
				break
			}
		}
		e := p.register(h, k)
		echoes = append(echoes, e)
		if err := p.sendEcho(ctx, s, to, e); err != nil {
			refused = fmt.Errorf("send echo to %s: %w", addr, err)
		} else {
			onTheWay++
		}
	}
	if onTheWay > 0 {
		if a, answered := h.wait(ctx, plan.Timeout); answered {
			return alive(a)
		}
	}
	return Result{Sent: len(echoes), Lost: len(echoes), Err: p.why(h, onTheWay, refused)}
}

func alive(a answer) Result { return Result{Alive: true, RTT: a.rtt, Sent: a.index + 1, Lost: a.index} }

// why chooses the most telling of the reasons for a missing answer.
func (p *Pinger) why(h *host, onTheWay int, refused error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case h.hint != nil:
		return h.hint
	case onTheWay == 0 && refused != nil:
		return refused
	}
	return ErrNoReply
}

// wait returns the answer, or false after d or when ctx ends.
func (h *host) wait(ctx context.Context, d time.Duration) (answer, bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case a := <-h.answer:
		return a, true
	case <-timer.C:
	case <-ctx.Done():
	}
	select { // both may have been ready: an answer that came in time counts
	case a := <-h.answer:
		return a, true
	default:
		return answer{}, false
	}
}

// register gives an attempt its number and its random bytes.
func (p *Pinger) register(h *host, index int) *echo {
	e := &echo{host: h, index: index}
	_, _ = rand.Read(e.tok[:])
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seq++
	e.seq = p.seq
	p.byToken[e.tok], p.byNumber[e.seq] = e, e
	return e
}

func (p *Pinger) forget(echoes []*echo) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range echoes {
		delete(p.byToken, e.tok)
		if p.byNumber[e.seq] == e {
			delete(p.byNumber, e.seq)
		}
	}
}

// sendEcho sends one attempt, waiting only while the kernel's queue is full.
func (p *Pinger) sendEcho(ctx context.Context, s *socket, to unix.Sockaddr, e *echo) error {
	b, err := marshalEcho(s.v6, p.id, e.seq, e.tok, p.opt.Size)
	if err != nil {
		return err
	}
	for {
		p.mu.Lock()
		e.sentAt = time.Now()
		p.mu.Unlock()
		err := s.send(b, to)
		if !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.ENOBUFS) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(retryFull):
		}
	}
}

// socket opens the family's socket once.
func (p *Pinger) socket(v6 bool) (*socket, error) {
	i := 0
	if v6 {
		i = 1
	}
	p.open[i].Do(func() {
		if p.sock[i], p.err[i] = openSocket(v6, p.id, p.opt); p.err[i] == nil {
			go p.read(p.sock[i])
		}
	})
	return p.sock[i], p.err[i]
}

// read distributes what arrives until the socket is closed.
func (p *Pinger) read(s *socket) {
	b := make([]byte, 1<<16)
	for {
		n, from, err := s.conn.ReadFrom(b)
		now := time.Now()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // such as ENETDOWN, once, when a bound interface goes away
			time.Sleep(retryFull)
			continue
		}
		if in, ok := parse(s.v6, b[:n]); ok && (!s.raw || in.id == p.id) {
			p.deliver(in, sender(from), now)
		}
	}
}

// deliver hands an answer or a hint to the Ping that waits for it; everything else is nobody's.
func (p *Pinger) deliver(in incoming, from netip.Addr, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.byToken[in.tok]
	if !in.full {
		e = p.byNumber[in.seq]
	}
	if e == nil {
		return
	}
	if !in.reply {
		e.host.hint = &Unreachable{From: from, What: in.what}
		return
	}
	if from.WithZone("") != e.host.addr {
		return // somebody else sends our bytes back; the host that was asked has not answered
	}
	select {
	case e.host.answer <- answer{index: e.index, rtt: now.Sub(e.sentAt)}:
	default: // a duplicate
	}
}
