// SPDX-License-Identifier: Apache-2.0

package floatingyaml

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"net/netip"
)

const good = `auth:
  kind: api_key
  config_file: /root/.oci/config
nodes:
  vrouter1:
    primary: ocid1.vnic.oc1.ca-toronto-1.aaa
    pod1: ocid1.vnic.oc1.ca-toronto-1.bbb
  vrouter2:
    primary: ocid1.vnic.oc1.ca-toronto-1.ccc
    pod1: ocid1.vnic.oc1.ca-toronto-1.ddd
addresses:
  - ip: 10.0.0.100
    prefix: 28
    network: primary
  - ip: fd00::100
    network: pod1
`

func TestRoundTrip(t *testing.T) {
	f, err := Parse("f", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if f.Addresses[0].Prefix != 28 || f.Nodes["vrouter2"]["pod1"] != "ocid1.vnic.oc1.ca-toronto-1.ddd" || f.Auth.ConfigFile != "/root/.oci/config" {
		t.Errorf("%+v", f)
	}
	text, err := f.Marshal("made by\nhand")
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse("f", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if diff := cmp.Diff(f, again, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Error(diff)
	}
	if !strings.HasPrefix(string(text), "# made by\n# hand\n") {
		t.Errorf("%s", text)
	}
}

func TestMistakesHaveLineAndColumn(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"unknown key":     {"kind: api_key", "kinds: api_key", "f:2:3: "},
		"kind":            {"kind: api_key", "kind: password", "f:2:9: kind \"password\""},
		"bad OCID":        {"ocid1.vnic.oc1.ca-toronto-1.ccc", "ocid1.subnet.oc1.ca-toronto-1.ccc", "f:9:14: \"ocid1.subnet"},
		"bad address":     {"10.0.0.100", "10.0.0.400", "f:"},
		"prefix":          {"prefix: 28", "prefix: 33", "f:13:13: prefix 33"},
		"twice":           {"fd00::100", "10.0.0.100", "f:15:9: 10.0.0.100 is there twice"},
		"no such network": {"network: pod1", "network: pod2", "f:16:14: "},
		"shared VNIC":     {"ca-toronto-1.ccc", "ca-toronto-1.aaa", "f:9:14: VNIC"},
		"key twice":       {"  vrouter2:", "  vrouter1:", "f:"},
		"no YAML":         {"nodes:", "nodes: [", "f:"},
		"too deep":        {"nodes:", "nodes: " + strings.Repeat("[", 5000), "f:4:72: lists or mappings are nested more than"},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		_, err := Parse("f", []byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
