// SPDX-License-Identifier: Apache-2.0

package heartbeat

import (
	"strings"
	"testing"
)

// What convert's table does not reach: keys, and that a secret is never in a message.
func TestParseKeys(t *testing.T) {
	for _, c := range []struct{ in, method, err string }{
		{"auth 2\n1 crc\n2 sha1 Hush# c\n", "sha1", ""},
		{"auth 1\n1 crc\n", "crc", ""},
		{"1 md5 Hush\n", "", "keys:1:1: no key has the number"},
		{"auth 1\n1 sha1 Hush more\n", "", "keys:2:3: key 1: crc has no key"},
		{"auth 1\n1 aes Hush\n", "", "keys:2:3: key 1 has a method"},
		{"auth 16\n", "", "keys:1:1: auth wants"},
		{"auth 1\nHush 1\n", "", "keys:2:1: write NUMBER METHOD KEY"},
	} {
		k, err := ParseKeys("keys", []byte(c.in))
		if c.err == "" && (err != nil || k.Method != c.method) || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%q: %v, %v", c.in, k.Method, err)
		}
		if err != nil && strings.Contains(err.Error(), "Hush") {
			t.Errorf("the secret is in %q", err)
		}
	}
}

// Whatever the files hold, reading them ends with groups or with errors that have places.
func FuzzParse(f *testing.F) {
	f.Add("sp1 10.0.0.1/24 \\\n a::b # c\n")
	f.Add("node a b\nucast eth0 1.2.3.4\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, err1 := ParseResources("f", []byte(text))
		_, err2 := ParseConfig("f", []byte(text))
		_, err3 := ParseKeys("f", []byte(text))
		for _, err := range []error{err1, err2, err3} {
			if err != nil && !strings.HasPrefix(err.Error(), "f:") {
				t.Errorf("error without place: %v", err)
			}
		}
	})
}
