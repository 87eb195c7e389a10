// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/beevik/etree"

	"ocf-oci/internal/crmsyntax"
)

// places finds the element that stands in a line of the document that was
// given to crm_verify, where every tag has a line of its own.
type places struct {
	cfg    *crmsyntax.Configuration
	byLine map[int]*etree.Element
}

func newPlaces(cfg *crmsyntax.Configuration, document []byte) places {
	at := places{cfg: cfg, byLine: map[int]*etree.Element{}}
	before, _, found := bytes.Cut(document, []byte("<configuration"))
	if found {
		at.number(cfg.Element(), bytes.Count(before, []byte("\n"))+1)
	}
	return at
}

// number notes the line of an element and of what it contains, and returns
// the line after it.
func (at places) number(el *etree.Element, line int) int {
	at.byLine[line] = el
	line++
	inside := false
	for _, child := range el.Child {
		switch child := child.(type) {
		case *etree.Element:
			inside, line = true, at.number(child, line)
		case *etree.Comment:
			inside, line = true, line+1+strings.Count(child.Data, "\n")
		}
	}
	if inside {
		line++ // the end tag
	}
	return line
}

// finding makes a finding for a line of the document.
func (at places) finding(line int, tag, message string) Finding {
	el := at.byLine[line]
	if el == nil {
		text := message
		if tag != "" {
			text = fmt.Sprintf("<%s>: %s", tag, message)
		}
		return Finding{Text: text}
	}
	if parent := el.Parent(); parent != nil && parent.Tag == "configuration" && len(el.ChildElements()) > 0 {
		return at.inSection(el, message)
	}
	text := fmt.Sprintf("%s is not what the schema allows: %s", name(el), message)
	return Finding{Text: text, Error: at.cfg.ErrorAt(el, text)}
}

// What a message without a place names.
var (
	namedElement   = regexp.MustCompile(`[Ee]lement (\S+)(?: has extra content: (\S+))?`)
	namedAttribute = regexp.MustCompile(`attribute (\S+)`)
)

// likely makes a finding for a message without a line: its place is that of the only element it can mean.
func (at places) likely(message string) Finding {
	tag, attribute := "", ""
	if m := namedElement.FindStringSubmatch(message); m != nil {
		tag = cmp.Or(m[2], m[1])
	}
	if m := namedAttribute.FindStringSubmatch(message); m != nil {
		attribute = m[1]
	}
	var lines []int
	for line, el := range at.byLine {
		if el.Tag == tag && (attribute == "" || el.SelectAttr(attribute) != nil) {
			lines = append(lines, line)
		}
	}
	if len(lines) != 1 {
		return at.finding(0, "", message)
	}
	return at.finding(lines[0], tag, message)
}

// inSection makes a finding for a section of which crm_verify does not say
// which object it dislikes.
func (at places) inSection(section *etree.Element, message string) Finding {
	var names []string
	for _, el := range section.ChildElements() {
		names = append(names, name(el))
	}
	text := fmt.Sprintf("%s: not what the schema allows: %s", strings.Join(names, " or "), message)
	return Finding{Text: text, Error: at.cfg.ErrorAt(section.ChildElements()[0], text)}
}

// name says which element is meant: itself, and the object that it is in.
func name(el *etree.Element) string {
	own := "<" + el.Tag + ">"
	if value := el.SelectAttrValue("name", ""); value != "" {
		own = "<" + el.Tag + " " + value + ">"
	} else if id := el.SelectAttrValue("id", ""); id != "" {
		own = "<" + el.Tag + " " + id + ">"
	}
	for parent := el.Parent(); parent != nil && parent.Parent() != nil && parent.Parent().Tag != "configuration"; parent = parent.Parent() {
		if id := parent.SelectAttrValue("id", ""); id != "" {
			return own + " in <" + parent.Tag + " " + id + ">"
		}
	}
	return own
}

// hasUnknownID tells whether a message is about an id that is said to be unknown although it is there.
func (at places) hasUnknownID(message string) bool {
	m := unknownID.FindStringSubmatch(message)
	if m == nil {
		return false
	}
	for _, el := range at.byLine {
		if el.SelectAttrValue("id", "") == m[1] {
			return true
		}
	}
	return false
}
