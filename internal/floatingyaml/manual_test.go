// SPDX-License-Identifier: Apache-2.0

package floatingyaml

import (
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ocf-oci/internal/oci"
	"ocf-oci/metadata/manual"
	"ocf-oci/metadata/manual/manualtest"
)

// paths lists the keys of a type as Keys names them.
func paths(t reflect.Type, above string) []string {
	switch {
	case t == reflect.TypeFor[netip.Addr](), t == reflect.TypeFor[oci.VNICID]():
		return []string{above}
	case t.Kind() == reflect.Slice:
		return append([]string{above}, paths(t.Elem(), above)[1:]...)
	case t.Kind() == reflect.Map && t.Elem().Kind() == reflect.Map: // node, network
		return []string{above, above + ".NODE.NETWORK"}
	case t.Kind() == reflect.Struct:
		out := []string{above}
		for f := range t.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			out = append(out, paths(f.Type, strings.TrimPrefix(above+"."+name, "."))...)
		}
		return out
	}
	return []string{above}
}

func TestKeysAreThoseOfTheFile(t *testing.T) {
	var described []string
	for _, k := range Keys() {
		described = append(described, k.Path)
	}
	if code := paths(reflect.TypeFor[File](), "")[1:]; !slices.Equal(described, code) {
		t.Errorf("Keys describes %q, File has %q", described, code)
	}
}

func TestExampleParses(t *testing.T) {
	f, err := Parse("example", []byte(Example))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Nodes) != 2 || len(f.Addresses) != 2 {
		t.Errorf("got %d nodes, %d addresses", len(f.Nodes), len(f.Addresses))
	}
}

func TestManual(t *testing.T) {
	var text strings.Builder
	text.WriteString("Which VNIC of which node carries which floating address, and how the nodes prove who they are, for " +
		"ocf:oci:IPaddr2. The file is the same on every node. It is needed only where instance metadata does not say enough; " +
		"parameters of the resource win over it.\n\n" +
		"The default place is " + DefaultPath + "; the resource's parameter config names another. It is YAML, read strictly: " +
		"an unknown key, a key that is there twice, a malformed OCID or a network that no node has is an error with line " +
		"and column. 'oci-vip check FILE' finds them all, 'oci-vip import' makes the file from a sed-patched IPaddr2. What a " +
		"resource resolved when it started stays in force while it runs: a mistake in the file shows at the next start or " +
		"probe, and in 'oci-vip ready' before that.\n\n")
	for _, k := range Keys() {
		text.WriteString("* " + k.Path + ": " + k.Says + "\n")
	}
	text.WriteString("\nFor example:\n\n")
	for line := range strings.Lines(Example) {
		text.WriteString("  " + line)
	}
	manualtest.CheckFile(t, "../../docs/man/floating.yaml.5", manual.Format("floating.yaml", "who carries which floating address",
		text.String(), "ocf-oci", "ocf_oci_IPaddr2(7)", "oci-vip(8)"))
	manualtest.CheckFile(t, "../../examples/floating.yaml", []byte("# "+DefaultPath+", the same on every node; see floating.yaml(5)\n"+Example))
}
