// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ocf-oci/internal/process"
)

// TestMain lets the test binary be the agent when it is called by the agent's name.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "monit-services" {
		main()
	}
	flag.Parse()
	if err := flag.Set("test.parallel", "6"); err != nil { // worlds mostly wait
		panic(err)
	}
	os.Exit(m.Run())
}

// worldSetup makes a machine of its own: processes, network, /run and /etc. Nothing of it stays.
const worldSetup = `set -e
ip link set lo up
mount -t tmpfs tmpfs /run
mkdir -m 755 /run/world /run/world/upper /run/world/work /run/monit /run/world/pid
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/world/upper,workdir=/run/world/work /etc
rm -rf /etc/monit /etc/monitrc /etc/ngcp-config
mkdir -p /etc/monit /etc/ngcp-ocf
cat >/run/world/service <<'SERVICE'
#!/bin/bash
# service NAME start|stop [BEHAVIOUR [ARGUMENT]]
pidfile=/run/world/pid/$1
case $2 in
start)
	[ -s $pidfile ] && kill -0 $(cat $pidfile) 2>/dev/null && exit 0 # as a daemon does that is asked twice
	case $3 in
	fails) echo "cannot bind port 5060" >&2; exit 3 ;;
	slow) sleep $4 ;;
	esac
	case $3 in
	crashes) setsid sleep 0.3 </dev/null >/dev/null 2>&1 & ;;
	stubborn) setsid bash -c 'trap "" TERM; exec sleep 100000' </dev/null >/dev/null 2>&1 & ;;
	*) exec -a "service-$1" setsid sleep 100000 </dev/null >/dev/null 2>&1 & ;;
	esac
	echo $! >$pidfile ;;
stop)
	kill $(cat $pidfile)
	for i in 1 2 3 4 5; do kill -0 $(cat $pidfile) 2>/dev/null || rm -f $pidfile; [ -e $pidfile ] || break; sleep 0.1; done ;;
esac
exit 0
SERVICE
chmod 755 /run/world/service
`

// insideWorld runs the calling test again, alone, in such a world, and is true in there. The world ends with it.
func insideWorld(t *testing.T) bool {
	t.Helper()
	const marker = "MONIT_TEST_WORLD"
	if os.Getenv(marker) == t.Name() {
		return true
	}
	t.Parallel() // worlds do not know each other
	if os.Getuid() != 0 {
		t.Skip("needs root for namespaces")
	}
	if _, err := exec.LookPath("monit"); err != nil {
		t.Skipf("needs monit: %v", err)
	}
	args := []string{"-n", "-m", "-p", "--fork", "--kill-child", "--mount-proc", "--propagation", "private", "--",
		"sh", "-c", worldSetup + "\"$0\" \"$@\"", os.Args[0], "-test.run=^" + regexp.QuoteMeta(t.Name()) + "$"}
	if testing.Verbose() {
		args = append(args, "-test.v")
	}
	cmd := exec.Command("unshare", args...)
	cmd.Env = append(os.Environ(), marker+"="+t.Name())
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "no tests to run") {
		t.Fatalf("in the world: %v\n%s", err, out)
	}
	t.Logf("%s", out)
	return false
}

// install gives the agent under test its name and returns its path.
func install(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	check(t, err)
	path := "/run/world/bin/monit-services"
	check(t, os.MkdirAll(filepath.Dir(path), 0o755))
	if out, err := exec.Command("install", "-m", "755", self, path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// group writes the definitions of services: NAME[:BEHAVIOUR[:ARGUMENT]].
func group(name string, services ...string) string {
	var text strings.Builder
	for _, s := range services {
		words := strings.Split(s, ":")
		fmt.Fprintf(&text, "check process %s with pidfile /run/world/pid/%[1]s\n", words[0])
		fmt.Fprintf(&text, "  start program = \"/run/world/service %s start %s\" with timeout 4 seconds\n", words[0], strings.Join(words[1:], " "))
		if !slices.Contains(words, "nostop") {
			fmt.Fprintf(&text, "  stop program = \"/run/world/service %s stop\" with timeout 2 seconds\n", words[0])
		}
		if !slices.Contains(words, "boots") {
			text.WriteString("  onreboot nostart\n")
		}
		fmt.Fprintf(&text, "  group %s\n", name)
	}
	return text.String()
}

// dozen are twelve services, two of which start slowly and one of which ignores SIGTERM.
var dozen = []string{"p01", "p02", "p03:slow:1", "p04", "p05", "p06:slow:0.5", "p07", "p08", "p09", "p10", "p11", "p12:stubborn"}

// world is the machine with monit on it.
type world struct {
	agent string
	env   []string
}

// newWorld writes monit's control file.
func newWorld(t *testing.T, groups ...string) *world {
	t.Helper()
	w := &world{agent: install(t)}
	w.env = []string{"PATH=/usr/bin:/bin", "OCF_ROOT=/usr/lib/ocf", "OCF_RA_VERSION_MAJOR=1", "OCF_RA_VERSION_MINOR=1",
		"OCF_RESOURCE_INSTANCE=p_monit_services", "OCF_RESOURCE_TYPE=monit-services", "OCF_EXIT_REASON_PREFIX=ocf-exit-reason:", "HA_LOGFACILITY=none"}
	control := `set daemon 1
set log /run/world/monit.log
set pidfile /run/world/monit.pid
set idfile /run/world/id
set statefile /run/world/state
set httpd unixsocket /run/monit/monit.sock permission 0640 allow admin:"right password"
include /etc/monit/conf.d/*
`
	check(t, os.WriteFile("/etc/monit/monitrc", []byte(control), 0o600))
	check(t, os.MkdirAll("/etc/monit/conf.d", 0o755))
	check(t, os.WriteFile("/etc/monit/conf.d/services", []byte(strings.Join(groups, "\n")), 0o600))
	return w
}

// startMonit starts the daemon and waits until it answers.
func (w *world) startMonit(t *testing.T) {
	t.Helper()
	if out, err := exec.Command("monit", "-c", "/etc/monit/monitrc").CombinedOutput(); err != nil {
		t.Fatalf("monit: %v %s", err, out)
	}
	w.until(t, "monit answers", func() bool { return w.raw(t, "GET", "/_ping", "") == 200 })
}

// raw is a request of the test's own; the cookie is that of the token.
func (w *world) raw(t *testing.T, method, path, body string) int {
	t.Helper()
	c := http.Client{Timeout: 2 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", "/run/monit/monit.sock")
		}}}
	r, err := http.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
	check(t, err)
	r.SetBasicAuth("admin", "right password")
	if values, err := url.ParseQuery(body); err == nil && values.Has("securitytoken") {
		r.Header.Set("Cookie", "securitytoken="+values.Get("securitytoken"))
	}
	answer, err := c.Do(r)
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

// order has monit do something behind the agent's back.
func (w *world) order(t *testing.T, action string, services ...string) {
	t.Helper()
	for _, s := range services {
		if code := w.raw(t, "POST", "/_doaction", "securitytoken=t&format=text&action="+action+"&service="+s); code != 302 {
			t.Fatalf("%s %s: %d", action, s, code)
		}
	}
}

// until waits for something that must come true within ten seconds.
func (w *world) until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			log, _ := os.ReadFile("/run/world/monit.log")
			t.Fatalf("not within 10 s: %s\nmonit's log:\n%s", what, log)
		}
	}
}

// pid is a service's process, 0 if it does not live.
func pid(service string) int {
	id, living, err := process.FromFile("/run/world/pid/" + service)
	if err != nil || !living {
		return 0
	}
	return id.PID
}

// everyProcess counts the living processes of all services, those without a pidfile too.
func everyProcess(t *testing.T) int {
	t.Helper()
	ids, err := process.Matching(regexp.MustCompile(`^sleep 100000$`))
	check(t, err)
	if len(ids) > 0 {
		out, _ := exec.Command("ps", "-ef").CombinedOutput()
		t.Logf("living: %v\n%s\n%s", ids, out, monitLog(t))
	}
	return len(ids)
}

// leave makes monit look after services no longer.
func (w *world) leave(t *testing.T, services ...string) {
	t.Helper()
	w.order(t, "unmonitor", services...)
	for _, s := range services {
		w.until(t, s+" is not monitored", func() bool {
			out, _ := exec.Command("monit", "-c", "/etc/monit/monitrc", "-B", "status", s).CombinedOutput()
			return strings.Contains(string(out), "Not monitored") && !strings.Contains(string(out), "pending")
		})
	}
}

// alone makes a service die so that monit does not bring it back.
func (w *world) alone(t *testing.T, services ...string) {
	t.Helper()
	w.leave(t, services...)
	for _, s := range services {
		if p := pid(s); p > 0 {
			check(t, exec.Command("kill", "-KILL", strconv.Itoa(p)).Run())
		}
		w.until(t, s+" is dead", func() bool { return pid(s) == 0 })
	}
}

// ran is what an action did.
type ran struct {
	code   int
	stdout string
	stderr string
	took   time.Duration
}

// reason is the text of the exit reason.
func (r ran) reason() string {
	for line := range strings.Lines(r.stderr) {
		if text, ok := strings.CutPrefix(line, "ocf-exit-reason:"); ok {
			return strings.TrimSpace(text)
		}
	}
	return ""
}

func (r ran) String() string {
	return fmt.Sprintf("code %d after %v\n%s%s", r.code, r.took.Round(time.Millisecond), r.stdout, r.stderr)
}

// run calls the agent. The words are an action (probe is a monitor without interval) and its settings: name=value, or
// with capital letters a variable of the environment; timeout=8s is the operation's timeout.
func (w *world) run(t *testing.T, words ...string) ran {
	t.Helper()
	cmd := w.command(words...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	began := time.Now()
	_ = cmd.Run()
	r := ran{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String(), time.Since(began)}
	t.Logf("%s: %v", strings.Join(words, " "), r)
	return r
}

func (w *world) command(words ...string) *exec.Cmd {
	action, interval, timeout := words[0], "20000", 20*time.Second
	if action == "probe" {
		action, interval = "monitor", "0"
	}
	env := slices.Clone(w.env)
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		switch {
		case name == "timeout":
			timeout, _ = time.ParseDuration(value)
		case strings.ToUpper(name) == name:
			env = append(env, word)
		default:
			env = append(env, "OCF_RESKEY_"+word)
		}
	}
	cmd := exec.Command(w.agent, action)
	cmd.Env = append(env, "OCF_RESKEY_CRM_meta_interval="+interval, fmt.Sprintf("OCF_RESKEY_CRM_meta_timeout=%d", timeout.Milliseconds()))
	return cmd
}

// want runs an action and compares its code and the beginning of its reason. Words that the output must hold follow.
func (w *world) want(t *testing.T, line string, code int, words ...string) ran {
	t.Helper()
	r := w.run(t, strings.Fields(line)...)
	if r.code != code {
		t.Errorf("%s: want code %d: %v", line, code, r)
	}
	if (r.code != 0) != (r.reason() != "") {
		t.Errorf("%s: code and exit reason do not fit: %v", line, r)
	}
	for _, word := range words {
		if !strings.Contains(r.stderr, word) {
			t.Errorf("%s: want %q said: %v", line, word, r)
		}
	}
	return r
}
