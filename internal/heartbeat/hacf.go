// SPDX-License-Identifier: Apache-2.0

package heartbeat

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Directive is a line of ha.cf.
type Directive struct {
	Name string
	Args []Word
	At   Place
}

// Text is the directive with its arguments, blanks made one.
func (d Directive) Text() string {
	all := []string{d.Name}
	for _, a := range d.Args {
		all = append(all, a.Text)
	}
	return strings.Join(all, " ")
}

// counts are how many arguments a directive has: at least, and at most (-1: any number). What is not here is unknown
// to Heartbeat 3.0 (ha.cf(5)).
var counts = map[string][2]int{
	"apiauth": {2, -1}, "auto_failback": {1, 1}, "autojoin": {1, 1}, "baud": {1, 1}, "bcast": {1, -1}, "cluster": {1, 1},
	"compression": {1, 1}, "compression_threshold": {1, 1}, "conn_logd_time": {1, 1}, "coredumps": {1, 1}, "crm": {1, 1},
	"deadping": {1, 1}, "deadtime": {1, 1}, "debug": {1, 1}, "debugfile": {1, 1}, "enable_realtime": {1, 1}, "failback": {1, -1},
	"hbaping": {1, -1}, "hbgenmethod": {1, 1}, "hopfudge": {1, 1}, "initdead": {1, 1}, "keepalive": {1, 1}, "logfacility": {1, 1},
	"logfile": {1, 1}, "max_rexmit_delay": {1, 1}, "mcast": {5, 5}, "mcast6": {5, 5}, "memreserve": {1, 1}, "msgfmt": {1, 1},
	"nice_failback": {1, 1}, "node": {1, -1}, "opengroup": {1, -1}, "ping": {1, -1}, "ping6": {1, -1}, "ping_group": {2, -1}, "quorum": {1, 1},
	"quorum_server": {1, 1}, "realtime": {1, 1}, "respawn": {2, -1}, "rtprio": {1, 1}, "serial": {1, -1}, "stonith": {2, 2},
	"stonith_host": {3, -1}, "tickle": {1, -1}, "traditional_compression": {1, 1}, "udp": {1, -1}, "udpport": {1, 1}, "ucast": {2, 2},
	"ucast6": {2, 2}, "use_logd": {1, 1}, "uuidfrom": {1, 1}, "warntime": {1, 1}, "watchdog": {1, 1},
}

// ParseConfig reads ha.cf. Names of directives are in lower case, as Heartbeat wants them.
func ParseConfig(file string, text []byte) ([]Directive, error) {
	lines, errs := logicalLines(file, text, false)
	var all []Directive
	for _, line := range lines {
		ws := words(line)
		if len(ws) == 0 {
			continue
		}
		d := Directive{Name: ws[0].Text, Args: ws[1:], At: ws[0].At}
		if n, known := counts[d.Name]; known && (len(d.Args) < n[0] || n[1] >= 0 && len(d.Args) > n[1]) {
			errs.add(d.At, "%s has %d arguments, not %s", d.Name, len(d.Args), wanted(n))
			continue
		}
		all = append(all, d)
	}
	return all, errs.orNil()
}

func wanted(n [2]int) string {
	switch {
	case n[1] < 0:
		return fmt.Sprintf("%d or more", n[0])
	case n[0] == n[1]:
		return strconv.Itoa(n[0])
	}
	return fmt.Sprintf("%d to %d", n[0], n[1])
}

// Known tells whether Heartbeat knows a directive of that name.
func Known(name string) bool {
	_, ok := counts[name]
	return ok
}

// Last returns the last directive of a name, which is the one that counts for directives with one value.
func Last(all []Directive, name string) (Directive, bool) {
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Name == name {
			return all[i], true
		}
	}
	return Directive{}, false
}

// Nodes are the names of the node directives in their order, in lower case.
func Nodes(all []Directive) []Word {
	var names []Word
	for _, d := range all {
		if d.Name == "node" {
			for _, a := range d.Args {
				names = append(names, Word{strings.ToLower(a.Text), a.At})
			}
		}
	}
	return names
}

// ParseTime reads a time of ha.cf: seconds, or with a unit ms or us.
func ParseTime(s string) (time.Duration, error) {
	unit := time.Second
	number := s
	for suffix, u := range map[string]time.Duration{"ms": time.Millisecond, "us": time.Microsecond} {
		if n, ok := strings.CutSuffix(s, suffix); ok {
			number, unit = n, u
		}
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || f <= 0 || f > 1e9 {
		return 0, fmt.Errorf("%q is no time: write seconds (30) or milliseconds (500ms)", s)
	}
	return time.Duration(f * float64(unit)), nil
}

// Truth reads a truth value of ha.cf.
func Truth(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "true", "on", "yes", "y", "1":
		return true, true
	case "false", "off", "no", "n", "0":
		return false, true
	}
	return false, false
}
