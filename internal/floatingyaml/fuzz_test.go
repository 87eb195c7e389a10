// SPDX-License-Identifier: Apache-2.0

package floatingyaml

import (
	"net/netip"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var placed = regexp.MustCompile(`^f:[1-9]\d*:\d+: `)

// FuzzParse: a file is understood and survives being written and read again, or every complaint names line and column.
func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("nodes: {}\nadresses: []\n"))
	f.Add([]byte("nodes:\n  a: {x: *y}\n"))
	f.Add([]byte("---\n...\n---\n"))
	f.Add([]byte("addresses: [{ip: 1.2.3.4, network: a}, {ip: '::1%lo'}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := Parse("f", text)
		if err != nil {
			if !placed.MatchString(err.Error()) {
				t.Errorf("%q: the message %q has no place", text, err)
			}
			return
		}
		if len(file.Nodes) == 0 || len(file.Addresses) == 0 {
			t.Fatalf("%q became %+v", text, file)
		}
		written, err := file.Marshal("")
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse("f", written)
		if err != nil {
			t.Fatalf("%q was written as %q, which cannot be read: %v", text, written, err)
		}
		if diff := cmp.Diff(file, again, cmpopts.EquateComparable(netip.Addr{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q changes when it is written: %s", text, diff)
		}
	})
}
