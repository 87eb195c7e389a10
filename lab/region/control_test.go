// SPDX-License-Identifier: Apache-2.0

package region_test

import (
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/core"

	"ocf-oci/lab/region"
	"ocf-oci/lab/region/control"
	"ocf-oci/lab/region/fault"
)

// operator serves the control API on a unix socket and returns its client.
func (l *lab) operator() *control.Client {
	l.t.Helper()
	path := filepath.Join(l.t.TempDir(), "control.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		l.t.Fatal(err)
	}
	server := &http.Server{Handler: l.Control()}
	go server.Serve(listener)
	l.t.Cleanup(func() { server.Close() })
	return control.NewClient(path)
}

func TestControl(t *testing.T) {
	l := start(t, nil, region.Options{})
	op, ctx := l.operator(), l.ctx()
	c := l.admin()

	set := must(op.SetFault(ctx, control.Fault{Target: "updateprivateip", Kind: "status", Value: "503", Node: "vrouter1", Count: 5, For: control.Duration(time.Minute)}))(t)
	if set.ID == 0 || set.Target != "UpdatePrivateIp" || set.SetAt.IsZero() {
		t.Errorf("set %+v", set)
	}
	_, err := l.move(c, floating, l.vnic("vrouter2", "ens3"), nil)
	wantError(t, err, 503, "ServiceUnavailable")
	if got := must(op.Faults(ctx))(t); len(got) != 1 || got[0].Hits != 1 || got[0].For != control.Duration(time.Minute) {
		t.Errorf("faults %+v", got)
	}
	if n := must(op.ClearFaults(ctx, set.ID))(t); n != 1 {
		t.Errorf("cleared %d", n)
	}
	if _, err := op.SetFault(ctx, control.Fault{Target: "all", Kind: "nonsense"}); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("a bad fault: %v", err)
	}

	since := time.Now()
	if o := must(op.Give(ctx, floating, "vrouter2"))(t); o.Node != "vrouter2" || o.NIC != "ens3" {
		t.Errorf("given to %+v", o)
	}
	must(c.GetVnic(ctx, core.GetVnicRequest{VnicId: l.vnic("vrouter1", "ens3")}))(t)
	l.last("GetVnic")
	calls := must(op.Calls(ctx, since))(t)
	if len(calls) != 1 || calls[0].Operation != "GetVnic" || calls[0].Target != *l.vnic("vrouter1", "ens3") || calls[0].Duration <= 0 {
		t.Errorf("calls since then: %+v", calls)
	}
	if all := must(op.Calls(ctx, time.Time{}))(t); len(all) < 2 {
		t.Errorf("all calls: %+v", all)
	}
	if o := must(op.Give(ctx, floating, ""))(t); o.Node != "" || o.VNIC != "" {
		t.Errorf("taken away: %+v", o)
	}
	if err := op.Delete(ctx, floating); err != nil {
		t.Error(err)
	}
	if _, err := op.Owner(ctx, floating); err == nil {
		t.Error("a deleted address has an owner")
	}
	if o := must(op.Create(ctx, control.NewAddress{Address: floating, Subnet: "isv", Node: "vrouter1"}))(t); o.Node != "vrouter1" {
		t.Errorf("made %+v", o)
	}
	for _, err := range []error{
		op.Delete(ctx, netip.MustParseAddr("127.1.0.11")), // a primary address
		op.SetPolicy(ctx, "allow everything"), op.Change(ctx, control.Settings{}),
	} {
		if err == nil {
			t.Error("a mistake was taken")
		}
	}
	if err := op.SetPolicy(ctx, "# nothing\n"); err != nil {
		t.Fatal(err)
	}
	if text := must(op.Policy(ctx))(t); text != "# nothing\n" {
		t.Errorf("policy %q", text)
	}
	_, err = c.GetVnic(ctx, core.GetVnicRequest{VnicId: l.vnic("vrouter1", "ens3")})
	wantError(t, err, 404, "NotAuthorizedOrNotFound")

	second, limit := control.Duration(time.Second), 9
	if err := op.Change(ctx, control.Settings{Propagation: &second, Limit: &limit}); err != nil {
		t.Fatal(err)
	}
	s := must(op.Status(ctx))(t)
	if s.Propagation != second || s.Limit != 9 || s.Latency != 0 || len(s.Nodes) != 2 || len(s.Owners) != 3 || s.Calls == 0 {
		t.Errorf("status %+v", s)
	}
}

func TestSaveAndRestore(t *testing.T) {
	l := start(t, nil, region.Options{})
	p := must(l.instancePrincipal("127.1.0.11"))(t)
	keyID := must(p.KeyID())(t)
	must(l.move(l.network(p, "127.1.0.11"), floating, l.vnic("vrouter2", "ens3"), nil))(t)
	create := core.CreatePrivateIpRequest{OpcRetryToken: common.String("once"),
		CreatePrivateIpDetails: core.CreatePrivateIpDetails{VnicId: l.vnic("vrouter1", "ens3"), IpAddress: common.String("127.1.0.150")}}
	alice := l.keyProvider("alice")
	made := must(l.network(alice, "127.1.0.11").CreatePrivateIp(l.ctx(), create))(t)
	if err := l.Change(func(s *region.Settings) { s.Propagation = 7 * time.Second }); err != nil {
		t.Fatal(err)
	}
	data := must(l.Save())(t)
	if !json.Valid(data) {
		t.Fatal("not JSON")
	}
	before := l.owner(floating)
	l.Close()

	plane := newPlane()
	back := must(region.Restore(data, region.Options{Dataplane: plane}))(t)
	r := serve(t, back)
	if o := r.owner(floating); o.Node != "vrouter2" || o.ETag != before.ETag || o.ID != before.ID {
		t.Errorf("owner %+v, was %+v", o, before)
	}
	if plane.owner(floating) != *r.vnic("vrouter2", "ens3") || r.Settings().Propagation != 7*time.Second || r.Policy() != fullPolicy {
		t.Errorf("restored %v, %+v", plane.owner(floating), r.Settings())
	}
	if string(r.CACertificate()) != string(l.CACertificate()) {
		t.Error("another authority")
	}
	// Tokens, keys and retry tokens of before are good.
	c := r.network(p, "127.1.0.11")
	must(c.GetPrivateIp(r.ctx(), core.GetPrivateIpRequest{PrivateIpId: &before.ID}))(t)
	if must(p.KeyID())(t) != keyID {
		t.Error("the token was renewed")
	}
	if again := must(r.network(alice, "127.1.0.11").CreatePrivateIp(r.ctx(), create))(t); *again.Id != *made.Id {
		t.Error("the retry token was forgotten")
	}
	if _, err := region.Restore([]byte(`{"schema":2}`), region.Options{}); err == nil {
		t.Error("another schema was taken")
	}
}

func TestSpecsThatCannotBe(t *testing.T) {
	a := netip.MustParseAddr
	for name, change := range map[string]func(*region.Spec){
		"subnet without CIDR":        func(s *region.Spec) { s.Subnets[0] = region.SubnetSpec{Name: "isv"} },
		"subnet twice":               func(s *region.Spec) { s.Subnets[1].Name = "isv" },
		"instance twice":             func(s *region.Spec) { s.Instances[1].Name = "vrouter1" },
		"VNIC in no subnet":          func(s *region.Spec) { s.Instances[0].VNICs[0].Subnet = "dmz" },
		"two VNICs of one name":      func(s *region.Spec) { s.Instances[0].VNICs[1].NIC = "ens3" },
		"MAC that is none":           func(s *region.Spec) { s.Instances[0].VNICs[0].MAC = "02:00" },
		"address outside its subnet": func(s *region.Spec) { s.Addresses[0].IP = a("127.9.0.1") },
		"address twice":              func(s *region.Spec) { s.Addresses[0].IP = a("127.1.0.12") },
		"address of no instance":     func(s *region.Spec) { s.Addresses[0].Instance = "vrouter9" },
		"route to nothing":           func(s *region.Spec) { s.Subnets[0].Routes[0].Via = a("127.1.0.99") },
		"public IP on nothing":       func(s *region.Spec) { s.PublicIPs[0].Private = a("127.1.0.99") },
		"policy with a mistake":      func(s *region.Spec) { s.Policy = "allow" },
	} {
		spec := testSpec()
		change(&spec)
		if _, err := region.New(spec, region.Options{}); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestLatencyAndSourceInJournal(t *testing.T) {
	l := start(t, func(s *region.Spec) { s.Latency = 120 * time.Millisecond }, region.Options{})
	c := l.network(l.keyProvider("alice"), floating.String()) // calls from the floating address
	begin := time.Now()
	must(l.move(c, second, l.vnic("vrouter2", "ens5"), common.String("*")))(t)
	if d := time.Since(begin); d < 120*time.Millisecond {
		t.Errorf("answered after %s", d)
	}
	call := l.last("UpdatePrivateIp")
	if call.Source != floating || !call.Floating || call.Node != "vrouter1" || !call.IfMatch || call.Status != 200 || call.Target != l.owner(second).ID ||
		time.Duration(call.Duration) < 120*time.Millisecond || call.RequestID == "" || !strings.Contains(call.UserAgent, "Oracle-GoSDK") {
		t.Errorf("journal %+v", call)
	}
	l.fault(fault.Fault{Target: "auth", Kind: fault.Status, Value: "500"})
	if _, err := l.httpClient("127.1.0.11").Get(l.auth + "/v1/x509"); err != nil {
		t.Error(err)
	}
}
