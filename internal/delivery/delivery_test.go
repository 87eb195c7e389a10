// SPDX-License-Identifier: Apache-2.0

package delivery

import (
	"context"
	"net/netip"
	"testing"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
)

func TestJudge(t *testing.T) {
	for s, want := range map[Seen]Answer{
		{}:              Unknown,
		{Control: true}: Silent, {Returned: true}: Here, {Control: true, Returned: true}: Here,
		{Answered: true}: Elsewhere, {Control: true, Answered: true}: Elsewhere,
	} {
		if got := Judge(s); got != want {
			t.Errorf("%+v: %s, want %s", s, got, want)
		}
	}
}

// Only the packets of this conversation count.
func TestNote(t *testing.T) {
	q := Question{IP: netip.MustParseAddr("10.0.0.100"), Own: netip.MustParseAddr("10.0.0.11")}
	token := []byte("0123456789abcdef")
	reply := func(from, to netip.Addr, kind ipv4.ICMPType, id int, data string) []byte {
		b, err := echo(from, to, id, []byte(data))
		if err != nil {
			t.Fatal(err)
		}
		m, err := (&icmp.Message{Type: kind, Body: &icmp.Echo{ID: id, Data: []byte(data)}}).Marshal(nil)
		if err != nil {
			t.Fatal(err)
		}
		return append(b[:ipv4.HeaderLen], m...)
	}
	other := netip.MustParseAddr("10.0.0.12")
	for name, c := range map[string]struct {
		packet []byte
		want   Seen
	}{
		"the request":          {reply(q.Own, q.IP, ipv4.ICMPTypeEcho, 7, string(token)), Seen{Returned: true}},
		"the control":          {reply(q.Own, q.Own, ipv4.ICMPTypeEcho, 7, string(token)), Seen{Control: true}},
		"an answer":            {reply(q.IP, q.Own, ipv4.ICMPTypeEchoReply, 7, string(token)), Seen{Answered: true}},
		"another's answer":     {reply(other, q.Own, ipv4.ICMPTypeEchoReply, 7, string(token)), Seen{}},
		"another's request":    {reply(other, q.IP, ipv4.ICMPTypeEcho, 7, string(token)), Seen{}},
		"another id":           {reply(q.Own, q.IP, ipv4.ICMPTypeEcho, 8, string(token)), Seen{}},
		"another token":        {reply(q.Own, q.IP, ipv4.ICMPTypeEcho, 7, "fedcba9876543210"), Seen{}},
		"answer to itself":     {reply(q.Own, q.Own, ipv4.ICMPTypeEchoReply, 7, string(token)), Seen{}},
		"half a packet":        {reply(q.Own, q.IP, ipv4.ICMPTypeEcho, 7, string(token))[:22], Seen{}},
		"nothing":              {nil, Seen{}},
		"a header and no more": {reply(q.Own, q.IP, ipv4.ICMPTypeEcho, 7, string(token))[:20], Seen{}},
	} {
		var s Seen
		s.note(c.packet, q, 7, token)
		if s != c.want {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func TestAskRefusesWhatItCannotAsk(t *testing.T) {
	six := netip.MustParseAddr("fd00::1")
	if a, err := Ask(context.Background(), Question{IP: six, Own: six, Router: six, NIC: "lo"}); a != Unknown || err == nil {
		t.Errorf("%s %v", a, err)
	}
	four := netip.MustParseAddr("127.0.0.1")
	if a, err := Ask(context.Background(), Question{IP: four, Own: four, Router: four, NIC: "there-is-none"}); a != Unknown || err == nil {
		t.Errorf("%s %v", a, err)
	}
}
