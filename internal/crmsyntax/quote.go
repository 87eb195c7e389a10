// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import "strings"

// quote writes a value the way crmsh does: bare when it consists of letters,
// digits, '_', '.' and '-' only, else in double quotes. Unlike crmsh it also
// protects backslashes, without which "a\" could not be read back.
func quote(value string) string {
	if value != "" && strings.IndexFunc(value, needsQuote) < 0 {
		return value
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}

func needsQuote(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return r != '_' && r != '.' && r != '-'
}

// quoteWord writes one whole word; it is quoted only when it must be, since
// words such as /pattern/ or #uname read better bare.
func quoteWord(word string) string {
	if word == "" || word == "#" || strings.ContainsAny(word, " \t\f\v\"'\\") {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word) + `"`
	}
	return word
}

// nameValue writes NAME=VALUE. A name that holds blanks or quotes has the
// whole word quoted.
func nameValue(name, value string) string {
	if quoteWord(name) != name {
		return quoteWord(name + "=" + value)
	}
	return name + "=" + quote(value)
}
