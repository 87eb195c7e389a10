// SPDX-License-Identifier: Apache-2.0

package monit

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// answer is what monit 5.33 says of two services, one of them with a name in Latin 1.
const answer = `<?xml version="1.0" encoding="ISO-8859-1"?><monit id="x" incarnation="1795305773" version="5.33.0"><server><uptime>1</uptime><poll>5</poll></server><services>` +
	`<service name="prüf"><type>3</type><collected_sec>1795305773</collected_sec><collected_usec>688814</collected_usec><status>4608</status><status_hint>0</status_hint><status_message>failed to start</status_message><monitor>2</monitor><monitormode>0</monitormode><onreboot>1</onreboot><pendingaction>6</pendingaction></service>` +
	`<service name="b"><type>3</type><status>0</status><monitor>1</monitor><onreboot>0</onreboot><pendingaction>0</pendingaction><pid>4711</pid></service>` +
	`</services><servicegroups><servicegroup name="ha"><service>prüf</service><service>b</service></servicegroup></servicegroups></monit>`

func latin(text string) []byte {
	var out []byte
	for _, r := range text {
		out = append(out, byte(r))
	}
	return out
}

func TestDecode(t *testing.T) {
	s, err := decode(latin(answer))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := s.Service("prüf")
	if p.Type != Process || p.Monitoring != Initialising || p.Pending != Start || !p.NoStart || p.PID != 0 || !p.Condition.Failed() ||
		!p.Collected.Equal(time.Unix(1795305773, 688814000)) {
		t.Errorf("%+v", p)
	}
	if got := p.Text(); got != "Does not exist, Execution failed: failed to start - start pending" {
		t.Errorf("%q", got)
	}
	b, _ := s.Service("b")
	if b.Monitoring != Monitored || b.NoStart || b.PID != 4711 || b.Text() != "OK" {
		t.Errorf("%+v", b)
	}
	if !slices.Equal(s.Groups["ha"], []string{"prüf", "b"}) || s.Version != "5.33.0" || s.Poll != 5*time.Second || s.Incarnation != "1795305773" {
		t.Errorf("%+v", s)
	}
	old, err := decode([]byte(`<monit><server><version>5.5</version><poll>30</poll></server><service type="3"><name>a</name><status>0</status><monitor>1</monitor><pendingaction>0</pendingaction></service></monit>`))
	if a, ok := old.Service("a"); err != nil || !ok || a.Type != Process || a.Monitoring != Monitored || old.Version != "5.5" {
		t.Errorf("the old form: %+v %v", old, err)
	}
}

// However the answer is cut short, it is an error and never fewer services.
func TestDecodeTruncated(t *testing.T) {
	text := latin(answer)
	for n := range len(text) - 1 {
		if s, err := decode(text[:n]); err == nil {
			t.Fatalf("%d of %d bytes give %+v", n, len(text), s)
		}
	}
	for _, other := range []string{"", "<html></html>", "<monit></monit>", "pong", strings.Replace(answer, "<type>3</type>", "", 1),
		strings.Replace(answer, "ISO-8859-1", "EBCDIC", 1), strings.Replace(answer, "4711", "many", 1)} {
		if s, err := decode([]byte(other)); err == nil {
			t.Errorf("%.60q gives %+v", other, s)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(answer))
	f.Fuzz(func(t *testing.T, text []byte) {
		if s, err := decode(text); err == nil && len(s.Services) == 0 {
			t.Error("no service and no error")
		}
	})
}

func FuzzControlFile(f *testing.F) {
	f.Add(control)
	f.Fuzz(func(t *testing.T, text string) {
		file := filepath.Join(t.TempDir(), "monitrc")
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(text, "include", "exclude")), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadConfig(file); err != nil {
			t.Error(err)
		}
	})
}

// The kinds of failure, and that the token is sent twice and the password never leaves in an error.
func TestClient(t *testing.T) {
	var code int
	var body string
	var seen *http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		seen = r
		if code == 0 {
			time.Sleep(time.Second)
			return
		}
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	}))
	defer server.Close()
	c, err := NewClient(Access{URL: server.URL, User: "admin", Password: "geheim"})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		code int
		body string
		kind Kind
	}{{401, "", Refused}, {403, "", Refused}, {404, "", Unknown}, {400, "", Unknown}, {500, "", Broken}, {200, "<monit", Garbled}, {302, "", Broken}, {0, "", Hung}} {
		code, body = k.code, k.body
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		_, err := c.Status(ctx)
		cancel()
		if err == nil || KindOf(err) != k.kind || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%d: %v, kind %d", k.code, err, KindOf(err))
		}
	}
	code, body = 200, string(latin(answer))
	if s, err := c.Status(t.Context()); err != nil || len(s.Services) != 2 || seen.URL.Path != "/_status2" || seen.Method != "GET" {
		t.Errorf("%v %v", s, err)
	}
	code = 302
	if err := c.Do(t.Context(), Stop, "a b", "c&d"); err != nil {
		t.Fatal(err)
	}
	user, password, _ := seen.BasicAuth()
	cookie, err := seen.Cookie("securitytoken")
	if err != nil || seen.Form.Get("securitytoken") != cookie.Value || len(cookie.Value) != 32 || user != "admin" || password != "geheim" ||
		seen.URL.Path != "/_doaction" || seen.Form.Get("action") != "stop" || !slices.Equal(seen.Form["service"], []string{"a b", "c&d"}) {
		t.Errorf("%v %v %v", seen.Form, seen.Header, err)
	}
	server.Close()
	if _, err := c.Status(t.Context()); KindOf(err) != Down {
		t.Errorf("nobody listens: %v", err)
	}
	for _, bad := range []Access{{}, {URL: "localhost:2812"}, {URL: "ftp://localhost"}, {URL: "http://admin:geheim@localhost"}} {
		if _, err := NewClient(bad); err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// A socket that is missing, that nobody holds any more, and that is none.
func TestClientSocket(t *testing.T) {
	dir := t.TempDir()
	dead := filepath.Join(dir, "dead")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: dead})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dead, filepath.Join(dir, "missing"), file} {
		c, _ := NewClient(Access{Socket: path})
		if _, err := c.Status(t.Context()); KindOf(err) != Down || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A daemon with TLS must show the certificate of its own pemfile.
func TestClientTLS(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(latin(answer)) }))
	defer server.Close()
	good, other := filepath.Join(t.TempDir(), "pem"), filepath.Join(t.TempDir(), "other")
	for file, raw := range map[string][]byte{good: server.Certificate().Raw, other: {1, 2, 3}} {
		if err := os.WriteFile(file, []byte(pemText(raw)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for file, works := range map[string]bool{good: true, other: false, "/nonexistent": false} {
		c, err := NewClient(Access{URL: server.URL, Certificates: file})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Status(t.Context()); (err == nil) != works {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// What monit -B status prints (5.33).
func TestReadStatus(t *testing.T) {
	s, err := readStatus([]byte(`Monit 5.33.0 uptime: 0m

Process 'a'
  status                       Not monitored
  monitoring status            Not monitored
  monitoring mode              active
  on reboot                    nostart
  data collected               Sun, 22 Nov 2026 00:09:40

Process 'b c'
  status                       Does not exist
  monitoring status            Initializing - start pending
  monitoring mode              passive
  on reboot                    start
  pid                          4711

System 'vm'
  status                       OK
  monitoring status            Monitored
  load average                 [0.00] [0.00] [0.00]
`))
	if err != nil || len(s.Services) != 3 || s.Version != "5.33.0" {
		t.Fatalf("%+v %v", s, err)
	}
	a, b, vm := s.Services[0], s.Services[1], s.Services[2]
	if a.Name != "a" || a.Type != Process || a.Monitoring != NotMonitored || !a.NoStart || a.Passive || a.Collected.IsZero() {
		t.Errorf("%+v", a)
	}
	if b.Name != "b c" || b.Monitoring != Initialising || b.Pending != Start || b.Condition != 0x200 || b.PID != 4711 || b.NoStart || !b.Passive {
		t.Errorf("%+v", b)
	}
	if vm.Type != System || vm.Monitoring != Monitored || vm.Condition != 0 {
		t.Errorf("%+v", vm)
	}
	for _, bad := range []string{"", "Monit: the monit daemon is not running"} {
		if _, err := readStatus([]byte(bad)); err == nil {
			t.Errorf("%q is a status", bad)
		}
	}
}

func pemText(raw []byte) string {
	out := new(strings.Builder)
	fmt.Fprintf(out, "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n", base64Text(raw))
	return out.String()
}
