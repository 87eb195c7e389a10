// SPDX-License-Identifier: Apache-2.0

package failcounts

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Score is a number in the arithmetic of pacemaker's scores: a million is infinite.
type Score int

// Infinity is the largest score.
const Infinity Score = 1000000

// String is the number, or INFINITY.
func (s Score) String() string {
	switch {
	case s >= Infinity:
		return "INFINITY"
	case s <= -Infinity:
		return "-INFINITY"
	}
	return strconv.Itoa(int(s))
}

// MarshalJSON writes a number, or the word that pacemaker writes.
func (s Score) MarshalJSON() ([]byte, error) {
	if s >= Infinity || s <= -Infinity {
		return json.Marshal(s.String())
	}
	return json.Marshal(int(s))
}

// UnmarshalJSON reads either.
func (s *Score) UnmarshalJSON(text []byte) error {
	word := string(text)
	if n := len(word); n > 1 && word[0] == '"' {
		word = word[1 : n-1]
	}
	v, err := ParseScore(word)
	*s = v
	return err
}

// ParseScore reads a score as the CIB has it.
func ParseScore(text string) (Score, error) {
	switch text {
	case "INFINITY", "+INFINITY", "infinity", "+infinity":
		return Infinity, nil
	case "-INFINITY", "-infinity":
		return -Infinity, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("%q is neither a number nor INFINITY", text)
	}
	return min(max(Score(n), -Infinity), Infinity), nil
}

func (s Score) plus(t Score) Score { return min(max(s+t, -Infinity), Infinity) }
