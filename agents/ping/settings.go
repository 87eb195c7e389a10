// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ocf-oci/internal/ocf"
	"ocf-oci/internal/reach"
)

// settings is what the parameters ask for.
type settings struct {
	name         string // of the node attribute
	dampen       string // as attrd_updater takes it
	stateFile    string
	hosts        []host
	multiplier   int64
	plan         reach.Plan
	sockets      sockets
	failureScore *int64 // nil: never fails for its score
	hysteresis   int64
	debug        int // 0, 1, 2

	notes []string // what validate-all says: accepted, but without effect or doubtful
}

// wrong is a parameter that cannot be used.
type wrong struct {
	reason *ocf.Reason
	args   []any
}

func (w *wrong) Error() string                   { return w.reason.Text(w.args...) }
func (w *wrong) result(code ocf.Code) ocf.Result { return w.reason.Result(code, w.args...) }

// get returns a parameter; as in ocf:pacemaker:ping an empty one counts as not set.
func get(r *ocf.Request, name string) string {
	if value := strings.TrimSpace(r.Get(name)); value != "" {
		return value
	}
	p, _ := model().Parameter(name)
	return p.Default
}

// readSettings reads the parameters. The error names the first that cannot be used.
func readSettings(r *ocf.Request) (settings, *wrong) {
	s := settings{name: get(r, "name"), dampen: get(r, "dampen"), stateFile: stateFile(r)}
	hosts, words, err := parseHosts(get(r, "host_list"))
	switch {
	case err != nil:
		return s, &wrong{reasonHost, []any{err}}
	case words == 0:
		return s, &wrong{reasonNoHosts, nil}
	}
	s.hosts = hosts

	var attempts int64
	integers := []struct {
		name        string
		to          *int64
		least, most int64
	}{
		{"multiplier", &s.multiplier, -1 << 31, 1<<31 - 1},
		{"attempts", &attempts, 1, 1000},
		{"hysteresis", &s.hysteresis, 0, 1000000},
	}
	for _, i := range integers {
		if *i.to, err = strconv.ParseInt(get(r, i.name), 10, 64); err != nil || *i.to < i.least || *i.to > i.most {
			return s, &wrong{reasonValue, []any{i.name, get(r, i.name), fmt.Sprintf("a whole number from %d to %d", i.least, i.most)}}
		}
	}
	if text := get(r, "failure_score"); text != "" {
		score, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return s, &wrong{reasonValue, []any{"failure_score", text, "a whole number"}}
		}
		s.failureScore = &score
	}
	const duration = "a time such as 500ms, 2s or 1min"
	if _, err := ocf.ParseDuration(s.dampen); err != nil {
		return s, &wrong{reasonValue, []any{"dampen", s.dampen, duration}}
	}
	timeout := defaultTimeout(r.Timeout, words, attempts)
	if text := get(r, "timeout"); text != "" {
		if timeout, err = ocf.ParseDuration(text); err != nil {
			return s, &wrong{reasonValue, []any{"timeout", text, duration}}
		}
	}
	s.plan = reach.Plan{Attempts: int(attempts), Timeout: limited(timeout)}
	s.sockets, s.notes = parseOptions(get(r, "options"))
	s.readDebug(get(r, "debug"))
	s.doubts(r)
	return s, nil
}

// defaultTimeout is what ocf:pacemaker:ping computes, in its order of whole-number divisions.
func defaultTimeout(operation time.Duration, hosts int, attempts int64) time.Duration {
	return time.Duration(operation.Milliseconds()/int64(hosts)/attempts/1100) * time.Second
}

// limited replaces a timeout that is no use, as ocf:pacemaker:ping does; but it takes less than a second seriously.
func limited(timeout time.Duration) time.Duration {
	switch {
	case timeout <= 0:
		return 5 * time.Second
	case timeout > 1000*time.Second:
		return 300 * time.Second
	}
	return timeout
}

// readDebug understands the words of ocf:pacemaker:ping; any other is false there as well.
func (s *settings) readDebug(text string) {
	switch strings.ToLower(text) {
	case "true", "1":
		s.debug = 1
	case "verbose", "2":
		s.debug = 2
	case "false", "0":
	default:
		s.notes = append(s.notes, fmt.Sprintf("debug=%q is none of false, true and verbose; it counts as false", text))
	}
}

// doubts notes what can be used but is probably not meant.
func (s *settings) doubts(r *ocf.Request) {
	note := func(format string, args ...any) { s.notes = append(s.notes, fmt.Sprintf(format, args...)) }
	if _, set := r.Lookup("use_fping"); set {
		note("use_fping has no effect: echoes are sent without ping or fping")
	}
	if !filepath.IsAbs(s.stateFile) {
		note("pidfile=%q should be an absolute path", s.stateFile)
	}
	if room := model().Timeout("monitor") / 2; s.plan.Timeout > room {
		note("timeout %v leaves no room in a monitor of 60 s: a dead host takes whole rounds, which are cut to the operation's timeout; 2s is enough in most networks", s.plan.Timeout)
	}
	sum := int64(0)
	for _, h := range s.hosts {
		sum += h.weight
		if h.Name != "" && !couldBeName(h.Name) {
			note("host_list: %q is neither an address nor a host name, so it never answers; hosts are separated by spaces", h.Name)
		}
	}
	if most := product(sum, s.multiplier); most >= maxWeight {
		note("the highest score is %d, but pacemaker treats all scores from %d as equal (INFINITY)", most, maxWeight)
	}
}

// couldBeName tells whether a word could be a host name (RFC 1123, and underscores, which exist). The last label has a letter,
// so a mistyped IPv4 address is none.
func couldBeName(word string) bool {
	labels := strings.Split(strings.TrimSuffix(word, "."), ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, func(r rune) bool {
			return r < 128 && !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", r)
		}) {
			return false
		}
	}
	return strings.Trim(labels[len(labels)-1], "0123456789") != ""
}

// stateFile is the file of ocf:pacemaker:ping, so that either agent finds what the other has started.
func stateFile(r *ocf.Request) string {
	if path := get(r, "pidfile"); path != "" {
		return path
	}
	dir := r.Env["HA_VARRUN"]
	if dir == "" {
		dir = "/var/run"
	}
	name := get(r, "name")
	if unique := r.Meta("globally_unique"); unique != "" && unique != "false" {
		name = r.Instance
	}
	return strings.TrimSuffix(dir, "/") + "/ping-" + name
}
