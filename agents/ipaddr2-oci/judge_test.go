// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net"
	"net/netip"
	"testing"

	"ocf-oci/internal/ifaddr"

	"golang.org/x/sys/unix"
)

func TestJudgeIsTheTableOfTheDesign(t *testing.T) {
	// Rows: what the operating system says. Columns: mine, other VNIC, no such address, unknown, not asked or none.
	columns := []cloudState{cloudMine, cloudOther, cloudMissing, cloudUnknown, cloudNotAsked}
	rows := []struct {
		system osState
		want   [5]answer
	}{
		{osPresent, [5]answer{running, notRunning, notRunning, unknownCloud, running}},
		{osAbsent, [5]answer{notRunning, notRunning, notRunning, notRunning, notRunning}},
		{osWrong, [5]answer{notRunning, notRunning, notRunning, notRunning, notRunning}},
		{osUnknown, [5]answer{unknownOS, unknownOS, unknownOS, unknownOS, unknownOS}},
	}
	for _, row := range rows {
		for i, c := range columns {
			if got := judgeOne(osView{State: row.system}, cloudView{State: c}); got != row.want[i] {
				t.Errorf("OS %d, cloud %d: got %d, want %d", row.system, c, got, row.want[i])
			}
		}
	}
}

func TestOneDefiniteCompanionDecidesForAll(t *testing.T) {
	ips := []netip.Addr{netip.MustParseAddr("10.0.0.100"), netip.MustParseAddr("10.1.0.100"), netip.MustParseAddr("10.2.0.100")}
	here := osView{State: osPresent}
	for _, c := range []struct {
		name   string
		system [3]osView
		cloud  [3]cloudState
		want   answer
		ip     int
	}{
		{"all well", [3]osView{here, here, here}, [3]cloudState{cloudMine, cloudMine, cloudMine}, running, -1},
		{"foreign beats unknown", [3]osView{here, here, here}, [3]cloudState{cloudUnknown, cloudMine, cloudOther}, notRunning, 2},
		{"absent beats unknown system", [3]osView{{State: osUnknown}, {State: osAbsent}, here}, [3]cloudState{}, notRunning, 1},
		{"unknown beats running", [3]osView{here, here, here}, [3]cloudState{cloudMine, cloudUnknown, cloudMine}, unknownCloud, 1},
	} {
		f := judge(ips, c.system[:], []cloudView{{State: c.cloud[0]}, {State: c.cloud[1]}, {State: c.cloud[2]}})
		if f.Answer != c.want || c.ip >= 0 && f.IP != ips[c.ip] {
			t.Errorf("%s: got %d for %s", c.name, f.Answer, f.IP)
		}
	}
}

func TestSeeOSComparesValuesNotText(t *testing.T) {
	ens3 := ifaddr.Link{Index: 2, Name: "ens3", AltNames: []string{"enp0s3"}, AdminUp: true, Carrier: true, MAC: net.HardwareAddr{2, 0, 0, 0, 0, 3}}
	ens5 := ifaddr.Link{Index: 3, Name: "ens5", AdminUp: true, Carrier: false}
	with := func(link int, prefix string, flags uint32) ifaddr.Table {
		return ifaddr.Table{Links: []ifaddr.Link{ens3, ens5},
			Addresses: []ifaddr.Address{{Prefix: netip.MustParsePrefix(prefix), Link: link, Flags: flags}}}
	}
	one := expectation{IP: netip.MustParseAddr("10.0.0.1"), NIC: "ens3", Bits: 24}
	six := expectation{IP: netip.MustParseAddr("2001:db8::1"), NIC: "ens3", Bits: 64}
	for _, c := range []struct {
		name  string
		table ifaddr.Table
		want  expectation
		state osState
	}{
		{"10.0.0.10 is not 10.0.0.1", with(2, "10.0.0.10/24", 0), one, osAbsent},
		{"110.0.0.1 is not 10.0.0.1", with(2, "110.0.0.1/24", 0), one, osAbsent},
		{"right", with(2, "10.0.0.1/24", 0), one, osPresent},
		{"right by alternative name", with(2, "10.0.0.1/24", 0), expectation{IP: one.IP, NIC: "enp0s3", Bits: 24}, osPresent},
		{"other prefix length", with(2, "10.0.0.1/32", 0), one, osWrong},
		{"other interface", with(3, "10.0.0.1/24", 0), one, osWrong},
		{"no link", with(3, "10.0.0.1/24", 0), expectation{IP: one.IP, NIC: "ens5", Bits: 24}, osWrong},
		{"no link, and it does not matter", with(3, "10.0.0.1/24", 0), expectation{IP: one.IP, NIC: "ens5", Bits: 24, AnyLink: true}, osPresent},
		{"duplicate found", with(2, "2001:db8::1/64", unix.IFA_F_DADFAILED|unix.IFA_F_TENTATIVE), six, osWrong},
		{"still tentative", with(2, "2001:db8::1/64", unix.IFA_F_TENTATIVE), six, osWrong},
		{"optimistic", with(2, "2001:db8::1/64", unix.IFA_F_TENTATIVE|unix.IFA_F_OPTIMISTIC), six, osPresent},
		{"interface vanished", ifaddr.Table{Addresses: []ifaddr.Address{{Prefix: netip.MustParsePrefix("10.0.0.1/24"), Link: 9}}}, one, osWrong},
	} {
		if got := seeOS(c.table, c.want); got.State != c.state {
			t.Errorf("%s: got %+v, want state %d", c.name, got, c.state)
		} else if got.State == osWrong && got.Detail == "" {
			t.Errorf("%s: nothing is said about what is wrong", c.name)
		}
	}
}
