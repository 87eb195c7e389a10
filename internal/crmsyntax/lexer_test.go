// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestWords: how lines become words.
func TestWords(t *testing.T) {
	for text, want := range map[string][]string{
		"a b\tc":                {"a", "b", "c"},
		`a "b c" 'd e'`:         {"a", "b c", "d e"},
		`a"b c"'d'e`:            {"ab cde"},
		`x="a\"b\\c\d"`:         {`x=a"b\c\d`},
		`x='a\b"c'`:             {`x=a\b"c`},
		`x=a\ b\"c\\d`:          {`x=a b"c\d`},
		`"" ''`:                 {"", ""},
		"a \\\n  b":             {"a", "b"},
		"a\\\nb":                {"ab"},
		"'a \\\n   b'":          {"a b"},
		"a \\\r\n b\r\n":        {"a", "b"},
		"a \\   \nb":            {"a", "b"},
		"a \\\n\nb":             {"a|", "b"}, // an empty line ends the object
		"a#b #c":                {"a#b", "#c"},
		"\ufeffa b":             {"a", "b"},
		"# c \\\n d\na":         {"a"},
		"a \\":                  {"a"},
		`a '#' "x"`:             {"a", "#", "x"},
		"a\vb\fc":               {"a", "b", "c"},
		"xml <a b=\"c  d\"/>":   {"xml"},
		"Xml <a>'</a>":          {"xml"},
		"xmlfoo 'a b'":          {"xmlfoo", "a b"},
		"   \\\n   \\\n   a b ": {"a", "b"},
	} {
		lx := &lexer{src: newSource("f", []byte(text))}
		var got []string
		for i, st := range lx.statements() {
			if i > 0 && len(got) > 0 {
				got[len(got)-1] += "|"
			}
			for _, tok := range st.tokens {
				got = append(got, tok.text)
			}
		}
		if len(lx.errors) > 0 || !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q (%v)", text, got, want, lx.errors)
		}
	}
}

// TestQuote: what is written is read as the same word, and is not quoted
// without need.
func TestQuote(t *testing.T) {
	for value, want := range map[string]string{
		"abc-1.2_X": "abc-1.2_X", "": `""`, "a b": `"a b"`, `a"b`: `"a\"b"`, `a\`: `"a\\"`, `\"`: `"\\\""`,
		"10.0.0.1/24": `"10.0.0.1/24"`, "ä": `"ä"`, "it's": `"it's"`, "#": `"#"`,
	} {
		if got := quote(value); got != want {
			t.Errorf("%q: got %s, want %s", value, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`[ -~äöü\t]{0,12}`).Draw(t, "value")
		name := rapid.StringMatching(`[a-z #"'\\]{1,5}`).Draw(t, "name")
		for _, written := range []string{quote(value), quoteWord(value), nameValue(name, value)} {
			lx := &lexer{src: newSource("f", []byte("first "+written))}
			statements := lx.statements()
			if len(lx.errors) > 0 || len(statements) != 1 || len(statements[0].tokens) != 2 {
				t.Fatalf("%s is read as %v %v", written, statements, lx.errors)
			}
			if got := statements[0].tokens[1].text; got != value && got != name+"="+value {
				t.Fatalf("%q %q, written %s, is read as %q", name, value, written, got)
			}
		}
	})
}

// TestTokenPlaces: every word knows its bytes.
func TestTokenPlaces(t *testing.T) {
	text := "first  \"a b\"\\\nc \\\n\tx='1 2' \\\n last\n"
	lx := &lexer{src: newSource("f", []byte(text))}
	var got []string
	for _, tok := range lx.statements()[0].tokens {
		got = append(got, text[tok.from:tok.to])
	}
	want := []string{"first", "\"a b\"\\\nc", "x='1 2'", "last"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestSuggest(t *testing.T) {
	words := []string{"primitive", "group", "op", "ms", "order", "inf"}
	for word, want := range map[string]string{
		"primitve": "primitive", "pirmitive": "primitive", "PRIMITIV": "primitive", "gruop": "group", "ordr": "order",
		"xyz": "", "o": "", "mss": "", "": "", strings.Repeat("primitive", 10): "", "imf": "inf",
	} {
		if got, _ := suggest(word, words); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
