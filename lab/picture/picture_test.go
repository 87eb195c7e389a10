// SPDX-License-Identifier: Apache-2.0

package picture

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSVG(t *testing.T) {
	got := SVG("sp1: ngcp-ha status", "$ ngcp-ha status\na <b> & \"c\"\n\n!! d\n\n\n")
	if err := xml.Unmarshal([]byte(got), new(struct{})); err != nil {
		t.Fatal(err)
	}
	if strings.Count(got, "<text") != 4 || !strings.Contains(got, "a &lt;b&gt; &amp;") || !strings.Contains(got, `fill="#ff8f6b">!! d`) {
		t.Error(got)
	}
}

// The pictures in the documentation are those of the texts beside them.
func TestDocumentation(t *testing.T) {
	texts, err := filepath.Glob("../../docs/pictures/*.txt")
	if err != nil || len(texts) == 0 {
		t.Fatal("no pictures", err)
	}
	for _, file := range texts {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		title, pane, _ := strings.Cut(string(text), "\n")
		drawn, err := os.ReadFile(strings.TrimSuffix(file, ".txt") + ".svg")
		if err != nil || string(drawn) != SVG(title, pane) {
			t.Errorf("%s is not drawn from its text (%v); run: make pictures", file, err)
		}
	}
}
