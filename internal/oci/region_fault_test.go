// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"strings"
	"testing"
	"time"

	"ocf-oci/lab/region/fault"
)

// Each fault of the region, and what becomes of a move and of a read.
func TestRegionFaults(t *testing.T) {
	for name, test := range map[string]struct {
		target          string
		kind            fault.Kind
		value           string
		read, write     Kind
		ambiguous, done bool
	}{
		"throttled":             {"api", fault.Status, "429", Throttled, Throttled, false, false},
		"incorrect state":       {"UpdatePrivateIp", fault.Status, "409:IncorrectState", Unknown, Transient, false, false},
		"server error":          {"api", fault.Status, "500", Transient, Transient, true, false},
		"unauthenticated":       {"api", fault.Status, "401", Unauthenticated, Unauthenticated, false, false},
		"precondition failed":   {"UpdatePrivateIp", fault.Status, "412", Unknown, PreconditionFailed, false, false},
		"hang":                  {"api", fault.Hang, "", Transient, Transient, true, false},
		"reset before":          {"api", fault.Reset, "", Transient, Transient, true, false},
		"lost after the commit": {"UpdatePrivateIp", fault.LostResponse, "", Unknown, Transient, true, true},
		"truncated":             {"api", fault.Truncate, "", Transient, Transient, true, true},
		"slow":                  {"api", fault.Slow, "", Transient, Transient, true, true},
		"refused":               {"api", fault.Refuse, "", Transient, Transient, false, false},
		"clock skew":            {"api", fault.ClockSkew, "1h", Unauthenticated, Unauthenticated, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSim(t)
			client := s.node("2", stateDir(t))
			id := AddressID(s.owner("127.1.0.100").ID)
			a, err := client.Address(within(t, 10*time.Second), id)
			must(t, err)
			client = s.node("2", client.federation.cache.dir.Path()) // a new connection
			s.fault(test.target, test.kind, test.value, 0)
			limit := 10 * time.Second
			if test.kind == fault.Hang || test.kind == fault.Slow {
				limit = 1500 * time.Millisecond
			}
			start := time.Now()
			_, err = client.Address(within(t, limit), id)
			if KindOf(err) != test.read || IsAmbiguous(err) || time.Since(start) > limit+time.Second {
				t.Errorf("read: %v (%s) after %s", err, KindOf(err), time.Since(start))
			}
			start = time.Now()
			_, err = client.Move(within(t, limit), a, s.vnic("vrouter2"), "")
			if KindOf(err) != test.write || IsAmbiguous(err) != test.ambiguous && name != "reset before" || time.Since(start) > limit+time.Second {
				t.Errorf("write: %v (%s) after %s", err, KindOf(err), time.Since(start))
			}
			if name == "clock skew" && !strings.Contains(err.Error(), "clock is 59m") && !strings.Contains(err.Error(), "clock is 1h0m") {
				t.Errorf("the clock is not named: %v", err)
			}
			if moved := s.owner("127.1.0.100").Node == "vrouter2"; moved != test.done {
				t.Errorf("moved is %v", moved)
			}
			// After healing one Retry finishes, whatever state it was left in.
			s.ClearFaults(0)
			err = Retry(within(t, 10*time.Second), nil, func(ctx context.Context) error {
				_, err := client.Move(ctx, a, s.vnic("vrouter2"), "")
				return err
			})
			if err != nil || s.owner("127.1.0.100").Node != "vrouter2" {
				t.Errorf("after healing: %v, held by %s", err, s.owner("127.1.0.100").Node)
			}
		})
	}
}

// Faults that the client gets over by itself, inside one call.
func TestRegionFaultsMended(t *testing.T) {
	for name, test := range map[string]struct {
		target string
		kind   fault.Kind
		value  string
		count  int
		cold   bool
	}{
		"expired token":         {"api", fault.ExpiredToken, "", 0, false},
		"metadata 404":          {"imds", fault.Status, "404", 3, true},
		"metadata 503":          {"imds", fault.Status, "503", 3, true},
		"metadata reset":        {"imds", fault.Reset, "", 3, true},
		"metadata hangs a bit":  {"imds", fault.Hang, "", 2, true},
		"metadata truncated":    {"imds", fault.Truncate, "", 2, true},
		"latency of everything": {"all", fault.Latency, "100ms", 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSim(t)
			dir := stateDir(t)
			id := AddressID(s.owner("127.1.0.100").ID)
			if !test.cold {
				_, err := s.node("2", dir).Address(within(t, 10*time.Second), id)
				must(t, err)
			}
			s.fault(test.target, test.kind, test.value, test.count)
			if _, err := s.node("2", dir).Address(within(t, 9*time.Second), id); err != nil {
				t.Error(err)
			}
		})
	}
}

// The identity service's troubles are the caller's: transient ones can be
// retried, and nothing is ambiguous, since the move was never sent.
func TestRegionFederationFaults(t *testing.T) {
	for name, test := range map[string]struct {
		kind  fault.Kind
		value string
		want  Kind
	}{
		"500": {fault.Status, "500", Transient}, "429": {fault.Status, "429", Throttled}, "401": {fault.Status, "401", Unauthenticated}, "404": {fault.Status, "404", Denied},
		"hang": {fault.Hang, "", Transient}, "reset": {fault.Reset, "", Transient}, "refuse": {fault.Refuse, "", Transient}, "truncate": {fault.Truncate, "", Transient},
		"lost": {fault.LostResponse, "", Transient},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSim(t)
			client := s.node("2", stateDir(t))
			s.fault("auth", test.kind, test.value, 0)
			a := Address{ID: AddressID(s.owner("127.1.0.100").ID)}
			limit := 10 * time.Second // the exchange's arithmetic takes long on a busy machine
			if test.kind == fault.Hang {
				limit = 2 * time.Second
			}
			start := time.Now()
			_, err := client.Move(within(t, limit), a, s.vnic("vrouter2"), "")
			if KindOf(err) != test.want || IsAmbiguous(err) || time.Since(start) > limit+time.Second {
				t.Errorf("%v (%s, ambiguous %v) after %s", err, KindOf(err), IsAmbiguous(err), time.Since(start))
			}
			s.ClearFaults(0)
			if _, err := client.Move(within(t, 8*time.Second), a, s.vnic("vrouter2"), ""); err != nil {
				t.Errorf("after healing: %v", err)
			}
		})
	}
}
