// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"strings"

	"github.com/beevik/etree"
)

// Order:
//
//	order ID [KIND:|SCORE:] FIRST[:ACTION] THEN[:ACTION] [symmetrical=BOOL]
//	order ID [KIND:|SCORE:] SETS [symmetrical=BOOL]
//
// KIND is Mandatory, Optional or Serialize. A score is the old way to say it:
// 0 is Optional, any other Mandatory.

var orderKinds = []string{"Mandatory", "Optional", "Serialize"}

func (c *cursor) parseOrder() *etree.Element {
	el := etree.NewElement("rsc_order")
	c.objectID(el)
	if tok := c.peek(); c.more() && isScore(tok.text) {
		c.at++
		el.CreateAttr("kind", c.orderKind(tok))
	}
	if _, value, tok, ok := c.tailOption("symmetrical"); ok {
		el.CreateAttr("symmetrical", c.boolean(tok, value, "symmetrical"))
	}
	if c.isWord(orderKinds...) && c.at+3 == len(c.tokens) {
		c.fail(c.peek(), "write "+c.peek().text+":", "a colon must follow the kind of an order")
	}
	c.plainOrSets(el, "action", "first", "then")
	return el
}

func (c *cursor) orderKind(tok token) string {
	word := strings.TrimSuffix(tok.text, ":")
	score, ok := parseScore(word)
	switch {
	case oneOf(word, orderKinds) || !ok:
		return c.choice(tok, word, "kind of order or score", orderKinds)
	case score == "0":
		return "Optional"
	}
	return "Mandatory"
}

func (p *printer) printOrder(el *etree.Element) []string {
	words := []string{"order", el.SelectAttrValue("id", "")}
	if kind := el.SelectAttrValue("kind", ""); kind != "" {
		words = append(words, kind+":")
	} else if score := el.SelectAttrValue("score", ""); score != "" {
		words = append(words, printScore(score)+":")
	}
	words = append(words, printPlainOrSets(el, "action", "first", "then")...)
	if value := el.SelectAttr("symmetrical"); value != nil {
		words = append(words, nameValue("symmetrical", value.Value))
	}
	return []string{strings.Join(words, " ")}
}
