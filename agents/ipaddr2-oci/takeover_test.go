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
		lost  *floating.Lost
		want  step
	}{
		{"nothing known", nil, nil, stepLook},
		{"fresh", &floating.Sighting{Holder: "old", ETag: "e", At: time.Hour - 119*time.Second}, nil, stepWrite},
		{"too old", &floating.Sighting{Holder: "old", ETag: "e", At: time.Hour - 120*time.Second}, nil, stepLook},
		{"no ETag", &floating.Sighting{Holder: "old", At: time.Hour}, nil, stepLook},
		{"was lost", &floating.Sighting{Holder: "old", ETag: "e", At: time.Hour}, &floating.Lost{Taker: "old"}, stepLook},
	} {
		m := newTakeover()
		m.ready, m.lost = c.ready, c.lost
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
	if p := newTakeover().saw(oci.Address{VNIC: "old", Primary: true}); p.Fail.Reason != reasonPrimary {
		t.Errorf("primary: %+v", p)
	}
	if p := newTakeover().wrote(oci.Address{VNIC: "other"}); p.Step != stepLook {
		t.Errorf("a write answered with another holder: %+v", p)
	}
}

func TestTugOfWar(t *testing.T) {
	m := newTakeover()
	m.lost = &floating.Lost{Taker: "taker", At: time.Hour - time.Minute}
	if p := m.saw(oci.Address{VNIC: "taker"}); p.Step != stepFail || p.Fail.Reason != reasonTug {
		t.Errorf("the taker still holds it: %+v", p)
	}
	m = newTakeover()
	m.lost = &floating.Lost{Taker: "taker", At: time.Hour - time.Minute}
	if p := m.saw(oci.Address{VNIC: "third", ETag: "1"}); p.Step != stepWrite {
		t.Errorf("somebody else holds it now: %+v", p)
	}
	for check, want := range map[time.Duration]time.Duration{0: 2 * time.Minute, 5 * time.Second: 10 * time.Second} {
		if got := tugAge(check); got != want {
			t.Errorf("cloud_check=%s: the mark counts for %s, want %s", check, got, want)
		}
	}
}
