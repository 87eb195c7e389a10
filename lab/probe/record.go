// SPDX-License-Identifier: Apache-2.0

package probe

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/sys/unix"
)

const (
	tokenSize   = 16 // random bytes that make an answer ours
	payloadSize = tokenSize + 1 + 4
	// lastAnswers is how long a recorder that was told to stop waits for answers.
	lastAnswers   = 300 * time.Millisecond
	flushInterval = 100 * time.Millisecond
)

// recorder is a running Record.
type recorder struct {
	out     *writer
	streams []Stream
	ids     []int
	token   []byte
	conns   map[bool]*icmp.PacketConn // by "is IPv6"
}

// Record is the recorder's process: it sends streams at the interval, from the network namespace that it is in, until
// ctx ends.
func Record(ctx context.Context, dir, host string, interval time.Duration, streams []Stream) error {
	if interval < time.Millisecond {
		return fmt.Errorf("record on %s: interval %v is below 1ms", host, interval)
	}
	file, err := os.Create(filepath.Join(dir, host+".log"))
	if err != nil {
		return fmt.Errorf("record on %s: %w", host, err)
	}
	defer file.Close()
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return fmt.Errorf("record on %s: another recorder is at work: %w", host, err)
	}
	r := &recorder{out: newWriter(file), streams: streams, token: make([]byte, tokenSize), conns: map[bool]*icmp.PacketConn{}}
	rand.Read(r.token)
	for range streams {
		var id [2]byte
		rand.Read(id[:])
		r.ids = append(r.ids, int(binary.BigEndian.Uint16(id[:])))
	}
	if err := r.open(); err != nil {
		return fmt.Errorf("record on %s: %w", host, err)
	}
	defer func() {
		for _, c := range r.conns {
			c.Close()
		}
	}()
	if err := ready(dir, Header{host, os.Getpid(), interval, streams, time.Now(), now()}); err != nil {
		return err
	}
	for six, c := range r.conns {
		go r.receive(c, six)
	}
	for i := range streams {
		go r.send(ctx, i, interval)
	}
	for ctx.Err() == nil {
		urgent()
		select {
		case <-ctx.Done():
			time.Sleep(lastAnswers)
		case <-time.After(flushInterval):
		}
		if err := r.out.flush(); err != nil {
			return fmt.Errorf("record on %s: %w", host, err)
		}
	}
	return nil
}

// urgent puts all threads of this process before ordinary ones: a recorder that waits for a processor looks like an
// outage. Without the right to do so it records all the same.
func urgent() {
	tasks, _ := os.ReadDir("/proc/self/task")
	for _, t := range tasks {
		if tid, err := strconv.Atoi(t.Name()); err == nil {
			_ = unix.Setpriority(unix.PRIO_PROCESS, tid, -15)
		}
	}
}

// ready writes the header, whole or not at all.
func ready(dir string, h Header) error {
	b, err := json.Marshal(h)
	if err == nil {
		next := filepath.Join(dir, h.Host+".json.next")
		err = errors.Join(os.WriteFile(next, b, 0o600), os.Rename(next, filepath.Join(dir, h.Host+".json")))
	}
	if err != nil {
		return fmt.Errorf("record on %s: write the header: %w", h.Host, err)
	}
	return nil
}

func (r *recorder) open() error {
	for _, s := range r.streams {
		six := s.To.Is6()
		if r.conns[six] != nil {
			continue
		}
		network, address := "ip4:icmp", "0.0.0.0"
		if six {
			network, address = "ip6:ipv6-icmp", "::"
		}
		c, err := icmp.ListenPacket(network, address)
		if err != nil {
			return fmt.Errorf("open an ICMP socket (root is needed): %w", err)
		}
		r.conns[six] = c
		pc := net.PacketConn(nil)
		if six {
			var f ipv6.ICMPFilter
			f.SetAll(true)
			f.Accept(ipv6.ICMPTypeEchoReply)
			if err := c.IPv6PacketConn().SetICMPFilter(&f); err != nil {
				return fmt.Errorf("filter ICMPv6: %w", err)
			}
			pc = c.IPv6PacketConn().PacketConn
		} else {
			pc = c.IPv4PacketConn().PacketConn
		}
		if b, ok := pc.(interface{ SetReadBuffer(int) error }); ok {
			if err := b.SetReadBuffer(1 << 21); err != nil {
				return fmt.Errorf("enlarge the receive buffer: %w", err)
			}
		}
	}
	return nil
}

func (r *recorder) send(ctx context.Context, stream int, interval time.Duration) {
	s := r.streams[stream]
	to := &net.IPAddr{IP: s.To.AsSlice()}
	payload := make([]byte, payloadSize)
	copy(payload, r.token)
	payload[tokenSize] = byte(stream)
	msg := icmp.Message{Type: ipv4.ICMPTypeEcho}
	if s.To.Is6() {
		msg.Type = ipv6.ICMPTypeEchoRequest
	}
	next := now()
	for seq := uint32(0); ctx.Err() == nil; seq++ {
		binary.BigEndian.PutUint32(payload[tokenSize+1:], seq)
		msg.Body = &icmp.Echo{ID: r.ids[stream], Seq: int(seq & 0xffff), Data: payload}
		b, err := msg.Marshal(nil)
		if err != nil {
			panic(fmt.Sprintf("marshal an echo request: %v", err)) // nothing in it varies
		}
		// Written down first, so that an answer never comes before its question. A request that the kernel
		// refuses (no carrier, no route) is as lost as one that nobody answers.
		r.out.put(kindSent, stream, seq, now())
		_, _ = r.conns[s.To.Is6()].WriteTo(b, to)
		if next += interval; next < now() {
			next = now() // late: no burst to catch up
		}
		time.Sleep(next - now())
	}
}

func (r *recorder) receive(c *icmp.PacketConn, six bool) {
	protocol := 1 // ICMP
	if six {
		protocol = 58 // ICMPv6
	}
	b := make([]byte, 1500)
	for {
		n, from, err := c.ReadFrom(b)
		at := now()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		m, err := icmp.ParseMessage(protocol, b[:n])
		if err != nil || m.Type != ipv4.ICMPTypeEchoReply && m.Type != ipv6.ICMPTypeEchoReply {
			continue
		}
		echo, ok := m.Body.(*icmp.Echo)
		if !ok || len(echo.Data) != payloadSize || !bytes.Equal(echo.Data[:tokenSize], r.token) {
			continue
		}
		stream := int(echo.Data[tokenSize])
		if stream >= len(r.streams) || echo.ID != r.ids[stream] || from.(*net.IPAddr).IP.String() != r.streams[stream].To.String() {
			continue
		}
		r.out.put(kindGot, stream, binary.BigEndian.Uint32(echo.Data[tokenSize+1:]), at)
	}
}
