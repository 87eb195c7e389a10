// SPDX-License-Identifier: Apache-2.0

package ocf

import (
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestIsTrue(t *testing.T) {
	// Compared with the shell library, whose word it is.
	words := []string{"yes", "true", "1", "YES", "TRUE", "True", "ja", "on", "ON", "Yes", "On", "y", "Y", "t", "2", "01", "", " yes", "no", "false", "0", "off", "JA"}
	script := `. /usr/lib/ocf/lib/heartbeat/ocf-shellfuncs; for w; do ocf_is_true "$w" && echo yes || echo no; done`
	cmd := exec.Command("sh", append([]string{"-c", script, "sh"}, words...)...)
	cmd.Env = []string{"OCF_ROOT=/usr/lib/ocf", "PATH=/bin:/usr/bin"}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the shell library (Debian package resource-agents): %v", err)
	}
	answers := strings.Fields(string(out))
	if len(answers) != len(words) {
		t.Fatalf("%d answers to %d words", len(answers), len(words))
	}
	for i, w := range words {
		if IsTrue(w) != (answers[i] == "yes") {
			t.Errorf("IsTrue(%q) is %v, the shell library says %s", w, IsTrue(w), answers[i])
		}
	}
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"20": 20 * time.Second, "20s": 20 * time.Second, "20 s": 20 * time.Second, " 20sec ": 20 * time.Second,
		"500ms": 500 * time.Millisecond, "500msec": 500 * time.Millisecond, "7us": 7 * time.Microsecond, "7usec": 7 * time.Microsecond,
		"2m": 2 * time.Minute, "2min": 2 * time.Minute, "2MIN": 2 * time.Minute, "1h": time.Hour, "1hr": time.Hour, "1d": 24 * time.Hour,
		"0": 0, "0.5": 500 * time.Millisecond, "1.5h": 90 * time.Minute, ".5s": 500 * time.Millisecond,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%q: %v %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "s", "-1", "-1s", "1x", "1s1", "1 2", "1.2.3", "1e3", "0x10", "inf", "nan", "999999999d", "１s"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}

// TestStrftime compares with date(1), which formats HA_DATEFMT for the shell.
func TestStrftime(t *testing.T) {
	formats := []string{"%b %d %T ", "%Y-%m-%dT%H:%M:%S%z", "%a %A %B %h %D %e %F %I:%M %p %r", "%R %X %x %c %j %y %s", "%% %n %t|", "x", "", "%", "100%"}
	for _, moment := range []time.Time{time.Unix(0, 0), time.Unix(951782399, 5), time.Unix(1763765280, 123456789)} {
		moment = moment.UTC()
		for _, format := range formats {
			cmd := exec.Command("date", "-u", "-d", "@"+strftime("%s.%N", moment), "+"+format)
			cmd.Env = []string{"LC_ALL=C", "PATH=/bin:/usr/bin"}
			want, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if got := strftime(format, moment); got != strings.TrimSuffix(string(want), "\n") {
				t.Errorf("%q: %q, date(1) says %q", format, got, want)
			}
		}
	}
}

func TestOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"a  b": "a  b", "a\nb": "a b", "a\r\n": "a", "\x1b[31mred\x1b[0m": "[31mred[0m", "a\x00b\u0085c": "abc", " ü ": "ü",
	} {
		if got := oneLine(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestRedact(t *testing.T) {
	const key = "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----"
	for _, c := range [][3]string{
		{"password", "x", redacted}, {"OCF_RESKEY_monit_passwd", "x", redacted}, {"session_token", "x", redacted}, {"PASS", "x", redacted},
		{"password", "", ""}, {"ip", "10.0.0.1", "10.0.0.1"}, {"bypass_check", "1", "1"},
		{"header", "Authorization: Bearer abc, more", "Authorization: " + redacted},
		{"header", `Signature version="1",keyId="x"`, redacted},
		{"text", "a " + key + " b", "a " + redacted + " b"},
		{"text", "got eyJhbGciOi.eyJzdWIi.c2ln-_x here", "got " + redacted + " here"},
		{"oci_config_file", "/etc/oci/config", "/etc/oci/config"},
	} {
		if got := redact(c[0], c[1]); got != c[2] {
			t.Errorf("%s=%q: %q, want %q", c[0], c[1], got, c[2])
		}
	}
}
