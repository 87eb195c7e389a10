// SPDX-License-Identifier: Apache-2.0

package adoption

import (
	"net/netip"
	"strings"
	"testing"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/ifaddr"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"

	"github.com/google/go-cmp/cmp"
)

const safe = `<cib have-quorum="1"><configuration><crm_config><cluster_property_set id="o"><nvpair id="o1" name="x" value="y"/></cluster_property_set></crm_config>
<resources><!--G--><primitive id="VIP" class="ocf" provider="heartbeat" type="IPaddr2"><instance_attributes id="i"><nvpair id="i1" name="ip" value="10.0.0.100"/></instance_attributes></primitive><!--H--></resources>
</configuration><status><!--S--></status></cib>`

func running() mon.State {
	return mon.State{Nodes: []mon.Node{{Name: "a", Online: true}, {Name: "b", Online: true}},
		Resources: []mon.Resource{{ID: "VIP", Role: "Started", Managed: true, Nodes: []string{"a"}}}}
}

// Each thing that is not safe is refused, alone, and named.
func TestUnsafe(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string
		state    func(*mon.State)
		want     string
	}{
		"safe":       {},
		"in a group": {"<!--G-->", "<group id=\"g\">", nil, ""},
		"a clone":    {"<!--G-->", "<clone id=\"c\">", nil, "clone c, of which several"},
		"template":   {`type="IPaddr2">`, `template="T">`, nil, "template T"},
		"a rule":     {`<nvpair id="i1"`, `<rule id="r"/><nvpair id="i1"`, nil, "i has a rule"},
		"shared":     {`<instance_attributes id="i">`, `<instance_attributes id-ref="z"/><instance_attributes id="i">`, nil, "id-ref"},
		"no quorum":  {`have-quorum="1"`, `have-quorum="0"`, nil, "no quorum"},
		"no probes":  {`name="x" value="y"`, `name="enable-startup-probes" value="false"`, nil, "enable-startup-probes is off"},
		"has failed": {"<!--S-->", `<node_state uname="b"><transient_attributes><instance_attributes><nvpair name="fail-count-VIP#monitor_20000" value="1"/></instance_attributes></transient_attributes></node_state>`, nil, "has failed on b"},
		"unclean":    {"", "", func(s *mon.State) { s.Nodes[1].Unclean = true }, "node b is unclean"},
		"failed":     {"", "", func(s *mon.State) { s.Resources[0].Failed = true }, "Started, failed"},
		"moving":     {"", "", func(s *mon.State) { s.Resources[0].Role = "Migrating" }, "but Migrating"},
		"stopped":    {"", "", func(s *mon.State) { s.Resources[0].Role, s.Resources[0].Nodes = "Stopped", nil }, "runs nowhere"},
		"twice":      {"", "", func(s *mon.State) { s.Resources[0].Nodes = []string{"a", "b"} }, "on several nodes: a, b"},
	} {
		text := strings.Replace(safe, c.old, c.new, 1)
		for open, end := range map[string]string{"<group id=\"g\">": "</group>", "<clone id=\"c\">": "</clone>"} {
			if strings.Contains(text, open) {
				text = strings.Replace(text, "<!--H-->", end, 1)
			}
		}
		config, err := cib.Parse([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		e, err := Find([]byte(text), "VIP")
		if err != nil || e == nil {
			t.Fatalf("%s: %v", name, err)
		}
		quorum, err := Quorum([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		s := running()
		if c.state != nil {
			c.state(&s)
		}
		got := strings.Join(Cluster{Here: "a", Quorum: quorum, Config: config, State: s}.Unsafe("VIP", e), "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestUnready(t *testing.T) {
	vip, other := netip.MustParseAddr("10.0.0.100"), netip.MustParseAddr("10.1.0.100")
	table := func() ifaddr.Table {
		return ifaddr.Table{Links: []ifaddr.Link{{Index: 1, Name: "lo", Loopback: true}, {Index: 3, Name: "ens3"}, {Index: 5, Name: "ens5"}},
			Addresses: []ifaddr.Address{{Prefix: netip.MustParsePrefix("10.0.0.100/28"), Link: 3, LinkName: "ens3"}, {Prefix: netip.MustParsePrefix("10.1.0.100/24"), Link: 5, LinkName: "ens5"}}}
	}
	ready := func() floating.Readiness {
		return floating.Readiness{Cloud: "oci", Ready: true, Targets: []floating.Candidate{
			{IP: vip, NIC: "ens3", VNIC: "v3", Holder: "v3", Exists: true, Asked: true, Here: true},
			{IP: other, NIC: "ens5", VNIC: "v5", Holder: "v5", Exists: true, Asked: true, Here: true}}}
	}
	for name, c := range map[string]struct {
		change  func(*floating.Readiness, *ifaddr.Table)
		bits    string
		missing []netip.Addr
		want    string
	}{
		"adoptable":             {nil, "28", nil, ""},
		"netmask":               {nil, "255.255.255.240", nil, ""},
		"prefix left out":       {nil, "", nil, ""},
		"another prefix":        {nil, "24", nil, "prefix length 28, not 24"},
		"not ready":             {func(r *floating.Readiness, _ *ifaddr.Table) { r.Problems = []floating.Finding{{ID: "x", Text: "y"}} }, "", nil, "would fail here [x]: y"},
		"silent cloud":          {func(r *floating.Readiness, _ *ifaddr.Table) { r.Targets[1].Asked = false }, "", nil, "does not say who has 10.1.0.100"},
		"not in the cloud":      {func(r *floating.Readiness, _ *ifaddr.Table) { r.Targets[0].Exists = false }, "", nil, "no private IP 10.0.0.100"},
		"held elsewhere":        {func(r *floating.Readiness, _ *ifaddr.Table) { r.Targets[0].Holder = "w" }, "", nil, "delivers 10.0.0.100 to w"},
		"held by nobody":        {func(r *floating.Readiness, _ *ifaddr.Table) { r.Targets[1].Holder = "" }, "", nil, "to nobody"},
		"on another NIC":        {func(_ *floating.Readiness, t *ifaddr.Table) { t.Addresses[1].Link, t.Addresses[1].LinkName = 3, "ens3" }, "", nil, "is on ens3, but belongs to ens5"},
		"companion missing":     {func(_ *floating.Readiness, t *ifaddr.Table) { t.Addresses = t.Addresses[:1] }, "", []netip.Addr{other}, ""},
		"on loopback only":      {func(_ *floating.Readiness, t *ifaddr.Table) { t.Addresses[1].Link, t.Addresses[1].LinkName = 1, "lo" }, "", []netip.Addr{other}, ""},
		"missing, no cloud":     {func(r *floating.Readiness, t *ifaddr.Table) { r.Cloud = "none"; t.Addresses = t.Addresses[1:] }, "", nil, "does not carry 10.0.0.100"},
		"here, no cloud":        {func(r *floating.Readiness, _ *ifaddr.Table) { r.Cloud = "none"; r.Targets[0].Asked = false }, "28", nil, ""},
		"said nothing about it": {func(r *floating.Readiness, _ *ifaddr.Table) { r.Targets = r.Targets[1:] }, "", nil, "did not speak of 10.0.0.100"},
	} {
		r, tab := ready(), table()
		if c.change != nil {
			c.change(&r, &tab)
		}
		missing, list := Unready(r, tab, vip, c.bits)
		got := strings.Join(list, "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) || !cmp.Equal(missing, c.missing, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })) {
			t.Errorf("%s: %q %v, want %q %v", name, got, missing, c.want, c.missing)
		}
	}
}

func TestAdopted(t *testing.T) {
	cib := `<cib><status><node_state uname="a"><lrm><lrm_resources><lrm_resource id="VIP" class="ocf" provider="oci" type="IPaddr2">
<lrm_rsc_op operation="monitor" call-id="9" rc-code="0"/><lrm_rsc_op operation="start" call-id="3" rc-code="1"/></lrm_resource></lrm_resources></lrm></node_state>
<node_state uname="b"><lrm><lrm_resources><lrm_resource id="VIP" class="ocf" provider="oci" type="IPaddr2"><lrm_rsc_op operation="monitor" call-id="4" rc-code="5" exit-reason="no agent"/></lrm_resource>
<lrm_resource id="other" class="ocf" provider="oci" type="IPaddr2"><lrm_rsc_op operation="monitor" call-id="5" rc-code="0"/></lrm_resource></lrm_resources></lrm></node_state></status></cib>`
	got, err := Outcomes([]byte(cib), "VIP")
	want := []Outcome{{"a", Target, "monitor", 0, ""}, {"b", Target, "monitor", 5, "no agent"}}
	if err != nil || !cmp.Equal(got, want) {
		t.Fatalf("%v %v", got, err)
	}
	for name, c := range map[string]struct {
		history []Outcome
		done    bool
		problem string
	}{
		"all as it must be":  {[]Outcome{{"a", Target, "monitor", 0, ""}, {"b", Target, "monitor", 7, ""}}, true, ""},
		"one is missing":     {[]Outcome{{"a", Target, "monitor", 0, ""}}, false, ""},
		"one is not through": {[]Outcome{{"a", Target, "monitor", 0, ""}, {"b", Target, "monitor", pending, ""}}, false, ""},
		"an old answer":      {[]Outcome{{"a", Target, "monitor", 0, ""}, {"b", "ocf:heartbeat:IPaddr2", "monitor", 7, ""}}, false, ""},
		"not found":          {[]Outcome{{"a", Target, "monitor", 7, ""}, {"b", Target, "monitor", 7, ""}}, true, "on a answered 7 to monitor, not 0"},
		"found twice":        {[]Outcome{{"a", Target, "monitor", 0, ""}, {"b", Target, "monitor", 0, ""}}, true, "on b answered 0"},
		"no agent":           {want, true, "on b answered 5 to monitor, not 7: no agent"},
	} {
		done, problems := Adopted(c.history, Target, "a", []string{"a", "b"})
		if p := strings.Join(problems, "; "); done != c.done || (c.problem == "") != (p == "") || !strings.Contains(p, c.problem) {
			t.Errorf("%s: %v %q", name, done, p)
		}
	}
}
