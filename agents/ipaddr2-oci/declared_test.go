// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ocf"
	"ocf-oci/internal/oci"
	"ocf-oci/internal/pacemaker/cib"
)

const declaration = `auth:
  kind: api_key
  region: eu-frankfurt-1
nodes:
  node1:
    primary: ocid1.vnic.oc1.ca-toronto-1.aaa
  node2:
    primary: ocid1.vnic.oc1.ca-toronto-1.bbb
addresses:
  - ip: 10.0.0.100
    prefix: 28
    network: primary
`

func declaring(t *testing.T, text string, parameters ...string) *action {
	t.Helper()
	file := filepath.Join(t.TempDir(), "floating.yaml")
	if text != "" {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	i := newInstance("", append([]string{"ip=10.0.0.100", "CRM_meta_on_node=node2", "config=" + file}, parameters...)...)
	r := ocf.NewRequest(model(), "start", i.env)
	return &action{Call: &ocf.Call{Request: r}, cfg: read(r)}
}

func TestDeclarativeFileSpeaksOfThisNode(t *testing.T) {
	a := declaring(t, declaration)
	d, failed := a.declare()
	if failed != nil {
		t.Fatal(failed.Text)
	}
	ip := netip.MustParseAddr("10.0.0.100")
	if d.vnics[ip] != "ocid1.vnic.oc1.ca-toronto-1.bbb" || d.bits[ip] != 28 || d.digest == "" {
		t.Errorf("got %+v", d)
	}
	want := floating.Access{Auth: "api_key", ConfigFile: "/etc/ocf-oci/config", Profile: "DEFAULT", Region: "eu-frankfurt-1"}
	if got := d.access(a.cfg); got != want {
		t.Errorf("access: got %+v, want %+v", got, want)
	}
	if !a.cfg.chosenCloud().OCI {
		t.Error("a declarative file is no hint that this is a cloud")
	}
}

func TestParametersWinOverTheDeclarativeFile(t *testing.T) {
	a := declaring(t, declaration, "auth=instance_principal", "region=us-ashburn-1")
	d, failed := a.declare()
	if failed != nil {
		t.Fatal(failed.Text)
	}
	want := floating.Access{Auth: "instance_principal", Region: "us-ashburn-1"}
	if got := d.access(a.cfg); got != want {
		t.Errorf("access: got %+v, want %+v", got, want)
	}
}

// What is wrong with a file on this node may be right on the next: 5, with line and column.
func TestBrokenDeclarativeFiles(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"missing":     {"", "no such file"},
		"unknown key": {strings.Replace(declaration, "    network:", "    netwrok:", 1), "floating.yaml:12:"},
		"bad OCID":    {strings.Replace(declaration, "ocid1.vnic.oc1.ca-toronto-1.bbb", "ocid1.instance.oc1.x.y", 1), "floating.yaml:8:"},
	} {
		_, failed := declaring(t, c.text).declare()
		if failed == nil || failed.Code != ocf.ErrInstalled || !strings.Contains(failed.Text, c.says) {
			t.Errorf("%s: got %+v, want 5 and %q", name, failed, c.says)
		}
	}
}

func TestAllowFrom(t *testing.T) {
	for _, c := range []struct {
		holder oci.VNICID
		want   step
	}{{"friend", stepWrite}, {"", stepWrite}, {"stranger", stepFail}, {"me", stepDone}} {
		m := newTakeover()
		m.allowed = []oci.VNICID{"friend"}
		p := m.saw(oci.Address{VNIC: c.holder, ETag: "1"})
		if p.Step != c.want || p.Step == stepFail && p.Fail.Reason != reasonNotAllowed {
			t.Errorf("held by %q: %+v", c.holder, p)
		}
		m = newTakeover()
		m.allowed, m.ready = []oci.VNICID{"friend"}, &floating.Sighting{Holder: c.holder, ETag: "e", At: m.now}
		if p := m.open(); p.Step == stepWrite && c.want != stepWrite {
			t.Errorf("a readiness check that saw %q led to a write", c.holder)
		}
	}
}

func TestMonitored(t *testing.T) {
	for _, c := range []struct {
		op   cib.Operation
		want bool
	}{
		{cib.Operation{Name: "monitor", Interval: "10s"}, true},
		{cib.Operation{Name: "monitor", Interval: "0s"}, false},
		{cib.Operation{Name: "monitor", Interval: "10s", Enabled: "false"}, false},
		{cib.Operation{Name: "monitor", Interval: "10s", Role: "Stopped"}, false},
		{cib.Operation{Name: "start", Interval: "10s"}, false},
	} {
		if got := monitored(cib.Primitive{Operations: []cib.Operation{c.op}}); got != c.want {
			t.Errorf("%+v: %t", c.op, got)
		}
	}
}

// The agent must not wait on what is no file: pacemaker would only see a timeout.
func TestDeclarativeFileThatIsNoFile(t *testing.T) {
	for _, name := range []string{"/dev/zero", "pipe"} {
		a := declaring(t, "")
		if name == "pipe" {
			name = filepath.Join(t.TempDir(), name)
			if err := unix.Mkfifo(name, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		a.cfg.file = name
		if _, failed := a.declare(); failed == nil || failed.Code != ocf.ErrInstalled || !strings.Contains(failed.Text, "it is no regular file") {
			t.Errorf("%s: got %+v", name, failed)
		}
	}
}

func TestMonitorNamesTheParameterThatIsMissing(t *testing.T) {
	for assignment, want := range map[string]string{"": "parameter ip is not set", "ip=nonsense": "nonsense"} {
		i := newInstance("", assignment)
		r := ocf.NewRequest(model(), "status", i.env)
		a := &action{Call: &ocf.Call{Request: r}, cfg: read(r)}
		if got := a.whyNotRunning(sight{}); got.Code != ocf.NotRunning || !strings.Contains(got.Text, want) {
			t.Errorf("%q: got %d %s", assignment, got.Code, got.Text)
		}
	}
}
