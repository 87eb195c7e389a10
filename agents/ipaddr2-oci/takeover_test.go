// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/netip"
	"testing"
	"time"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ocf"
	"ocf-oci/internal/oci"
)

func newTakeover() *takeover {
	return &takeover{ip: netip.MustParseAddr("10.0.0.100"), mine: "me", now: time.Hour}
}

func TestTakeoverOpensWithAWriteOnlyAfterAFreshReadinessCheck(t *testing.T) {
	for _, c := range []struct {
		name  string
		ready *floating.Sighting
		want  step
	}{
		{"nothing known", nil, stepLook},
		{"fresh", &floating.Sighting{Holder: "old", ETag: "e", At: time.Hour - 119*time.Second}, stepWrite},
		{"too old", &floating.Sighting{Holder: "old", ETag: "e", At: time.Hour - 120*time.Second}, stepLook},
		{"no ETag", &floating.Sighting{Holder: "old", At: time.Hour}, stepLook},
		{"from another boot", &floating.Sighting{Holder: "old", ETag: "e", At: 2 * time.Hour}, stepLook},
	} {
		m := newTakeover()
		m.ready = c.ready
		p := m.open()
		if p.Step != c.want || p.Step == stepWrite && p.IfMatch != "e" {
			t.Errorf("%s: got %+v", c.name, p)
		}
	}
}

func TestTakeoverNeverStealsFromATakerInBetween(t *testing.T) {
	m := newTakeover()
	if p := m.saw(oci.Address{VNIC: "old", ETag: "1"}); p.Step != stepWrite || p.IfMatch != "1" {
		t.Fatalf("first look: %+v", p)
	}
	if p := m.saw(oci.Address{VNIC: "old", ETag: "2"}); p.Step != stepWrite || p.IfMatch != "2" {
		t.Fatalf("same holder, new version: %+v", p)
	}
	p := m.saw(oci.Address{VNIC: "third", ETag: "3"})
	if p.Step != stepFail || p.Fail.Reason != reasonTaken || p.Fail.Code != ocf.ErrGeneric {
		t.Fatalf("another taker: %+v", p)
	}
	ready := newTakeover()
	ready.ready = &floating.Sighting{Holder: "old", ETag: "e", At: time.Hour}
	ready.open()
	if p := ready.saw(oci.Address{VNIC: "third", ETag: "3"}); p.Step != stepWrite || p.IfMatch != "3" {
		t.Fatalf("moved between others since the readiness check: %+v", p)
	}
	paused := newTakeover()
	paused.ready = &floating.Sighting{Holder: "old", ETag: "e", At: time.Hour}
	paused.open()
	paused.now += promptly
	if p := paused.saw(oci.Address{VNIC: "third", ETag: "3"}); p.Step != stepFail || p.Fail.Reason != reasonTaken {
		t.Fatalf("paused after the readiness check was believed: %+v", p)
	}
	if p := ready.saw(oci.Address{VNIC: "fourth", ETag: "4"}); p.Step != stepFail || p.Fail.Reason != reasonTaken {
		t.Fatalf("another taker during this takeover: %+v", p)
	}
}

func TestTakeoverKnowsItsOwnAndWhatCannotMove(t *testing.T) {
	if p := newTakeover().saw(oci.Address{VNIC: "me"}); p.Step != stepDone {
		t.Errorf("mine: %+v", p)
	}
	for _, owner := range []oci.VNICID{"old", "me"} {
		if p := newTakeover().saw(oci.Address{VNIC: owner, Primary: true}); p.Fail.Reason != reasonPrimary {
			t.Errorf("primary of %s: %+v", owner, p)
		}
	}
	if p := newTakeover().wrote(oci.Address{VNIC: "other"}); p.Step != stepLook {
		t.Errorf("a write answered with another holder: %+v", p)
	}
}

func TestTugOfWar(t *testing.T) {
	lost := []floating.Taken{{IP: netip.MustParseAddr("10.0.0.100"), Taker: "taker"}}
	for _, c := range []struct {
		name string
		ip   string
		now  oci.VNICID
		want bool
	}{
		{"the taker still holds it", "10.0.0.100", "taker", true},
		{"somebody else holds it now", "10.0.0.100", "third", false},
		{"another address of the taker", "10.0.0.101", "taker", false},
	} {
		if got := stillTaken(lost, netip.MustParseAddr(c.ip), c.now); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
	for check, want := range map[time.Duration]time.Duration{0: 2 * time.Minute, 5 * time.Second: 10 * time.Second} {
		if got := tugAge(check); got != want {
			t.Errorf("cloud_check=%s: the mark counts for %s, want %s", check, got, want)
		}
	}
}
