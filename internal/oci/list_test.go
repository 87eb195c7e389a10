// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// item is a private IP in a list.
func item(id, ip string) string {
	return fmt.Sprintf(`{"id":"ocid1.privateip.oc1..%s","ipAddress":%q,"vnicId":%q,"subnetId":%q}`, id, ip, testVNIC, testSubnet)
}

// A list is read to its last page, an empty page is not the end, and the
// service's filter is not trusted: 10.0.0.10 is not 10.0.0.1.
func TestFindReadsAllPages(t *testing.T) {
	for name, test := range map[string]struct {
		pages []string
		want  string // id; "" for none
		kind  Kind
	}{
		"one page":          {[]string{"[" + item("a", "10.0.0.1") + "]"}, "a", Unknown},
		"second page":       {[]string{"[]", "[" + item("a", "10.0.0.1") + "]"}, "a", Unknown},
		"unfiltered":        {[]string{"[" + item("b", "10.0.0.10") + "," + item("c", "10.0.0.100") + "]", "[" + item("a", "10.0.0.1") + "]"}, "a", Unknown},
		"none":              {[]string{"[]"}, "", NotFound},
		"only similar ones": {[]string{"[" + item("b", "10.0.0.10") + "]"}, "", NotFound},
		"twice":             {[]string{"[" + item("a", "10.0.0.1") + "," + item("b", "10.0.0.1") + "]"}, "", Conflict},
		"an entry without an address is no proof of absence": {[]string{`[{"id":"x"}]`}, "", Transient},
		"no list":    {[]string{`{}`}, "", Transient},
		"null":       {[]string{`null`}, "", Transient},
		"empty body": {[]string{``}, "", Transient},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			c.set("api", func(w http.ResponseWriter, r *http.Request) {
				q := r.URL.Query()
				if q.Get("ipAddress") != "10.0.0.1" || q.Get("subnetId") != string(testSubnet) {
					t.Errorf("query %s", r.URL.RawQuery)
				}
				page := 0
				fmt.Sscanf(q.Get("page"), "page%d", &page)
				if page+1 < len(test.pages) {
					w.Header().Set("opc-next-page", fmt.Sprintf("page%d", page+1))
				}
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, test.pages[page])
			})
			a, err := c.client(c.options(stateDir(t))).Find(within(t, 5*time.Second), testSubnet, netip.MustParseAddr("10.0.0.1"))
			if KindOf(err) != test.kind || !strings.HasSuffix(string(a.ID), test.want) || (test.want == "") != (a.ID == "") {
				t.Errorf("found %+v, %v", a, err)
			}
		})
	}
}

// A list whose pages never end is given up.
func TestFindEndlessPages(t *testing.T) {
	c := newCloud(t)
	c.set("api", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("opc-next-page", "more")
		fmt.Fprint(w, "[]")
	})
	_, err := c.client(c.options(stateDir(t))).Find(within(t, 20*time.Second), testSubnet, netip.MustParseAddr("10.0.0.1"))
	if _, _, api := c.seen(); api != maxPages || KindOf(err) == NotFound {
		t.Errorf("%d requests, %v", api, err)
	}
}
