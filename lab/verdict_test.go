// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"bytes"
	"net/netip"
	"testing"

	"ocf-oci/lab/region/control"
)

func TestVerdict(t *testing.T) {
	ip := netip.MustParseAddr("10.0.0.100")
	names := func(n ...string) []string { return n }
	for _, tt := range []struct {
		name              string
		region, network   string
		os, pacemaker     []string
		frozen, cut, down string
		pending           bool // pacemaker is at work on it
		lagging           int  // changes that the network does not know yet
		unmanaged         bool
		obstacle          string
		want              string
	}{
		{name: "agree", region: "n1", network: "n1", os: names("n1"), pacemaker: names("n1"), want: "agree"},
		{name: "nobody manages it", region: "n1", network: "n1", unmanaged: true, want: "not managed"},
		{name: "stopped", region: "n1", network: "n1", want: "stopped"},
		{name: "stopped for a reason", region: "n1", network: "n1", obstacle: "no quorum", want: "stopped: no quorum"},
		{name: "about to start", region: "n1", network: "n1", obstacle: "no quorum", pending: true, want: "moving"},
		{name: "live migration", region: "n2", network: "n2", os: names("n1", "n2"), pacemaker: names("n1", "n2"), pending: true, want: "moving"},
		{name: "propagation", region: "n2", network: "n1", os: names("n2"), pacemaker: names("n2"), lagging: 1, want: "moving"},
		{name: "propagation of something else", region: "n2", network: "n2", os: names("n2"), pacemaker: names("n1"), lagging: 1, want: "DISAGREE (pacemaker has it on n1)"},
		{name: "holder frozen", region: "n1", network: "n1", os: names("n1"), pacemaker: names("n1"), frozen: "n1", want: "DISAGREE (n1 is frozen)"},
		{name: "holder cut", region: "n1", os: names("n1"), pacemaker: names("n1"), cut: "n1", want: "DISAGREE (n1 is cut)"},
		{name: "holder dead, pacemaker not aware", region: "n1", pacemaker: names("n1"), down: "n1", want: "DISAGREE (n1 is down)"},
		{name: "twice", region: "n1", network: "n1", os: names("n1", "n2"), pacemaker: names("n1"), want: "DISAGREE (n1 and n2 carry it)"},
		{name: "region elsewhere", region: "n2", network: "n2", os: names("n1"), pacemaker: names("n1"), want: "DISAGREE (the region has it on n2; the network delivers to n2)"},
		{name: "nobody carries it", region: "n1", network: "n1", pacemaker: names("n1"), want: "DISAGREE (no system carries it)"},
		{name: "pacemaker has stopped it", region: "n1", network: "n1", os: names("n1"), want: "DISAGREE (pacemaker has it on nobody)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := Status{Region: &control.Status{Pending: tt.lagging, Owners: []control.Owner{{Address: ip, Node: tt.region}}}}
			for _, name := range []string{"n1", "n2", "witness"} {
				n := NodeStatus{Name: name, Up: "up", Cut: tt.cut == name}
				switch name {
				case tt.frozen:
					n.Up = "frozen"
				case tt.down:
					n.Up = "down"
				}
				for _, holder := range tt.os {
					if holder == name {
						n.OS = []OSAddress{{"ens3", netip.PrefixFrom(ip, 24)}}
					}
				}
				if n.Up == "up" && !tt.unmanaged {
					n.Pacemaker.Resources = []Resource{{ID: "vip", Addresses: []netip.Addr{ip}, Nodes: tt.pacemaker, Pending: tt.pending, Obstacle: tt.obstacle}}
				}
				s.Nodes = append(s.Nodes, n)
			}
			if got := s.views(ip, tt.network).Verdict; got != tt.want {
				t.Errorf("verdict is %q, want %q", got, tt.want)
			}
		})
	}
}

// Why a resource is stopped: the recorded cluster, changed in one place.
func TestObstacle(t *testing.T) {
	for _, tt := range []struct {
		name, old, new string // in crm_mon's XML
		cib            [2]string
		want           string
	}{
		{name: "a failed start", want: "start failed on vrouter1: [findif] failed"},
		{name: "without a reason", old: `exitreason="[findif] failed"`, new: `exitreason=""`, want: "start failed on vrouter1: not configured"},
		{name: "a failure of another resource", old: `op_key="bad_start_0"`, new: `op_key="bad_too_start_0"`, want: ""},
		{name: "no fencing", old: `stonith-enabled="false"`, new: `stonith-enabled="true"`, want: "no fencing device and stonith-enabled is not false"},
		{
			name: "fencing", old: `stonith-enabled="false"`, new: `stonith-enabled="true"`,
			cib: [2]string{`<group id="g">`, `<primitive id="f" class="stonith" type="null"/><group id="g">`}, want: "start failed on vrouter1: [findif] failed",
		},
		{name: "no quorum", old: `with_quorum="true"`, new: `with_quorum="false"`, want: "no quorum"},
		{name: "disabled", old: `id="bad" resource_agent="ocf:heartbeat:IPaddr2" role="Stopped"`, new: `id="bad" resource_agent="ocf:heartbeat:IPaddr2" role="Stopped" target_role="Stopped"`, want: "its target-role is Stopped (pcs resource enable bad)"},
		{name: "maintenance", old: `maintenance-mode="false"`, new: `maintenance-mode="true"`, want: "the cluster is in maintenance mode"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			mon, cib := replaceOnce(t, read(t, "crm_mon.xml"), tt.old, tt.new), replaceOnce(t, read(t, "cib.xml"), tt.cib[0], tt.cib[1])
			v, err := parsePacemaker(mon, cib)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range v.Resources {
				if r.ID == "bad" && r.Obstacle != tt.want {
					t.Errorf("obstacle is %q, want %q", r.Obstacle, tt.want)
				}
				if r.ID == "vip" && r.Obstacle != "" {
					t.Errorf("a resource that runs has the obstacle %q", r.Obstacle)
				}
			}
		})
	}
}

// An operation without a result is in the CIB's history with op-status -1.
func TestPending(t *testing.T) {
	for _, tt := range []struct {
		old, new string
		want     bool
	}{
		{`operation="start"`, `operation="start"`, false},
		{`<lrm_resource id="vip"`, `<lrm_resource id="vip"><lrm_rsc_op operation="start" op-status="-1"/></lrm_resource><lrm_resource id="vip"`, true},
		{`<lrm_resource id="vip"`, `<lrm_resource id="vip"><lrm_rsc_op operation="monitor" op-status="-1"/></lrm_resource><lrm_resource id="vip"`, false},
	} {
		v, err := parsePacemaker(read(t, "crm_mon.xml"), replaceOnce(t, read(t, "cib.xml"), tt.old, tt.new))
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Resources[0]; got.ID != "vip" || got.Pending != tt.want {
			t.Errorf("%s: %+v", tt.new, got)
		}
	}
}

func replaceOnce(t *testing.T, text []byte, old, new string) []byte {
	t.Helper()
	if old != "" && !bytes.Contains(text, []byte(old)) {
		t.Fatalf("the recorded XML has no %s", old)
	}
	if old == "" {
		return text
	}
	return bytes.Replace(text, []byte(old), []byte(new), 1)
}
