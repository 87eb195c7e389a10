// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"strings"

	"github.com/beevik/etree"
)

// Sets of resources in colocation, order, rsc_ticket and location:
//
//	A B:QUALIFIER ( C D ) [ E F ]
//
// A qualifier is an action in an order, else a role. Neighbours with the same
// qualifier form one set, in sequence. Round brackets make a set whose members
// come in any order, square ones a set of which one member is enough;
// sequential=BOOL and require-all=BOOL inside a set change that. _rsc_set_ at
// the beginning says that two resources are meant as a set.

var actions = []string{"start", "stop", "promote", "demote"}

// constraintOption is what may stand at the end of a constraint.
var constraintOption = map[string]string{
	"colocation": "node-attribute", "order": "symmetrical", "rsc_ticket": "loss-policy",
}

func isBracket(word string) bool {
	return word != "" && strings.Contains("()[]{}", word) && len(word) == 1
}

// splitBrackets makes brackets words of their own, which may be written
// against their neighbours, up to the word until.
func (c *cursor) splitBrackets(until string) {
	rest := c.tokens[c.at:]
	split := make([]token, 0, len(rest))
	for i, tok := range rest {
		if tok.text == until {
			split = append(split, rest[i:]...)
			break
		}
		if tok.quoted {
			split = append(split, tok)
			continue
		}
		for len(tok.text) > 1 && strings.ContainsRune("([", rune(tok.text[0])) {
			split = append(split, token{text: tok.text[:1], from: tok.from, to: tok.from + 1})
			tok.text, tok.from = tok.text[1:], tok.from+1
		}
		n := len(tok.text)
		for n > 1 && strings.ContainsRune(")]", rune(tok.text[n-1])) {
			n--
		}
		closing := tok.text[n:]
		tok.text, tok.to = tok.text[:n], tok.to-len(closing)
		split = append(split, tok)
		for i := range closing {
			split = append(split, token{text: closing[i : i+1], from: tok.to + i, to: tok.to + i + 1})
		}
	}
	c.tokens = append(c.tokens[:c.at:c.at], split...)
}

// resourceSets reads sets up to the word until (the end, if that is empty).
// The qualifier is "role" or "action".
func (c *cursor) resourceSets(parent *etree.Element, qualifier, until string) {
	r := setReader{c: c, parent: parent, qualifier: qualifier, sequential: true, requireAll: true}
	r.begin()
	for c.more() && (until == "" || c.peek().text != until) {
		tok := c.take("")
		switch {
		case tok.text == "_rsc_set_":
		case !tok.quoted && (tok.text == "(" || tok.text == "["):
			r.open(tok)
		case !tok.quoted && (tok.text == ")" || tok.text == "]"):
			r.close(tok)
		case strings.Contains(tok.text, "="):
			r.attribute(tok)
		default:
			r.resource(tok)
		}
	}
	if r.bracket.text != "" {
		c.fail(r.bracket, "", "the bracket %s is never closed", r.bracket.text)
	}
	r.save()
	if parent.SelectElement("resource_set") == nil {
		c.expected("a resource")
	}
}

// setReader holds the set that is being read.
type setReader struct {
	c                      *cursor
	parent, set            *etree.Element
	qualifier, value       string // what the members of the set have in common
	bracket                token  // the one that is open
	sequential, requireAll bool
}

func (r *setReader) begin() { r.set, r.value = etree.NewElement("resource_set"), "" }

// save ends the set, if it has members.
func (r *setReader) save() {
	if len(r.set.Child) == 0 {
		return
	}
	if !r.requireAll {
		r.set.CreateAttr("require-all", "false")
	}
	if !r.sequential {
		r.set.CreateAttr("sequential", "false")
	}
	if r.value != "" {
		r.set.CreateAttr(r.qualifier, r.value)
	}
	r.parent.AddChild(r.set)
	r.begin()
}

func (r *setReader) open(tok token) {
	if r.bracket.text != "" {
		r.c.fail(tok, "", "sets of resources cannot be nested")
		return
	}
	r.save()
	r.bracket, r.sequential, r.requireAll = tok, false, tok.text == "("
}

func (r *setReader) close(tok token) {
	closes := map[string]string{"(": ")", "[": "]"}[r.bracket.text]
	switch {
	case r.bracket.text == "":
		r.c.fail(tok, "", "%s closes a bracket that was not opened", tok.text)
	case closes != tok.text:
		r.c.fail(tok, "write "+closes, "%s cannot close %s", tok.text, r.bracket.text)
	case len(r.set.Child) == 0:
		r.c.fail(tok, "", "a set of resources cannot be empty")
	default:
		r.save()
		r.bracket, r.sequential, r.requireAll = token{}, true, true
	}
}

func (r *setReader) attribute(tok token) {
	name, value, _ := strings.Cut(tok.text, "=")
	switch strings.ToLower(name) {
	case "sequential":
		r.sequential = r.c.boolean(tok, value, name) == "true"
	case "require-all":
		r.requireAll = r.c.boolean(tok, value, name) == "true"
	default:
		known := []string{"sequential", "require-all", constraintOption[r.c.kind.word]}
		r.c.fail(tok, r.c.p.near(name, known),
			"unexpected %s: a set of resources has sequential=BOOL and require-all=BOOL; options of the constraint stand at its end",
			quoteWord(shorten(tok.text)))
	}
}

func (r *setReader) resource(tok token) {
	id, value, _ := r.c.qualified(tok, r.qualifier)
	if value != r.value { // one set has one role or action
		r.save()
		r.value = value
	}
	r.set.AddChild(element("resource_ref", "id", id))
}

// qualified reads RESOURCE[:ROLE] or RESOURCE[:ACTION].
func (c *cursor) qualified(tok token, qualifier string) (id, value string, ok bool) {
	id, value, ok = strings.Cut(tok.text, ":")
	if ok && value != "" && strings.Trim(value, "0123456789") == "" {
		c.report(tok, "constrain the clone", "a single instance of a clone cannot be constrained since pacemaker 2.0")
	} else if ok && qualifier == "role" {
		value = c.role(tok, value)
	} else if ok {
		value = c.choice(tok, value, "action", actions)
	}
	c.p.refer(refResource, token{text: id, from: tok.from, to: min(tok.to, tok.from+len(id))}, id, nil)
	return id, value, ok
}

// printResourceSets writes the sets of a constraint as words. Where they
// could be taken for a plain pair of resources, _rsc_set_ goes first; the
// count says how many resources a plain constraint has.
func printResourceSets(el *etree.Element, qualifier string, count int) (words []string) {
	total, bracketed := 0, false
	for _, set := range el.SelectElements("resource_set") {
		open, closing := "", ""
		if isFalse(set, "require-all") {
			open, closing = "[", "]"
		} else if isFalse(set, "sequential") {
			open, closing = "(", ")"
		}
		if open != "" {
			words, bracketed = append(words, open), true
		}
		for _, ref := range set.SelectElements("resource_ref") {
			word := ref.SelectAttrValue("id", "")
			if value := set.SelectAttrValue(qualifier, ""); value != "" {
				word += ":" + value
			}
			words = append(words, quoteWord(word))
			total++
		}
		if open == "[" && !isFalse(set, "sequential") {
			words = append(words, "sequential=true")
		}
		if closing != "" {
			words = append(words, closing)
		}
	}
	if total == count && !bracketed {
		words = append([]string{"_rsc_set_"}, words...)
	}
	return words
}

func isFalse(el *etree.Element, attribute string) bool {
	return oneOf(el.SelectAttrValue(attribute, "true"), []string{"false", "no", "off", "0", "n"})
}
