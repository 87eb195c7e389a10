// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A write whose packets do not get through is dropped with the call: when the
// network comes back, the kernel must not deliver what we have given up.
func TestGivenUpWriteIsNotDeliveredLater(t *testing.T) {
	t.Parallel()
	if !inNamespace(t) {
		return
	}
	addresses(t, "10.0.0.11/24", "192.0.2.10/32")
	c := newCloud(t)
	arrived := make(chan string, 8)
	l, err := net.Listen("tcp", "192.0.2.10:443")
	must(t, err)
	s := &http.Server{TLSConfig: &tls.Config{Certificates: []tls.Certificate{serverCert()}}, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- r.Method
		answerAddress(w, testVNIC)
	})}
	go s.ServeTLS(l, "", "")
	defer s.Close()
	opt := c.options(stateDir(t))
	opt.Endpoint = "https://192.0.2.10"
	client := c.client(opt)
	if _, err := client.Address(within(t, 5*time.Second), testPrivateIP); err != nil { // a connection that is up
		t.Fatal(err)
	}
	<-arrived
	cut(t, "drop")
	_, err = client.Move(within(t, 400*time.Millisecond), Address{ID: testPrivateIP}, otherVNIC, "")
	if KindOf(err) != Transient || !IsAmbiguous(err) {
		t.Errorf("black hole: %v", err)
	}
	heal(t)
	select {
	case method := <-arrived:
		t.Errorf("a %s arrived after the call was given up", method)
	case <-time.After(3 * time.Second):
	}
}

// The same for a process that is stopped while its packets do not get through:
// it cannot give anything up, so the kernel must, when the call's time is over.
func TestStoppedProcessWriteIsNotDeliveredLater(t *testing.T) {
	t.Parallel()
	if !inNamespace(t) {
		return
	}
	addresses(t, "10.0.0.11/24", "192.0.2.10/32")
	c := newCloud(t)
	arrived := make(chan string, 8)
	l, err := net.Listen("tcp", "192.0.2.10:443")
	must(t, err)
	s := &http.Server{TLSConfig: &tls.Config{Certificates: []tls.Certificate{serverCert()}}, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- r.Method
		answerAddress(w, testVNIC)
	})}
	go s.ServeTLS(l, "", "")
	defer s.Close()
	for name, test := range map[string]struct {
		pause   time.Duration
		arrives bool
	}{"within its time": {700 * time.Millisecond, true}, "after its time": {3 * time.Second, false}} {
		cmd, _ := c.helper(task{Do: "read-then-move", Endpoint: "https://192.0.2.10", Limit: 2 * time.Second})
		if got := <-arrived; got != "GET" {
			t.Fatalf("a %s arrived first", got)
		}
		cut(t, "counter drop")
		waitDropped(t)
		must(t, cmd.Process.Signal(syscall.SIGSTOP))
		time.Sleep(test.pause)
		heal(t)
		select {
		case method := <-arrived:
			if !test.arrives {
				t.Errorf("%s: a %s arrived", name, method)
			}
		case <-time.After(2 * time.Second):
			if test.arrives {
				t.Errorf("%s: nothing arrived, so this test shows nothing", name)
			}
		}
		must(t, cmd.Process.Kill())
		_ = cmd.Wait()
	}
}

// cut loses the packets for the server on their way, but for those that end a
// connection.
func cut(t *testing.T, verdict string) {
	t.Helper()
	nft(t, "add table inet t; add chain inet t in { type filter hook input priority 0; }; add rule inet t in tcp dport 443 tcp flags & (rst|fin) == 0 "+verdict)
}

func heal(t *testing.T) {
	t.Helper()
	nft(t, "delete table inet t")
}

func nft(t *testing.T, rules string) string {
	t.Helper()
	out, err := exec.Command("nft", rules).CombinedOutput()
	if err != nil {
		t.Fatalf("nft %s: %v %s", rules, err, out)
	}
	return string(out)
}

// waitDropped waits until the write's packet was dropped: it has more than a
// kilobyte, acknowledgements have none.
func waitDropped(t *testing.T) {
	t.Helper()
	for range 200 {
		var packets, size int
		_, after, _ := strings.Cut(nft(t, "list table inet t"), "counter ")
		if _, err := fmt.Sscanf(after, "packets %d bytes %d", &packets, &size); err == nil && size > 1000 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the write was not sent")
}
