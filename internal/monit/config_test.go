// SPDX-License-Identifier: Apache-2.0

package monit

import (
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func base64Text(raw []byte) string { return base64.StdEncoding.EncodeToString(raw) }

// control is a control file with everything that the language allows in the parts that matter here.
const control = `# check process comment with pidfile /tmp/comment
set daemon 7 with start delay 60   # seconds
set log /tmp/log
set httpd port 2812 and
    use address localhost  # only from here
    allow localhost
    allow 10.0.0.0/8
    allow guest:guest readonly
    allow admin:"pass word#1"
check process simple with pidfile /run/simple#1.pid
  start program = "/etc/init.d/simple start" with timeout 60 seconds
  stop program  = "/etc/init.d/simple stop"
  if failed port 80 protocol http and request "/check process x" then restart
  if 5 restarts within 5 cycles then stop
  if cpu > 60% for 2 cycles then start
  group ha
  group "second"
check process quoted with pidfile "/run/with space.pid"
  start = "/bin/sh -c 'echo a > /tmp/x'" as uid "nobody" and gid "nogroup" with timeout 90 seconds
  stop "/bin/kill -9 1" with timeout 5 seconds
  depends on simple
  mode passive onreboot nostart group ha
check process pattern matching "^/usr/bin/foo.*bar$"
  start program "/bin/true"
check program prog with path "/bin/true" with timeout 3 seconds
  if status != 0 then alert
  group HA
check host h with address 127.0.0.1
  if failed ping then alert
check file f with path /etc/passwd
  if changed checksum then alert
`

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadConfig(t *testing.T) {
	c, err := ReadConfig(write(t, t.TempDir()+"/monitrc", control))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Access{URL: "http://127.0.0.1:2812", User: "admin", Password: "pass word#1"}); c.Access != want || c.Poll != 7*time.Second {
		t.Errorf("%+v, %v", c.Access, c.Poll)
	}
	if got := c.Group("ha"); !slices.Equal(got, []string{"simple", "quoted", "prog"}) {
		t.Errorf("group ha: %v", got)
	}
	q, _ := c.Service("quoted")
	if !q.NoStart || !slices.Equal(q.Start.Argv, []string{"/bin/sh", "-c", "echo a > /tmp/x"}) || q.Start.UID != "nobody" || q.Start.GID != "nogroup" {
		t.Errorf("%+v %+v", q, q.Start)
	}
	if _, ok := c.Service("comment"); ok {
		t.Error("a comment is a service")
	}
	if _, ok := c.Service("x"); ok {
		t.Error("a request is a service")
	}
}

// TestAgainstMonit: what we read of a control file is what monit itself reads of it.
func TestAgainstMonit(t *testing.T) {
	if _, err := exec.LookPath("monit"); err != nil {
		t.Skipf("needs monit: %v", err)
	}
	dir := t.TempDir()
	write(t, dir+"/conf.d/more", "check process included with pidfile /run/i.pid stop program = \"/bin/stop it\" group other\n")
	file := write(t, dir+"/monitrc", "set idfile "+dir+"/id\nset statefile "+dir+"/state\nset pidfile "+dir+"/pid\ninclude conf.d/*\ninclude "+dir+"/conf.d/*\n"+
		strings.Replace(control, "include conf.d/*", "", 1))
	text, _ := os.ReadFile(file)
	write(t, file, strings.Replace(string(text), "include conf.d/*\n", "", 1))
	out, err := exec.Command("monit", "-c", file, "-vt").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	c, err := ReadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	theirs := map[string]map[string]string{}
	var now map[string]string
	for line := range strings.Lines(string(out)) {
		label, value, ok := strings.Cut(strings.TrimSpace(line), " = ")
		label, value = strings.TrimSpace(label), strings.TrimSpace(value)
		if !ok {
			continue
		}
		if strings.HasSuffix(label, " Name") {
			now = map[string]string{"type": strings.TrimSuffix(label, " Name")}
			theirs[value] = now
		} else if now != nil {
			now[label] = value
		}
	}
	names := map[string]Type{"Process": Process, "Program": Program, "Remote Host": Host, "File": File}
	ours := 0
	for name, them := range theirs {
		if them["type"] == "System" {
			continue
		}
		ours++
		d, ok := c.Service(name)
		if !ok || d.Type != names[them["type"]] {
			t.Errorf("%s: monit has %v, we have %+v", name, them, d)
			continue
		}
		for label, got := range map[string]string{
			"Pid file": d.PidFile, "Match": d.Matching, "Group": groups(d.Groups),
			"Start program": describe(d.Start), "Stop program": describe(d.Stop),
		} {
			if label == "Group" {
				them[label] = groups(strings.Split(them[label], ", "))
			}
			if got != them[label] {
				t.Errorf("%s, %s: monit has %q, we have %q", name, label, them[label], got)
			}
		}
		if d.NoStart != (them["On reboot"] == "nostart") {
			t.Errorf("%s: on reboot %q, we have %v", name, them["On reboot"], d.NoStart)
		}
	}
	if len(c.Services) != ours || ours != 7 {
		t.Errorf("monit has %d services, we have %d", ours, len(c.Services))
	}
	if got := c.PIDFiles(); !slices.Equal(got, []string{dir + "/pid"}) {
		t.Errorf("%v", got)
	}
	if err := c.Check(t.Context()); err != nil {
		t.Error(err)
	}
	write(t, dir+"/conf.d/more", "check process with\n")
	if err := c.Check(t.Context()); err == nil {
		t.Error("a syntax error passes")
	}
}

// describe writes a program as "monit -vt" does.
func describe(c *Command) string {
	if c == nil {
		return ""
	}
	text := "'" + strings.Join(c.Argv, " ") + "'"
	if c.UID != "" {
		id, _ := (&Command{UID: c.UID}).credential()
		text += fmt.Sprint(" as uid ", id.Uid)
	}
	if c.GID != "" {
		id, _ := (&Command{GID: c.GID}).credential()
		text += fmt.Sprint(" as gid ", id.Gid)
	}
	if c.Timeout >= time.Minute {
		return text + " timeout " + strings.TrimSuffix(fmt.Sprintf("%.3f", c.Timeout.Minutes()), ".000") + " m"
	}
	return text + fmt.Sprintf(" timeout %d s", int(c.Timeout.Seconds()))
}

// groups compares regardless of order and case, as monit does.
func groups(names []string) string {
	var all []string
	for _, n := range names {
		if n != "" {
			all = append(all, strings.ToLower(n))
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func TestHTTPForms(t *testing.T) {
	dir := t.TempDir()
	secret := write(t, dir+"/secret", "op:s3cret\n")
	for text, want := range map[string]Access{
		"set httpd unixsocket /run/monit.sock permission 0640 allow a:b": {Socket: "/run/monit.sock", User: "a", Password: "b"},
		"set httpd unixsocket \"/run/m s\"\nset daemon 5":                {Socket: "/run/m s"},
		"SET HTTPD PORT 80 ADDRESS ::1 ALLOW a:b=c":                      {URL: "http://[::1]:80", User: "a", Password: "b=c"},
		"set httpd port 80 allow cleartext " + secret + " op":            {URL: "http://127.0.0.1:80", User: "op", Password: "s3cret"},
		"set httpd port 80 allow md5 /etc/htpasswd x allow @admins":      {URL: "http://127.0.0.1:80"},
		"set httpd port 80 with ssl { pemfile: /etc/x.pem } allow a:b":   {URL: "https://127.0.0.1:80", User: "a", Password: "b", Certificates: "/etc/x.pem"},
		"set httpd port 80\nwith unixsocket /s\nallow a:b read-only":     {Socket: "/s", URL: "http://127.0.0.1:80"},
		"check process x with pidfile /x":                                {},
	} {
		c, err := ReadConfig(write(t, dir+"/monitrc", text))
		if err != nil || c.Access != want {
			t.Errorf("%s:\n got %+v %v\nwant %+v", text, c.Access, err, want)
		}
	}
	if _, err := ReadConfig(dir + "/nosuch"); err == nil {
		t.Error("a missing file can be read")
	}
	// A file that includes itself ends.
	write(t, dir+"/loop", "include "+dir+"/loop\nset daemon 9\n")
	if c, err := ReadConfig(dir + "/loop"); err != nil || c.Poll != 9*time.Second {
		t.Errorf("%+v %v", c, err)
	}
}

// Programs run with the rights and the environment that monit gives them, and only for their time.
func TestProgram(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root to become another user")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for d := dir; d != "/tmp" && d != "/"; d = filepath.Dir(d) {
		_ = os.Chmod(d, 0o777)
	}
	c := &Command{Argv: []string{"/bin/sh", "-c", "{ id -un; env; } >" + dir + "/out"}, UID: "nobody", Timeout: time.Second}
	if err := c.Run(t.Context(), "svc", "Stop"); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(dir + "/out")
	if !strings.HasPrefix(string(text), "nobody\n") || !strings.Contains(string(text), "MONIT_SERVICE=svc\n") || strings.Contains(string(text), "HOME=") {
		t.Errorf("%s", text)
	}
	slow := &Command{Argv: []string{"/bin/sleep", "9"}, Timeout: 100 * time.Millisecond}
	if began := time.Now(); slow.Run(t.Context(), "svc", "Stop") == nil || time.Since(began) > 5*time.Second {
		t.Error("a slow program was not ended")
	}
	for _, bad := range []*Command{{}, {Argv: []string{"/bin/true"}, UID: "no-such-user", Timeout: time.Second}} {
		if bad.Run(t.Context(), "svc", "Stop") == nil {
			t.Errorf("%+v ran", bad)
		}
	}
}
