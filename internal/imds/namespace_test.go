// SPDX-License-Identifier: Apache-2.0

package imds

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
)

// inNamespace runs the calling test again, alone, in a network namespace that
// lasts as long as its process. It reports true there.
func inNamespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv("OCI_TEST_NAMESPACE") == t.Name() {
		return true
	}
	if os.Geteuid() != 0 {
		t.Skip("making a network namespace needs root")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), "OCI_TEST_NAMESPACE="+t.Name(),
		// ProxyFromEnvironment reads these once, at its first use.
		"HTTP_PROXY=http://10.9.9.9:3128", "http_proxy=http://10.9.9.9:3128")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("in the namespace: %v\n%s", err, out)
	}
	return false
}

func address(t *testing.T, cidr string) {
	t.Helper()
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	if err := netlink.LinkSetUp(lo); err != nil {
		t.Fatal(err)
	}
	a, err := netlink.ParseAddr(cidr)
	if err != nil {
		t.Fatal(err)
	}
	if err := netlink.AddrAdd(lo, a); err != nil {
		t.Fatal(err)
	}
}

// At the real address: a proxy in the environment is not used, and the source
// is the one given, which the service insists on (a request from a secondary
// address gets no answer).
func TestRealAddressSourceAndProxy(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	for _, a := range []string{"169.254.169.254/32", "10.0.0.100/32", "10.0.0.11/32", "10.9.9.9/32"} {
		address(t, a)
	}
	proxied := make(chan string, 8)
	sources := make(chan string, 8)
	serveAt := func(where string, h http.HandlerFunc) {
		l, err := net.Listen("tcp", where)
		if err != nil {
			t.Fatal(err)
		}
		s := &http.Server{Handler: h}
		go s.Serve(l)
		t.Cleanup(func() { s.Close() })
	}
	serveAt("10.9.9.9:3128", func(_ http.ResponseWriter, r *http.Request) { proxied <- r.URL.String() })
	serveAt("169.254.169.254:80", func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		sources <- host
		fmt.Fprint(w, oneVNIC)
	})
	for _, source := range []string{"10.0.0.11", "10.0.0.100"} {
		c := New(Options{Source: netip.MustParseAddr(source)})
		if _, err := c.VNICs(within(t, 3*time.Second)); err != nil {
			t.Fatal(err)
		}
		if got := <-sources; got != source {
			t.Errorf("came from %s, bound to %s", got, source)
		}
	}
	if len(proxied) > 0 {
		t.Errorf("the proxy was asked for %s", <-proxied)
	}
	// An address that this machine does not have is a transient failure.
	start := time.Now()
	if _, err := New(Options{Source: netip.MustParseAddr("10.0.0.12")}).VNICs(within(t, 300*time.Millisecond)); err == nil {
		t.Error("no error for a foreign source address")
	}
	if time.Since(start) > 2*time.Second {
		t.Errorf("took %s", time.Since(start))
	}
}
