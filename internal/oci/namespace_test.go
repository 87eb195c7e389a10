// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"crypto/tls"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"ocf-oci/internal/imds"
	"ocf-oci/lab/region"
)

// inNamespace runs the calling test again, alone, in network and mount
// namespaces that last as long as its process. It reports true there.
func inNamespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv("OCI_TEST_NAMESPACE") == t.Name() {
		return true
	}
	if os.Geteuid() != 0 {
		t.Skip("making a network namespace needs root")
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), "OCI_TEST_NAMESPACE="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("in the namespace: %v\n%s", err, out)
	}
	return false
}

// addresses puts a router's addresses on the namespace's loopback device: the
// floating one first, which so is what the kernel would choose.
func addresses(t *testing.T, cidrs ...string) {
	t.Helper()
	lo, err := netlink.LinkByName("lo")
	must(t, err)
	must(t, netlink.LinkSetUp(lo))
	for _, cidr := range cidrs {
		a, err := netlink.ParseAddr(cidr)
		must(t, err)
		must(t, netlink.AddrAdd(lo, a))
	}
}

// Every connection of the client, to the API, the identity service, the
// metadata service and the name server, starts at Options.Source.
func TestSourceOfAllTraffic(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	addresses(t, "10.0.0.100/24", "10.0.0.11/24", "169.254.169.254/32", "192.0.2.10/32", "192.0.2.53/32")
	c := newCloud(t)
	var mu sync.Mutex
	from := map[string]string{}
	note := func(what string, who net.Addr) {
		mu.Lock()
		defer mu.Unlock()
		from[what] = netip.MustParseAddrPort(who.String()).Addr().String()
	}
	serve := func(what, where string, h http.HandlerFunc, secure bool) {
		l, err := net.Listen("tcp", where)
		must(t, err)
		if secure {
			l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{serverCert()}})
		}
		s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			who, err := net.ResolveTCPAddr("tcp", r.RemoteAddr)
			must(t, err)
			note(what, who)
			h(w, r)
		})}
		go s.Serve(l)
		t.Cleanup(func() { s.Close() })
	}
	serve("imds", "169.254.169.254:80", c.serveMetadata, false)
	serve("auth", "192.0.2.10:444", c.serveAuth, true)
	serve("api", "192.0.2.10:443", c.serveAPI, true)
	source := netip.MustParseAddr("10.0.0.11")
	client, err := New(context.Background(), Options{Endpoint: "https://192.0.2.10", AuthEndpoint: "https://192.0.2.10:444", Source: source, StateDir: stateDir(t)})
	must(t, err)
	if _, err := client.Address(within(t, 5*time.Second), testPrivateIP); err != nil {
		t.Fatal(err)
	}
	// The name server's part: the resolver's own dial.
	udp, err := net.ListenPacket("udp", "192.0.2.53:53")
	must(t, err)
	defer udp.Close()
	conn, err := boundDialer{source: source}.dialNameServer(within(t, time.Second), "udp", "192.0.2.53:53")
	must(t, err)
	_, err = conn.Write([]byte("?"))
	must(t, err)
	_, who, err := udp.ReadFrom(make([]byte, 8))
	must(t, err)
	note("dns", who)
	for _, what := range []string{"imds", "auth", "api", "dns"} {
		if from[what] != source.String() {
			t.Errorf("%s was reached from %q, not from %s", what, from[what], source)
		}
	}
	// A resolver on this machine refuses foreign sources; it is dialled unbound.
	stub, err := net.ListenPacket("udp", "127.0.0.53:53")
	must(t, err)
	defer stub.Close()
	conn, err = boundDialer{source: source}.dialNameServer(within(t, time.Second), "udp", "127.0.0.53:53")
	must(t, err)
	if got := conn.LocalAddr().(*net.UDPAddr).IP; !got.IsLoopback() {
		t.Errorf("the local resolver is asked from %s", got)
	}
}

// Names that cannot be resolved and networks that cannot be reached are what a
// machine sees while its network comes up: transient, nothing sent.
func TestNoNetwork(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	addresses(t)
	c := newCloud(t)
	opt := c.options(stateDir(t))
	opt.IMDS = imds.New(imds.Options{BaseURL: c.metadata.URL + "/opc/v2"})
	if _, err := c.client(opt).Address(within(t, 5*time.Second), testPrivateIP); err != nil {
		t.Fatal(err)
	}
	for _, endpoint := range []string{"https://192.0.2.10", "https://iaas.ca-toronto-1.oraclecloud.com", "https://[2001:db8::1]"} {
		opt.Endpoint = endpoint
		err := promptly(t, time.Second, func(ctx context.Context) error {
			_, err := c.client(opt).Move(ctx, Address{ID: testPrivateIP}, otherVNIC, "")
			return err
		})
		if KindOf(err) != Transient || IsAmbiguous(err) {
			t.Errorf("%s: %v (%s)", endpoint, err, KindOf(err))
		}
		if err != nil && len(err.Error()) > 300 {
			t.Errorf("error of %d characters: %v", len(err.Error()), err)
		}
	}
}

// As in production: nothing is configured but a source address and the state
// folder. Names, realm and certificates are the real ones, which exist only in
// this namespace. A cold start costs four metadata requests, one exchange, one
// name look-up each and the call itself; a warm one the call.
func TestRealNames(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	addresses(t, "169.254.169.254/32", "192.0.2.10/32", "192.0.2.11/32")
	must(t, unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	r, err := region.Restore(template, region.Options{})
	must(t, err)
	s := &sim{Region: r, t: t}
	defer r.Close()
	api, auth := r.HostNames()
	hosts := filepath.Join(t.TempDir(), "hosts")
	must(t, os.WriteFile(hosts, []byte("192.0.2.10 "+api+"\n192.0.2.11 "+auth+"\n"), 0o644))
	must(t, unix.Mount(hosts, "/etc/hosts", "", unix.MS_BIND, ""))
	for service, where := range map[region.Service]string{region.API: "192.0.2.10:443", region.Auth: "192.0.2.11:443", region.IMDS: "169.254.169.254:80"} {
		l, err := net.Listen("tcp", where)
		must(t, err)
		go r.Serve(service, l)
	}
	must(t, r.Program())
	for _, node := range r.Nodes() {
		_, _, _, err := r.InstanceIdentity(node.Name)
		must(t, err)
	}
	dir := stateDir(t)
	for _, start := range []struct {
		name string
		want map[string]int
	}{{"cold", map[string]int{"imds": 4, "auth": 1, "api": 1}}, {"warm", map[string]int{"api": 1}}} {
		began := time.Now()
		client, err := New(context.Background(), Options{Source: netip.MustParseAddr("127.1.0.12"), StateDir: dir})
		must(t, err)
		a, err := client.Move(within(t, 10*time.Second), Address{ID: AddressID(s.owner("127.1.0.100").ID)}, s.vnic("vrouter2"), "")
		if err != nil || a.VNIC != s.vnic("vrouter2") {
			t.Fatalf("%s start: %+v, %v", start.name, a, err)
		}
		if got := s.calls(began); !maps.Equal(got, start.want) {
			t.Errorf("%s start: requests %v, want %v", start.name, got, start.want)
		}
		for _, call := range r.Calls(began) {
			if call.Node != "vrouter2" {
				t.Errorf("%s came from %s, %q", call.Operation, call.Source, call.Node)
			}
		}
	}
}
