// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"net/netip"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ocf-oci/lab/schema"
)

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func addrs(s ...string) []netip.Addr {
	var as []netip.Addr
	for _, a := range s {
		as = append(as, netip.MustParseAddr(a))
	}
	return as
}

// The XML was taken from a lab of two nodes with pacemaker 2.1.5: a resource with a companion, one in a group, one that
// cannot start, and resources without an address.
func TestParsePacemaker(t *testing.T) {
	got, err := parsePacemaker(read(t, "crm_mon.xml"), read(t, "cib.xml"))
	if err != nil {
		t.Fatal(err)
	}
	want := PacemakerView{
		Running: true, DC: "vrouter2", Quorum: true, Online: []string{"vrouter1", "vrouter2"},
		Resources: []Resource{
			{ID: "vip", Agent: "ocf:oci:IPaddr2", Addresses: addrs("10.0.0.100", "10.1.0.100"), Role: "Started", Nodes: []string{"vrouter1"}},
			{ID: "bad", Agent: "ocf:heartbeat:IPaddr2", Addresses: addrs("10.0.0.102"), Role: "Stopped", Nodes: []string{}, Obstacle: "start failed on vrouter1: [findif] failed"},
			{ID: "g1", Agent: "ocf:heartbeat:IPaddr2", Addresses: addrs("10.0.0.101"), Role: "Started", Nodes: []string{"vrouter2"}},
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestParsePacemakerRefusesHalfXML(t *testing.T) {
	mon, cib := read(t, "crm_mon.xml"), read(t, "cib.xml")
	if _, err := parsePacemaker(mon[:len(mon)/2], cib); err == nil {
		t.Error("half of crm_mon's XML was taken for all of it")
	}
	if _, err := parsePacemaker(mon, cib[:len(cib)/2]); err == nil {
		t.Error("half of the CIB was taken for all of it")
	}
}

// The document is that lab's status.
func TestStatusDocument(t *testing.T) {
	if err := schema.Validate("status", read(t, "status.json")); err != nil {
		t.Error(err)
	}
}

func TestAgree(t *testing.T) {
	one := []string{"n1"}
	for _, tt := range []struct {
		name    string
		a       AddressStatus
		holders []string
		cloud   bool
		want    bool
	}{
		{"one holder everywhere", AddressStatus{Region: "n1", Fabric: "n1", Pacemaker: one, Managed: true}, one, true, true},
		{"nobody manages it", AddressStatus{Region: "n1", Fabric: "n1"}, one, true, true},
		{"no cloud", AddressStatus{Fabric: "n1", Pacemaker: one, Managed: true}, one, false, true},
		{"region lags", AddressStatus{Region: "n2", Fabric: "n1", Pacemaker: one, Managed: true}, one, true, false},
		{"network lags", AddressStatus{Region: "n1", Fabric: "n2", Pacemaker: one, Managed: true}, one, true, false},
		{"network drops", AddressStatus{Region: "n1", Pacemaker: one, Managed: true}, one, true, false},
		{"nobody carries it", AddressStatus{Region: "n1", Fabric: "n1", Pacemaker: one, Managed: true}, nil, true, false},
		{"a standby carries it too", AddressStatus{Region: "n1", Fabric: "n1", Pacemaker: one, Managed: true}, []string{"n1", "n2"}, true, false},
		{"pacemaker thinks of another", AddressStatus{Region: "n1", Fabric: "n1", Pacemaker: []string{"n2"}, Managed: true}, one, true, false},
		{"pacemaker has it twice", AddressStatus{Region: "n1", Fabric: "n1", Pacemaker: []string{"n1", "n2"}, Managed: true}, one, true, false},
		{"pacemaker has stopped it", AddressStatus{Region: "n1", Fabric: "n1", Managed: true}, one, true, false},
		{"stopped everywhere is no holder", AddressStatus{Region: "n1", Fabric: "n1", Managed: true}, nil, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := agree(tt.a, tt.holders, tt.cloud); got != tt.want {
				t.Errorf("agree is %v, want %v", got, tt.want)
			}
		})
	}
}

// TestViews: machines that are cut or frozen keep the address and their opinion, and are not asked.
func TestViews(t *testing.T) {
	ip := netip.MustParseAddr("10.0.0.100")
	node := func(name, up string, cut, carries bool, thinks string) NodeStatus {
		n := NodeStatus{Name: name, Up: up, Cut: cut}
		if carries {
			n.OS = []OSAddress{{"ens3", netip.PrefixFrom(ip, 24)}}
		}
		if thinks != "" {
			n.Pacemaker = PacemakerView{Running: true, Resources: []Resource{{ID: "vip", Addresses: []netip.Addr{ip}, Nodes: []string{thinks}}}}
		}
		return n
	}
	holder := node("n2", "up", false, true, "n2")
	for _, tt := range []struct {
		name  string
		other NodeStatus
		want  bool
	}{
		{"clean standby", node("n1", "up", false, false, "n2"), true},
		{"standby that carries it", node("n1", "up", false, true, "n2"), false},
		{"standby that thinks it is the holder", node("n1", "up", false, false, "n1"), false},
		{"former holder, cut", node("n1", "up", true, true, "n1"), true},
		{"former holder, frozen", node("n1", "frozen", false, true, ""), true},
		{"former holder, down", node("n1", "down", false, false, ""), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := Status{Nodes: []NodeStatus{tt.other, holder}}
			if got := s.views(ip, "n2"); got.Agree != tt.want || !got.Managed {
				t.Errorf("agree %v, want %v: %+v", got.Agree, tt.want, got)
			}
			if got := s.views(ip, "n1"); got.Agree {
				t.Errorf("agrees although the network delivers elsewhere: %+v", got)
			}
		})
	}
}

func TestAgreeOn(t *testing.T) {
	s := Status{Addresses: []AddressStatus{
		{Address: netip.MustParseAddr("10.0.0.100"), Managed: true, Agree: true},
		{Address: netip.MustParseAddr("10.0.0.101"), Managed: true},
		{Address: netip.MustParseAddr("10.0.0.102"), Agree: true},
	}}
	for _, tt := range []struct {
		name string
		on   []netip.Addr
		want bool
	}{
		{"all managed ones", nil, false},
		{"one that agrees", addrs("10.0.0.100"), true},
		{"two, of which one does not", addrs("10.0.0.100", "10.0.0.101"), false},
		{"one that is not managed", addrs("10.0.0.102"), true},
		{"one that nobody knows", addrs("10.0.0.200"), false},
	} {
		if got := s.agreeOn(tt.on); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	if (Status{}).agreeOn(nil) {
		t.Error("a lab without any address agrees on all of them")
	}
}
