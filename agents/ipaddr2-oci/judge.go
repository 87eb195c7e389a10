// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/netip"
	"slices"

	"ocf-oci/internal/ifaddr"
	"ocf-oci/internal/oci"
)

// osState is what the operating system says of one address.
type osState int

const (
	osUnknown osState = iota
	osAbsent
	osPresent // on the right interface with the right prefix length, and usable
	osWrong   // there, but not so
)

// osView is one address in the operating system.
type osView struct {
	State  osState
	Detail string // what is wrong, or why it is unknown
}

// cloudState is what the cloud says of one address.
type cloudState int

const (
	cloudNotAsked cloudState = iota // no cloud, or asked recently
	cloudMine
	cloudOther   // another VNIC holds it, or none
	cloudMissing // no such private IP
	cloudUnknown
)

// cloudView is one address in the cloud.
type cloudView struct {
	State  cloudState
	Holder oci.VNICID // of cloudOther; empty if unassigned
	Detail string     // of cloudUnknown
}

// expectation is where and how an address must be configured; empty fields do not matter.
type expectation struct {
	IP      netip.Addr
	NIC     string
	Bits    int
	AnyLink bool // the link may be down (check_link_status=false)
}

// seeOS compares a complete dump with what is expected. One right copy is enough: others do no harm.
func seeOS(t ifaddr.Table, want expectation) osView {
	found := t.Find(want.IP)
	if len(found) == 0 {
		return osView{State: osAbsent}
	}
	var wrong string
	for _, a := range found {
		detail := fault(t, a, want)
		if detail == "" {
			return osView{State: osPresent}
		}
		wrong = detail
	}
	return osView{State: osWrong, Detail: wrong}
}

// fault says what keeps one configured copy from being the right one.
func fault(t ifaddr.Table, a ifaddr.Address, want expectation) string {
	link, ok := t.Link(a.Link)
	switch {
	case !ok:
		return "its interface vanished"
	case want.NIC != "" && link.Name != want.NIC && !slices.Contains(link.AltNames, want.NIC):
		return fmt.Sprintf("it is on %s instead of %s", link.Name, want.NIC)
	case want.Bits != 0 && a.Prefix.Bits() != want.Bits:
		return fmt.Sprintf("it has prefix length %d instead of %d", a.Prefix.Bits(), want.Bits)
	case a.DuplicateFound():
		return "another host answered for it (duplicate address detection failed)"
	case a.Tentative():
		return "duplicate address detection still runs"
	case want.AnyLink:
	case !link.AdminUp:
		return fmt.Sprintf("interface %s is down", link.Name)
	case !link.Carrier:
		return fmt.Sprintf("interface %s has no link", link.Name)
	}
	return ""
}

// answer is what a monitor concludes about the whole resource.
type answer int

const (
	running answer = iota
	notRunning
	unknownOS
	unknownCloud
)

// finding is a conclusion and the address that it rests on.
type finding struct {
	Answer answer
	IP     netip.Addr
	OS     osView
	Cloud  cloudView
}

// judge combines what is known of every address (DESIGN 5, "What is true"): one that is definitely missing, wrong or
// foreign decides first, then one that is unknown, then running.
func judge(ips []netip.Addr, system []osView, cloud []cloudView) finding {
	verdict := finding{Answer: running}
	for i, ip := range ips {
		f := finding{Answer: judgeOne(system[i], cloud[i]), IP: ip, OS: system[i], Cloud: cloud[i]}
		if weight(f.Answer) > weight(verdict.Answer) {
			verdict = f
		}
	}
	return verdict
}

func judgeOne(system osView, cloud cloudView) answer {
	switch {
	case system.State == osAbsent, system.State == osWrong:
		return notRunning
	case cloud.State == cloudOther, cloud.State == cloudMissing:
		if system.State == osUnknown {
			return unknownOS
		}
		return notRunning
	case system.State == osUnknown:
		return unknownOS
	case cloud.State == cloudUnknown:
		return unknownCloud
	}
	return running
}

func weight(a answer) int {
	return map[answer]int{running: 0, unknownCloud: 1, unknownOS: 2, notRunning: 3}[a]
}
