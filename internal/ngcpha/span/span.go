// SPDX-License-Identifier: Apache-2.0

// Package span reads lengths of time in the spellings of pacemaker and its shells: 30, 30s, 2min, PT30S.
package span

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"ocf-oci/internal/ocf"
)

// iso is a duration of ISO 8601 without years and months, whose length depends on the calendar.
var iso = regexp.MustCompile(`^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$`)

// Parse reads a length. A number without unit is seconds. It is never negative.
func Parse(text string) (time.Duration, error) {
	s := strings.TrimSpace(text)
	if !strings.HasPrefix(s, "P") {
		d, err := ocf.ParseDuration(s)
		if err != nil {
			return 0, fmt.Errorf("%q is no length of time; write for example 30, 30s, 2min or PT30S", text)
		}
		return d, nil
	}
	m := iso.FindStringSubmatch(s)
	if m == nil || strings.HasSuffix(s, "T") || s == "P" {
		return 0, fmt.Errorf("%q is no duration of ISO 8601 such as PT30S, PT2M or P1D (months and years have no fixed length)", text)
	}
	total := 0.0
	for i, unit := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if m[i+1] != "" {
			n, _ := strconv.ParseFloat(m[i+1], 64)
			total += n * float64(unit)
		}
	}
	if total >= math.MaxInt64 {
		return 0, fmt.Errorf("the duration %q is too long; at most 292 years fit", text)
	}
	return time.Duration(math.Round(total)), nil
}
