// SPDX-License-Identifier: Apache-2.0

package floating

import (
	"net/netip"
	"time"

	"ocf-oci/internal/oci"

	"golang.org/x/sys/unix"
)

// Target is one floating address as this node would carry it.
type Target struct {
	IP   netip.Addr `json:"ip"`
	Bits int        `json:"bits"` // prefix length in the OS
	NIC  string     `json:"nic"`
	MAC  string     `json:"mac,omitempty"` // of NIC when it was resolved: another MAC makes the rest stale

	// Broadcast is that of the connected network, IPv4 only; invalid if there is none.
	Broadcast netip.Addr `json:"broadcast,omitzero"`

	// The rest is empty where there is no cloud.
	VNIC    oci.VNICID    `json:"vnic,omitempty"`    // this node's VNIC behind NIC
	Subnet  oci.SubnetID  `json:"subnet,omitempty"`  // of VNIC
	Address oci.AddressID `json:"address,omitempty"` // the private IP object; it survives moves
	Public  netip.Addr    `json:"public,omitzero"`   // the public IP that this node saw on it last

	// Seen is what a readiness check found; an ETag from it may be used for a short time only.
	Seen *Sighting `json:"seen,omitempty"`
}

// Prefix is the address with its prefix length.
func (t Target) Prefix() netip.Prefix { return netip.PrefixFrom(t.IP, t.Bits) }

// Sighting is who held an address, and the object's version, at one moment.
type Sighting struct {
	Holder oci.VNICID    `json:"holder"`
	ETag   string        `json:"etag"`
	At     time.Duration `json:"at"` // boot time
}

// Resolved is what a resource's definition came to on this node. Monitors use this and nothing else, so that a
// mistake made in a file while the address runs changes nothing.
type Resolved struct {
	// Definition identifies the parameters it was made from; another value makes it stale.
	Definition string     `json:"definition"`
	Cloud      string     `json:"cloud"` // oci or none
	Access     Access     `json:"access,omitzero"`
	File       string     `json:"file,omitempty"` // digest of the declarative file that was used
	Targets    []Target   `json:"targets"`
	Source     netip.Addr `json:"source,omitzero"` // local address for all cloud traffic
	// Primaries are the primary addresses of this instance's VNICs: they are never taken away.
	Primaries []netip.Addr `json:"primaries,omitempty"`
}

// Access is how this node authenticates and where it sends its requests.
type Access struct {
	Auth       string `json:"auth,omitempty"`
	ConfigFile string `json:"config_file,omitempty"`
	Profile    string `json:"profile,omitempty"`
	Region     string `json:"region,omitempty"`
	Endpoint   string `json:"endpoint,omitempty"`
}

// Boottime is the time since the machine started, suspension included (CLOCK_BOOTTIME).
func Boottime() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		panic("CLOCK_BOOTTIME is not readable: " + err.Error()) // Linux has it since 2.6.39
	}
	return time.Duration(ts.Nano())
}
