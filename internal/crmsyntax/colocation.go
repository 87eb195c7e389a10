// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"strings"

	"github.com/beevik/etree"
)

// Colocation:
//
//	colocation ID SCORE: RSC[:ROLE] WITH[:ROLE] [node-attribute=NAME]
//	colocation ID SCORE: SETS [node-attribute=NAME]      (also written collocation)

func (c *cursor) parseColocation() *etree.Element {
	el := etree.NewElement("rsc_colocation")
	c.objectID(el)
	tok := c.scoreWord("SCORE:")
	if !c.failed {
		el.CreateAttr("score", c.plainScore(tok))
	}
	if _, value, _, ok := c.tailOption("node-attribute"); ok {
		el.CreateAttr("node-attribute", value)
	}
	c.plainOrSets(el, "role", "rsc", "with-rsc")
	return el
}

// tailOption takes NAME=VALUE off the end of the statement.
func (c *cursor) tailOption(name string) (_, value string, tok token, ok bool) {
	if !c.more() {
		return "", "", token{}, false
	}
	tok = c.tokens[len(c.tokens)-1]
	left, value, found := strings.Cut(tok.text, "=")
	if !found || !strings.EqualFold(left, name) {
		return "", "", token{}, false
	}
	c.tokens = c.tokens[:len(c.tokens)-1]
	return name, value, tok, true
}

// plainOrSets reads as many resources as there are attributes, or sets of
// resources. A set is meant as soon as there are more of them or a bracket.
func (c *cursor) plainOrSets(el *etree.Element, qualifier string, attributes ...string) {
	c.splitBrackets("")
	rest := c.tokens[min(c.at, len(c.tokens)):]
	plain := len(rest) == len(attributes)
	for _, tok := range rest {
		if isBracket(tok.text) || tok.text == "_rsc_set_" || strings.Contains(tok.text, "=") {
			plain = false
		}
	}
	if !plain {
		c.resourceSets(el, qualifier, "")
		return
	}
	for _, name := range attributes {
		id, value, ok := c.qualified(c.take("a resource"), qualifier)
		el.CreateAttr(name, id)
		if ok {
			el.CreateAttr(name+"-"+qualifier, value)
		}
	}
}

// printPlainOrSets is the way back.
func printPlainOrSets(el *etree.Element, qualifier string, attributes ...string) (words []string) {
	if el.SelectElement("resource_set") != nil {
		return printResourceSets(el, qualifier, len(attributes))
	}
	for _, name := range attributes {
		word := el.SelectAttrValue(name, "")
		if value := el.SelectAttrValue(name+"-"+qualifier, ""); value != "" {
			word += ":" + value
		}
		words = append(words, quoteWord(word))
	}
	return words
}

func (p *printer) printColocation(el *etree.Element) []string {
	words := []string{"colocation", el.SelectAttrValue("id", "")}
	words = append(words, printScore(el.SelectAttrValue("score", ""))+":")
	words = append(words, printPlainOrSets(el, "role", "rsc", "with-rsc")...)
	if name := el.SelectAttr("node-attribute"); name != nil {
		words = append(words, nameValue("node-attribute", name.Value))
	}
	return []string{strings.Join(words, " ")}
}
