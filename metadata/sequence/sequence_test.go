// SPDX-License-Identifier: Apache-2.0

package sequence

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ocf-oci/metadata/manual/manualtest"
)

// TestManual keeps the pictures of the documentation equal to their texts.
func TestManual(t *testing.T) {
	texts, err := filepath.Glob("../../docs/pictures/*.seq")
	if err != nil || len(texts) == 0 {
		t.Fatalf("no text in docs/pictures: %v", err)
	}
	for _, file := range texts {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		svg, err := Draw(string(text))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		manualtest.CheckFile(t, strings.TrimSuffix(file, ".seq")+".svg", []byte(svg))
	}
}

func TestDrawIsXMLAndShowsEveryWord(t *testing.T) {
	svg, err := Draw("title: A & B\nactors: one | two\n# a comment\nspan one: lasts\none -> two: asks <it>\ntwo --> one: answers\none -> one: thinks\nnote two: rests\n--: later\nend one\n")
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		if text, ok := token.(xml.CharData); ok {
			said.Write(text)
		}
	}
	for _, w := range []string{"A & B", "one", "two", "asks <it>", "answers", "thinks", "rests", "later", "lasts"} {
		if !strings.Contains(said.String(), w) {
			t.Errorf("%q is not in the picture", w)
		}
	}
}

func TestDrawSaysWhereATextIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"title: x":                        "no line",
		"actors: a | b\na -> c: x":        `line 2: "a -> c: x"`,
		"actors: a | b\n\nnote c: x":      `line 3: "note c: x": no actor "c"`,
		"actors: a | b\nsomething else\n": "line 2",
	} {
		if _, err := Draw(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
