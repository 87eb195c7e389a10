// SPDX-License-Identifier: Apache-2.0

package monit

import "strings"

// token is a word of the control file's language. A quoted one is never a keyword.
type token struct {
	text   string
	quoted bool
}

func (t token) is(words ...string) bool {
	for _, w := range words {
		if !t.quoted && strings.EqualFold(t.text, w) {
			return true
		}
	}
	return false
}

// lex splits a control file into words. Comments go to the end of their line; an equals sign, commas and semicolons only
// separate; quotes hold anything but themselves, and may begin in the middle of a word (allow admin:"pass word").
func lex(text string) []token {
	var all []token
	var word strings.Builder
	open, quoted := false, false
	end := func() {
		if open {
			all = append(all, token{word.String(), quoted})
		}
		word.Reset()
		open, quoted = false, false
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '"' || c == '\'':
			length := strings.IndexByte(text[i+1:], c)
			if length < 0 {
				length = len(text) - i - 1
			}
			if open && quoted {
				end()
			}
			quoted = !open
			open = true
			word.WriteString(text[i+1 : i+1+length])
			i += length + 1
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == ';':
			end()
		case c == '#' && !open:
			for i < len(text) && text[i] != '\n' {
				i++
			}
		case c == '=' && !strings.Contains(word.String(), ":"): // a password may hold one
			end()
		case c == '{' || c == '}':
			end()
			all = append(all, token{text: string(c)})
		default:
			if quoted {
				end()
			}
			open = true
			word.WriteByte(c)
		}
	}
	end()
	return all
}

// words splits a program's command line as monit does: at blanks, with quotes around arguments that hold some, and a
// backslash before a character that is meant literally.
func words(line string) []string {
	var all []string
	var word strings.Builder
	open := false
	quote := byte(0)
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '\\' && i+1 < len(line) && quote == 0:
			i++
			word.WriteByte(line[i])
			open = true
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteByte(c)
		case c == '"' || c == '\'':
			quote, open = c, true
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if open {
				all = append(all, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteByte(c)
			open = true
		}
	}
	if open {
		all = append(all, word.String())
	}
	return all
}
