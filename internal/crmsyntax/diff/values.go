// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"regexp"
	"strconv"
	"strings"
)

// valueType says which spellings of a value mean the same.
type valueType int

const (
	text     valueType = iota // every letter counts
	boolean                   // true yes on y 1
	duration                  // 60 60s 60000ms 1min
	score                     // inf INFINITY 1000000, +5 and 5
	role                      // Master and Promoted
)

// propertyTypes are the cluster properties that are not just text, as
// "pacemaker-schedulerd metadata" and its siblings tell.
var propertyTypes = types(map[valueType]string{
	boolean: "symmetric-cluster maintenance-mode start-failure-is-fatal enable-startup-probes shutdown-lock " +
		"stonith-enabled have-watchdog concurrent-fencing startup-fencing stop-all-resources stop-orphan-resources " +
		"stop-orphan-actions remove-after-stop enable-acl",
	duration: "shutdown-lock-limit stonith-timeout priority-fencing-delay cluster-delay dc-deadtime " +
		"cluster-recheck-interval election-timeout shutdown-escalation join-integration-timeout " +
		"join-finalization-timeout transition-delay stonith-watchdog-timeout node-pending-timeout",
	score: "node-health-base node-health-green node-health-yellow node-health-red",
})

// metaTypes are the meta attributes of resources.
var metaTypes = types(map[valueType]string{
	boolean: "is-managed maintenance allow-migrate critical notify ordered interleave globally-unique promotable " +
		"remote-allow-migrate allow-unhealthy-nodes",
	duration: "failure-timeout remote-connect-timeout",
	score:    "priority resource-stickiness migration-threshold",
	role:     "target-role",
})

// opTypes are the attributes and meta attributes of operations.
var opTypes = types(map[valueType]string{
	boolean:  "enabled record-pending",
	duration: "interval timeout start-delay",
	role:     "role",
})

func types(words map[valueType]string) map[string]valueType {
	byName := map[string]valueType{}
	for typ, names := range words {
		for _, name := range strings.Fields(names) {
			byName[name] = typ
		}
	}
	return byName
}

// canonical returns the one spelling of all that mean the same.
func canonical(typ valueType, value string) string {
	lower := strings.ToLower(value)
	switch typ {
	case boolean:
		switch lower {
		case "true", "yes", "on", "y", "1":
			return "true"
		case "false", "no", "off", "n", "0":
			return "false"
		}
	case duration:
		if ms, ok := milliseconds(lower); ok {
			return ms
		}
	case score:
		return canonicalScore(value)
	case role:
		switch lower {
		case "master", "promoted":
			return "Promoted"
		case "slave", "unpromoted":
			return "Unpromoted"
		case "started":
			return "Started"
		case "stopped":
			return "Stopped"
		}
	}
	return value
}

// infinity is what pacemaker takes for endless.
const infinity = 1_000_000

func canonicalScore(value string) string {
	unsigned := strings.TrimPrefix(value, "+")
	switch strings.ToLower(unsigned) {
	case "inf", "infinity":
		return "INFINITY"
	case "-inf", "-infinity":
		return "-INFINITY"
	}
	n, err := strconv.Atoi(unsigned)
	switch {
	case err != nil:
		return value
	case n >= infinity:
		return "INFINITY"
	case n <= -infinity:
		return "-INFINITY"
	}
	return strconv.Itoa(n)
}

var durationText = regexp.MustCompile(`^([0-9]+)\s*(us|usec|ms|msec|s|sec|m|min|h|hr|)$`)

// milliseconds reads a time as pacemaker does (crm_get_msec): seconds unless
// a unit is given. Anything finer than a millisecond is left as it is.
func milliseconds(value string) (string, bool) {
	parts := durationText.FindStringSubmatch(strings.TrimSpace(value))
	if parts == nil {
		return "", false
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	unit := map[string]int64{"ms": 1, "msec": 1, "": 1000, "s": 1000, "sec": 1000,
		"m": 60_000, "min": 60_000, "h": 3_600_000, "hr": 3_600_000}[parts[2]]
	if err != nil || unit == 0 || n > (1<<62)/unit {
		return "", false
	}
	return strconv.FormatInt(n*unit, 10) + "ms", true
}

// show writes a value so that it can be told from words.
func show(value string) string {
	if value == "" || strings.ContainsAny(value, " \t\n\"") {
		return strconv.Quote(value)
	}
	return value
}
