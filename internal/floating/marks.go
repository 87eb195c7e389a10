// SPDX-License-Identifier: Apache-2.0

package floating

import (
	"fmt"
	"net/netip"
	"time"

	"ocf-oci/internal/oci"
	"ocf-oci/internal/state"
)

// Owned says that this node started the resource and has not stopped it since.
type Owned struct {
	At time.Duration `json:"at"` // boot time
}

// Lost says which addresses other VNICs took while this node held them.
type Lost struct {
	Taken []Taken       `json:"taken"`
	At    time.Duration `json:"at"` // boot time
}

// Taken is an address and who took it.
type Taken struct {
	IP    netip.Addr `json:"ip"`
	Taker oci.VNICID `json:"taker"`
}

// Carrying lists what this resource may have configured in the operating system: it is written before the first
// address is added and removed after the last one is gone.
type Carrying struct {
	IPs []netip.Addr `json:"ips"`
}

// Check is the last time a monitor asked the cloud, whatever came of it.
type Check struct {
	At       time.Duration `json:"at"`       // boot time of the attempt
	Unknowns int           `json:"unknowns"` // consecutive attempts without a definite answer
	Settled  bool          `json:"settled"`  // false after a definite "not mine": the next monitor asks again
	Error    string        `json:"error,omitempty"`
	// Moved says that the addresses came here and nobody has looked yet whether their public IPs came with them.
	Moved bool `json:"moved,omitempty"`
}

// Leaving says that a migration away from this node began.
type Leaving struct {
	At time.Duration `json:"at"` // boot time
}

// Loopback is an address that start took from the loopback interface (lvs_support).
type Loopback struct {
	Prefix    netip.Prefix `json:"prefix"`
	Broadcast netip.Addr   `json:"broadcast,omitzero"`
	Label     string       `json:"label,omitempty"`
}

// Marks are the files of one resource. A mark that cannot be read counts as absent, which is always the careful side.
type Marks struct {
	dir      *state.Dir
	resource string
}

// Open returns the marks of a resource; nothing is created before the first write.
func Open(dir, resource string) (*Marks, error) {
	d, err := state.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("open state directory %s: %w", dir, err)
	}
	return &Marks{dir: d, resource: resource}, nil
}

// The kinds of marks; each is the extension of a file named after the resource.
const (
	kindResolved = "resolved"
	kindOwned    = "owned"
	kindLost     = "lost"
	kindCheck    = "check"
	kindLeaving  = "leaving"
	kindCarrying = "carrying"
	kindLoopback = "loopback"
)

func read[T any](m *Marks, kind string) (T, bool) {
	var v T
	p, err := m.dir.Read(m.name(kind), &v)
	return v, err == nil && p == state.Present
}

func (m *Marks) name(kind string) string { return m.resource + "." + kind }

func (m *Marks) write(kind string, v any) error {
	if err := m.dir.Write(m.name(kind), v); err != nil {
		return fmt.Errorf("write mark %s: %w", m.name(kind), err)
	}
	return nil
}

// Resolved returns what the resource resolved to last.
func (m *Marks) Resolved() (Resolved, bool) { return read[Resolved](m, kindResolved) }

// Owned reports whether this node's last successful action was a start or an adoption.
func (m *Marks) Owned() bool { _, ok := read[Owned](m, kindOwned); return ok }

// Lost returns the mark of an address taken away.
func (m *Marks) Lost() (Lost, bool) { return read[Lost](m, kindLost) }

// Check returns the last cloud check; the zero value was never.
func (m *Marks) Check() (Check, bool) { return read[Check](m, kindCheck) }

// Leaving returns the mark of a migration that began here.
func (m *Marks) Leaving() (Leaving, bool) { return read[Leaving](m, kindLeaving) }

// SetResolved stores what the resource resolved to.
func (m *Marks) SetResolved(r Resolved) error { return m.write(kindResolved, r) }

// SetOwned stores that the resource runs here.
func (m *Marks) SetOwned() error { return m.write(kindOwned, Owned{At: Boottime()}) }

// Carrying returns what the resource may have configured here.
func (m *Marks) Carrying() []netip.Addr {
	c, _ := read[Carrying](m, kindCarrying)
	return c.IPs
}

// SetCarrying stores what the resource may have configured here.
func (m *Marks) SetCarrying(ips []netip.Addr) error { return m.write(kindCarrying, Carrying{IPs: ips}) }

// SetLost stores who took which addresses.
func (m *Marks) SetLost(taken []Taken) error {
	return m.write(kindLost, Lost{Taken: taken, At: Boottime()})
}

// SetCheck stores a cloud check.
func (m *Marks) SetCheck(c Check) error { return m.write(kindCheck, c) }

// SetLeaving stores that a migration away begins.
func (m *Marks) SetLeaving() error { return m.write(kindLeaving, Leaving{At: Boottime()}) }

// Loopback returns what start took from the loopback interface.
func (m *Marks) Loopback() (Loopback, bool) { return read[Loopback](m, kindLoopback) }

// SetLoopback stores what start takes from the loopback interface.
func (m *Marks) SetLoopback(l Loopback) error { return m.write(kindLoopback, l) }

// ClearLoopback forgets it.
func (m *Marks) ClearLoopback() error { return m.remove(kindLoopback) }

// Stopped removes what only holds while the resource runs here; lost and resolved stay.
func (m *Marks) Stopped() error { return m.remove(kindOwned, kindCheck, kindLeaving, kindCarrying) }

// ClearLost forgets that an address was taken.
func (m *Marks) ClearLost() error { return m.remove(kindLost) }

// ClearLeaving forgets a migration.
func (m *Marks) ClearLeaving() error { return m.remove(kindLeaving) }

func (m *Marks) remove(kinds ...string) error {
	for _, k := range kinds {
		if err := m.dir.Remove(m.name(k)); err != nil {
			return fmt.Errorf("remove mark %s: %w", m.name(k), err)
		}
	}
	return nil
}
