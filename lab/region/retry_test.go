// SPDX-License-Identifier: Apache-2.0

package region

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ocf-oci/lab/region/vcn"
)

// TestOnceWaitsForTheFirst sends a create again while the first is still being carried out.
func TestOnceWaitsForTheFirst(t *testing.T) {
	r, err := New(Spec{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	made := vcn.Address{ID: "ocid1.privateip.made", ETag: "1"}
	request := func() *exchange {
		req := httptest.NewRequest("POST", "/20160918/privateIps", strings.NewReader(""))
		req.Header.Set("Opc-Retry-Token", "same")
		return &exchange{r: r, req: req, body: []byte("{}"), clock: time.Now()}
	}
	started, finish, done := make(chan struct{}), make(chan struct{}), make(chan reply, 2)
	go func() {
		a, err := request().once(func() (vcn.Address, error) {
			close(started)
			<-finish
			return made, r.commit(func(s *vcn.State) error { s.Addresses[made.ID] = made; return nil })
		})
		if err != nil {
			t.Error(err)
		}
		done <- a
	}()
	<-started
	go func() {
		a, err := request().once(func() (vcn.Address, error) {
			t.Error("the create was carried out twice")
			return vcn.Address{}, nil
		})
		if err != nil {
			t.Error(err)
		}
		done <- a
	}()
	select {
	case <-done:
		t.Error("the second did not wait")
	case <-time.After(50 * time.Millisecond):
	}
	close(finish)
	for range 2 {
		if a := <-done; a.etag != "1" {
			t.Errorf("answered %+v", a)
		}
	}
}
