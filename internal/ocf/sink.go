// SPDX-License-Identifier: Apache-2.0

package ocf

import (
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// sink puts a finished line where ha_log and ha_debug of resource-agents' shell
// library (heartbeat/ocf-shellfuncs) would put it, in the same form.
type sink struct {
	env      map[string]string
	environ  []string // for ha_logger
	tag      string   // TYPE(INSTANCE)[pid]
	ownTag   bool     // HA_LOGTAG was set by the caller
	tty      bool
	logd     bool
	facility string // empty: no syslog
	file     string
	debugLog string
	dates    string // HA_DATEFMT
	stderr   io.Writer
	now      func() time.Time
	syslog   *syslogSocket

	mu sync.Mutex
}

func newSink(r *Request, stderr io.Writer) *sink {
	s := &sink{
		env:      r.Env,
		environ:  r.Environ(),
		tag:      r.Env["HA_LOGTAG"],
		tty:      isTerminal(os.Stdin),
		facility: r.Env["HA_LOGFACILITY"],
		file:     r.Env["HA_LOGFILE"],
		debugLog: r.or("HA_DEBUGLOG", "/dev/null"),
		dates:    r.or("HA_DATEFMT", "%b %d %T "),
		stderr:   stderr,
		now:      time.Now,
	}
	s.ownTag = s.tag != ""
	if !s.ownTag {
		s.tag = logTag(r)
	}
	s.logd = s.env["HA_LOGD"] == "yes" || s.env["HA_LOGD"] == "" && IsTrue(s.env["HA_use_logd"])
	if s.facility == "none" {
		s.facility = ""
	}
	if s.facility != "" {
		s.syslog = &syslogSocket{path: devLog}
	}
	return s
}

// debug tells whether debug messages are wanted: HA_debug set and not 0.
func (s *sink) debug() bool {
	v := s.env["HA_debug"]
	return v != "" && v != "0"
}

// write delivers one line ("LEVEL: text"). A destination that fails or does not
// answer in time is skipped: logging never decides how an action ends. quiet
// keeps the line off stderr, where its text is already.
func (s *sink) write(line string, debug, quiet bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tty {
		s.toTerminal(line, quiet)
		return
	}
	if s.logd && s.toLogd(line, debug) {
		return
	}
	if debug {
		s.writeDebug(line)
		return
	}
	date := s.date()
	if s.facility != "" {
		s.toSyslog(severity(line), line)
	}
	if s.file != "" {
		appendLine(s.file, join(date, " "+s.tag+":    "+line))
	}
	if s.facility == "" && s.file == "" && !quiet {
		_, _ = io.WriteString(s.stderr, join(date, line)+"\n")
	}
	if s.debugLog != s.file {
		appendLine(s.debugLog, s.debugLine(date, line))
	}
}

func (s *sink) toTerminal(line string, quiet bool) {
	if quiet {
		return
	}
	if s.ownTag {
		line = s.tag + ": " + line
	}
	_, _ = io.WriteString(s.stderr, line+"\n")
}

func (s *sink) writeDebug(line string) {
	if s.facility != "" {
		s.toSyslog(severityDebug, line)
	}
	appendLine(s.debugLog, s.debugLine(s.date(), line))
}

// debugLine is a line of HA_DEBUGLOG, where the tag comes first.
func (s *sink) debugLine(date, line string) string {
	start := s.tag + ":\t"
	if strings.TrimLeft(date, blanks) != date {
		start += " "
	}
	return start + join(date, line)
}

func (s *sink) toSyslog(severity int, line string) {
	facility, known := facilities[s.facility]
	if !known {
		_, _ = io.WriteString(s.stderr, "logger: unknown facility name: "+s.facility+"\n")
		return
	}
	s.syslog.send(facility, severity, s.now(), s.tag, line)
}

// severity finds the priority as the shell library does, by the words in the
// line, so that one rule in the administrator's syslog serves both.
func severity(line string) int {
	switch {
	case strings.Contains(line, "ERROR"):
		return severityError
	case strings.Contains(line, "WARN"):
		return severityWarning
	case strings.Contains(line, "INFO"):
		return severityInfo
	default:
		return severityNotice
	}
}

// blanks are what the shell splits words at.
const blanks = " \t\n"

// join puts a formatted date before a text as the shell's unquoted `date`
// does: runs of blanks become one, and a blank at the end separates.
func join(date, text string) string {
	joined := strings.Join(strings.Fields(date), " ")
	if joined == "" || strings.TrimRight(date, blanks) != date {
		return strings.TrimLeft(joined+" ", " ") + text
	}
	return joined + text
}

// appendLine appends to a log file, creating it. O_NONBLOCK keeps a FIFO without
// a reader from holding the action up.
func appendLine(path, line string) {
	if path == "/dev/null" {
		return
	}
	fd, err := unix.Open(path, unix.O_WRONLY|unix.O_APPEND|unix.O_CREAT|unix.O_CLOEXEC|unix.O_NONBLOCK|unix.O_NOCTTY, 0o644)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	_, _ = unix.Write(fd, []byte(line+"\n"))
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
