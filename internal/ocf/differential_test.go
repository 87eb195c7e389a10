// SPDX-License-Identifier: Apache-2.0

package ocf_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// shellfuncs is the library that logging must match.
const shellfuncs = "/usr/lib/ocf/lib/heartbeat/ocf-shellfuncs"

// reference does in shell what the test agent does for do=log and do=code.
const reference = `. ` + shellfuncs + `
case $OCF_RESKEY_do in
log) ocf_log "$OCF_RESKEY_level" "$OCF_RESKEY_message"; exit 0;;
code) ocf_exit_reason "it is %s; mend it" "broken here"; exit $OCF_RESKEY_code;;
esac`

// isolated runs "$@" with a /dev of its own in which log is the given socket, or
// nothing if that is empty.
const isolated = `set -e
log=$1; keep=$2; shift 2
mount --rbind /dev "$keep"
mount -t tmpfs -o mode=755 dev /dev
for d in null urandom; do : >/dev/$d; mount --bind "$keep/$d" /dev/$d; done
mkdir /dev/pts
mount --bind "$keep/pts" /dev/pts
umount -l "$keep"
[ -z "$log" ] || ln -s "$log" /dev/log
exec "$@"`

// output is everything that one of the two wrote, with dates and pids masked.
type output struct {
	Code          int
	Stderr        string
	Syslog        []string
	File, Debug   string
	LoggerMessage string // of ha_logger
}

var (
	dateForm  = regexp.MustCompile(`\b[A-Z][a-z]{2} [ 0-3]\d \d\d:\d\d:\d\d`)
	otherDate = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d`)
	pidForm   = regexp.MustCompile(`\[\d+\]`)
)

func masked(text string) string {
	text = dateForm.ReplaceAllString(text, "DATE")
	text = otherDate.ReplaceAllString(text, "OTHERDATE")
	return pidForm.ReplaceAllString(text, "[PID]")
}

// observe runs cmd in the isolated /dev and collects what it writes.
func observe(t *testing.T, path string, args []string, env []string, tty bool) output {
	t.Helper()
	dir := t.TempDir()
	keep, socket := filepath.Join(dir, "keep"), filepath.Join(dir, "log")
	if err := os.Mkdir(keep, 0o700); err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for i := range env {
		env[i] = strings.ReplaceAll(env[i], "@DIR@", dir)
	}
	cmd := exec.Command("unshare", append([]string{"--mount", "--propagation", "private", "sh", "-c", isolated, "sh", socket, keep, path}, args...)...)
	cmd.Env = append([]string{"PATH=" + dir + ":/bin:/usr/bin:/sbin:/usr/sbin"}, env...)
	logger := "#!/bin/sh\nfor a; do printf '%s|' \"$a\"; done >>" + dir + "/logger\n"
	if err := os.WriteFile(filepath.Join(dir, "ha_logger"), []byte(logger), 0o755); err != nil {
		t.Fatal(err)
	}
	if tty {
		cmd.Stdin = terminal(t)
	}
	got := run(t, cmd)
	out := output{Code: got.code, Stderr: masked(got.stderr)}
	for {
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		buffer := make([]byte, 65536)
		n, err := conn.Read(buffer)
		if err != nil {
			break
		}
		out.Syslog = append(out.Syslog, masked(string(buffer[:n])))
	}
	for file, into := range map[string]*string{"file": &out.File, "debug": &out.Debug, "logger": &out.LoggerMessage} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err == nil {
			*into = masked(string(text))
		}
	}
	return out
}

// TestLogIsOCFLog compares what reaches each destination with what the shell
// library of resource-agents writes for the same call and environment.
func TestLogIsOCFLog(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root for a mount namespace")
	}
	if _, err := os.Stat(shellfuncs); err != nil {
		t.Fatalf("the Debian package resource-agents is missing: %v", err)
	}
	destinations := map[string][]string{
		"stderr":               {},
		"facility":             {"HA_LOGFACILITY=daemon"},
		"facility none":        {"HA_LOGFACILITY=none"},
		"local7":               {"HA_LOGFACILITY=local7"},
		"unknown facility":     {"HA_LOGFACILITY=nonsense"},
		"file":                 {"HA_LOGFILE=@DIR@/file"},
		"all":                  {"HA_LOGFACILITY=user", "HA_LOGFILE=@DIR@/file", "HA_DEBUGLOG=@DIR@/debug"},
		"one file for both":    {"HA_LOGFILE=@DIR@/file", "HA_DEBUGLOG=@DIR@/file"},
		"debug log":            {"HA_DEBUGLOG=@DIR@/debug"},
		"other date":           {"HA_LOGFILE=@DIR@/file", "HA_DATEFMT=%Y-%m-%dT%T"},
		"other date and blank": {"HA_DEBUGLOG=@DIR@/debug", "HA_DATEFMT=  %Y-%m-%dT%H:%M:%S   %% "},
		"own tag":              {"HA_LOGTAG=mine", "HA_LOGFILE=@DIR@/file", "HA_LOGFACILITY=daemon"},
		"log daemon":           {"HA_LOGD=yes", "HA_LOGFILE=@DIR@/file"},
		"pacemaker's logd":     {"HA_use_logd=yes", "HA_LOGFILE=@DIR@/file"},
		"logd not yes":         {"HA_LOGD=true", "HA_LOGFILE=@DIR@/file"},
	}
	messages := map[string][]string{
		"info":          {"OCF_RESKEY_do=log", "OCF_RESKEY_level=info", "OCF_RESKEY_message=adding 10.0.0.1/24  twice"},
		"warn":          {"OCF_RESKEY_do=log", "OCF_RESKEY_level=warn", "OCF_RESKEY_message=strange"},
		"err":           {"OCF_RESKEY_do=log", "OCF_RESKEY_level=err", "OCF_RESKEY_message=bad %s * thing"},
		"crit":          {"OCF_RESKEY_do=log", "OCF_RESKEY_level=crit", "OCF_RESKEY_message=worse"},
		"words mislead": {"OCF_RESKEY_do=log", "OCF_RESKEY_level=info", "OCF_RESKEY_message=no ERROR seen"},
		"debug off":     {"OCF_RESKEY_do=log", "OCF_RESKEY_level=debug", "OCF_RESKEY_message=detail"},
		"debug 0":       {"OCF_RESKEY_do=log", "OCF_RESKEY_level=debug", "OCF_RESKEY_message=detail", "HA_debug=0"},
		"debug on":      {"OCF_RESKEY_do=log", "OCF_RESKEY_level=debug", "OCF_RESKEY_message=detail", "HA_debug=1"},
		"reason":        {"OCF_RESKEY_do=code", "OCF_RESKEY_code=1"},
		"other prefix":  {"OCF_RESKEY_do=code", "OCF_RESKEY_code=1", "OCF_EXIT_REASON_PREFIX=because:"},
	}
	agent := filepath.Join(link(t), agentName)
	compare := func(name string, env []string, tty bool) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env = append([]string{"OCF_RESOURCE_INSTANCE=res-1", "OCF_ROOT=/usr/lib/ocf", "TZ=UTC"}, env...)
			want := observe(t, "/bin/sh", []string{"-c", reference, agentName, "start"}, append([]string{}, env...), tty)
			got := observe(t, agent, []string{"start"}, append([]string{}, env...), tty)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("-shell library +ours\n%s", d)
			}
		})
	}
	for d, destination := range destinations {
		for m, message := range messages {
			compare(fmt.Sprintf("%s to %s", m, d), append(append([]string{}, destination...), message...), false)
		}
	}
	for m, message := range messages {
		compare(m+" on a terminal", append([]string{"HA_LOGFACILITY=daemon", "HA_LOGFILE=@DIR@/file"}, message...), true)
		compare(m+" with a tag on a terminal", append([]string{"HA_LOGTAG=mine"}, message...), true)
	}
}

// terminal opens a new pseudo terminal and returns its slave side.
func terminal(t *testing.T) *os.File {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	var unlock int32
	if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), unix.TIOCSPTLCK, uintptr(unsafe.Pointer(&unlock))); e != 0 {
		t.Fatal(e)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slave.Close() })
	go func() { _, _ = io.Copy(io.Discard, master) }()
	return slave
}
