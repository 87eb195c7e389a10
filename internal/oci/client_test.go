// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"net/http"
	"net/netip"
	"testing"
	"time"
)

// A cold start asks the metadata service four times (three for the identity,
// one for the region when no endpoints are given) and the identity service
// once; a warm one nobody but the API.
func TestColdAndWarmStart(t *testing.T) {
	c := newCloud(t)
	dir := stateDir(t)
	cold := c.client(c.options(dir))
	a, err := cold.Address(within(t, 5*time.Second), testPrivateIP)
	if err != nil {
		t.Fatal(err)
	}
	if a.ID != testPrivateIP || a.IP != netip.MustParseAddr("10.0.0.100") || a.VNIC != testVNIC || a.Subnet != testSubnet || a.ETag != "e1" || a.Primary {
		t.Errorf("address read as %+v", a)
	}
	if m, f, api := c.seen(); m != 3 || f != 1 || api != 1 {
		t.Errorf("cold start: %d metadata, %d federation, %d API requests; want 3, 1, 1", m, f, api)
	}
	warm := c.client(c.options(dir))
	if _, err := warm.Address(within(t, 5*time.Second), testPrivateIP); err != nil {
		t.Fatal(err)
	}
	if m, f, api := c.seen(); m != 0 || f != 0 || api != 1 {
		t.Errorf("warm start: %d metadata, %d federation, %d API requests; want 0, 0, 1", m, f, api)
	}
}

// The body of a move is {"vnicId"} and nothing else: every further field would
// change something an administrator set. if-match is there only when given.
func TestMoveOnTheWire(t *testing.T) {
	for _, test := range []struct {
		name, ifMatch string
	}{{"without if-match", ""}, {"with if-match", "e7"}} {
		t.Run(test.name, func(t *testing.T) {
			c := newCloud(t)
			c.set("api", func(w http.ResponseWriter, r *http.Request) { answerAddress(w, otherVNIC) })
			a, err := c.client(c.options("")).Move(within(t, 5*time.Second), Address{ID: testPrivateIP}, otherVNIC, test.ifMatch)
			if err != nil {
				t.Fatal(err)
			}
			if a.VNIC != otherVNIC {
				t.Errorf("answer says %s", a.VNIC)
			}
			if got, want := c.bodies[0], `{"vnicId":"`+string(otherVNIC)+`"}`; got != want {
				t.Errorf("body %s, want %s", got, want)
			}
			if got := c.headers[0].Values("if-match"); len(got) != 0 && test.ifMatch == "" || len(got) > 0 && got[0] != test.ifMatch || len(got) == 0 && test.ifMatch != "" {
				t.Errorf("if-match %q, want %q", got, test.ifMatch)
			}
			if want := "api PUT /20160918/privateIps/" + string(testPrivateIP); c.calls[len(c.calls)-1] != want {
				t.Errorf("request %s, want %s", c.calls[len(c.calls)-1], want)
			}
		})
	}
}
