// SPDX-License-Identifier: Apache-2.0

// Package icmp asks hosts whether they answer an ICMP echo request (RFC 792, RFC 4443), over IPv4 and IPv6.
//
// One [Pinger] holds at most one socket per address family and serves any number of concurrent [Pinger.Ping]
// calls, so a caller asks all its hosts at once with one goroutine per host. Every echo carries 16 random bytes;
// an answer counts only if it brings these bytes back from the address that was asked, so neither another
// process, nor an earlier run, nor a duplicate can be taken for an answer. All times are monotonic.
//
// A raw socket is used where the process may open one (CAP_NET_RAW); else the kernel's datagram ping socket,
// which needs the group in net.ipv4.ping_group_range. With neither, results carry [ErrNotPermitted].
package icmp

import (
	"errors"
	"net/netip"
	"time"
)

var (
	// ErrNoReply means that every echo request was handed to the network and none was answered.
	ErrNoReply = errors.New("no echo reply")
	// ErrNotPermitted means that this process may open neither a raw nor a datagram ICMP socket, so that
	// nothing is known about any host.
	ErrNotPermitted = errors.New("not permitted to open an ICMP socket")
)

// Plan says how long one host is given, and how often it is asked in that time while it has not answered.
type Plan struct {
	Attempts int           // echo requests, at least 1
	Timeout  time.Duration // for the host, all attempts together
}

// Soon is the pause after a single lost packet or a refused attempt: a share of the timeout, but at most a second.
func (p Plan) Soon() time.Duration { return min(p.share(1), time.Second) }

// Due tells when attempt k (from 0) is made, counted from the first. The second follows soon, so that one lost packet
// costs little; the others are spread over the whole timeout, so that a glitch has to last that long to matter.
func (p Plan) Due(k int) time.Duration {
	if k == 1 {
		return p.Soon()
	}
	return p.share(k)
}

func (p Plan) share(k int) time.Duration {
	return p.Timeout * time.Duration(k) / time.Duration(max(p.Attempts, 1))
}

// Result is what is known about one host.
type Result struct {
	Alive bool
	RTT   time.Duration // of the echo that was answered; zero when not Alive
	Sent  int           // echoes tried, up to and including the answered one
	Lost  int           // of these, the unanswered ones (those the kernel refused to send included)
	// Err says why the host is not Alive: it wraps ErrNoReply, ErrNotPermitted, a system error (ENETUNREACH,
	// EPERM of a local packet filter...), an *Unreachable that a router or this host reported, or the context's error.
	Err error
}

// Unreachable is an ICMP error (RFC 792 types 3 and 11, RFC 4443 types 1, 2 and 3) about one of our echoes. It is a
// hint for the administrator only: the host is still given its whole time, because such errors can be forged
// and are sent while a router or a neighbour entry recovers.
type Unreachable struct {
	From netip.Addr // who says so
	What string     // such as "host unreachable"
}

func (u *Unreachable) Error() string { return u.What + ", says " + u.From.String() }

// Unwrap makes errors.Is(err, ErrNoReply) true: an unreachable host has not answered.
func (u *Unreachable) Unwrap() error { return ErrNoReply }
