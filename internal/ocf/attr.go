// SPDX-License-Identifier: Apache-2.0

package ocf

import (
	"log/slog"
	"regexp"
	"strconv"
	"strings"
)

// redacted stands for a secret in logs and traces.
const redacted = "[redacted]"

var (
	secretName  = regexp.MustCompile(`(?i)passw(or)?d|passphrase|secret|token|credential|authorization|private_?key|key_?content|(^|[._])pass$`)
	secretValue = regexp.MustCompile(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)|\b(Bearer|Signature|Basic) [^\s]+.*|\beyJ[\w-]+\.[\w-]+\.[\w-]*`)
)

// redact returns value as it may be written, given the name it belongs to.
// Nobody should log a secret; this is the second lock on that door.
func redact(name, value string) string {
	if value != "" && secretName.MatchString(name) {
		return redacted
	}
	return secretValue.ReplaceAllString(value, redacted)
}

// writeAttr appends " key=value", quoted where needed, groups as "group.key".
func writeAttr(text *strings.Builder, prefix string, a slog.Attr) {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, inner := range v.Group() {
			writeAttr(text, prefix, inner)
		}
		return
	}
	if a.Key == "" {
		return
	}
	value := redact(a.Key, v.String())
	if value == "" || strings.ContainsAny(value, " =\"\t\r\n") {
		value = strconv.Quote(value)
	}
	text.WriteString(" " + prefix + a.Key + "=" + value)
}
