// SPDX-License-Identifier: Apache-2.0

package span

import (
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30": 30 * time.Second, "30s": 30 * time.Second, "2min": 2 * time.Minute, "800": 800 * time.Second, "500ms": 500 * time.Millisecond,
		"PT30S": 30 * time.Second, "PT1H2M3.5S": time.Hour + 2*time.Minute + 3500*time.Millisecond, "P1D": 24 * time.Hour, "P2W": 14 * 24 * time.Hour, "P1DT1M": 24*time.Hour + time.Minute, "0": 0,
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("%s: %v %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "P", "PT", "P1M", "P1Y", "-30", "30 parsecs", "PT30", "P30", "P99999999999W", "PT-3S"} {
		if got, err := Parse(text); err == nil {
			t.Errorf("%q was taken for %v", text, got)
		}
	}
}
