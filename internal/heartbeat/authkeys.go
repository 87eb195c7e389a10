// SPDX-License-Identifier: Apache-2.0

package heartbeat

import (
	"strconv"
	"strings"
)

// Key is the key of authkeys that signs. It never appears in messages.
type Key struct {
	Method string // crc, md5, sha1
	Secret string // empty for crc
}

// ParseKeys reads authkeys and returns the key that its auth line chooses.
func ParseKeys(file string, text []byte) (Key, error) {
	lines, errs := logicalLines(file, text, false)
	keys := map[int]Key{}
	chosen, at := 0, Place{file, 1, 1}
	for _, line := range lines {
		ws := words(line)
		if len(ws) == 0 {
			continue
		}
		if ws[0].Text == "auth" {
			if len(ws) != 2 || number(ws[1].Text) == 0 {
				errs.add(ws[0].At, "auth wants the number of one key, 1 to 15")
				continue
			}
			chosen, at = number(ws[1].Text), ws[1].At
			continue
		}
		n := number(ws[0].Text)
		if n == 0 || len(ws) < 2 {
			errs.add(ws[0].At, "write NUMBER METHOD KEY, with a number of 1 to 15")
			continue
		}
		k := Key{Method: strings.ToLower(ws[1].Text)}
		if len(ws) > 2 {
			k.Secret = ws[2].Text
		}
		switch {
		case k.Method != "crc" && k.Method != "md5" && k.Method != "sha1":
			errs.add(ws[1].At, "key %d has a method other than crc, md5 and sha1", n)
		case k.Method == "crc" && len(ws) > 2, k.Method != "crc" && len(ws) != 3:
			errs.add(ws[1].At, "key %d: crc has no key, md5 and sha1 have one without blanks", n)
		default:
			keys[n] = k
		}
	}
	key, ok := keys[chosen]
	if !ok && len(errs) == 0 {
		errs.add(at, "no key has the number that auth names")
	}
	return key, errs.orNil()
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 15 {
		return 0
	}
	return n
}
