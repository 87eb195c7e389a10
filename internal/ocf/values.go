// SPDX-License-Identifier: Apache-2.0

package ocf

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// IsTrue tells whether a value means yes, exactly as ocf_is_true does: "Yes",
// "On" and "y" do not.
func IsTrue(s string) bool {
	switch s {
	case "yes", "true", "1", "YES", "TRUE", "True", "ja", "on", "ON":
		return true
	}
	return false
}

// durationUnits are the units that pacemaker accepts (crm_get_msec), and "d".
var durationUnits = map[string]time.Duration{
	"us": time.Microsecond, "usec": time.Microsecond,
	"ms": time.Millisecond, "msec": time.Millisecond,
	"": time.Second, "s": time.Second, "sec": time.Second,
	"m": time.Minute, "min": time.Minute,
	"h": time.Hour, "hr": time.Hour,
	"d": 24 * time.Hour,
}

// ParseDuration reads a duration in the spellings that OCF and pacemaker know:
// a number, seconds if no unit follows, else one of us, usec, ms, msec, s, sec,
// m, min, h, hr, d. The number may have a fraction. It is never negative.
func ParseDuration(s string) (time.Duration, error) {
	text := strings.TrimSpace(s)
	digits := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	number, unit := text, ""
	if digits >= 0 {
		number, unit = text[:digits], strings.ToLower(strings.TrimSpace(text[digits:]))
	}
	scale, ok := durationUnits[unit]
	value, err := strconv.ParseFloat(number, 64)
	if err != nil || !ok {
		return 0, fmt.Errorf("%q is no duration; write for example 20, 20s, 500ms, 2min or 1h", s)
	}
	d := value * float64(scale)
	if d >= math.MaxInt64 {
		return 0, fmt.Errorf("the duration %q is too long; at most 292 years fit", s)
	}
	return time.Duration(math.Round(d)), nil
}
