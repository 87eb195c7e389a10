// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"strings"

	"github.com/beevik/etree"
)

// Location:
//
//	location ID WHAT [role=ROLE] [resource-discovery=WHEN] SCORE: NODE
//	location ID WHAT [role=ROLE] [resource-discovery=WHEN] rule … [rule …]…
//
//	WHAT  RESOURCE | /PATTERN/ | { SETS }
//	WHEN  always | never | exclusive

var discovery = []string{"always", "never", "exclusive"}

func (c *cursor) parseLocation() *etree.Element {
	el := etree.NewElement("rsc_location")
	c.objectID(el)
	what := c.peek()
	switch {
	case c.word("{"):
		c.splitBrackets("}")
		c.resourceSets(el, "role", "}")
		if !c.word("}") {
			c.fail(what, "", "the bracket { is never closed")
		}
	case len(what.text) > 2 && strings.HasPrefix(what.text, "/") && strings.HasSuffix(what.text, "/"):
		c.at++
		el.CreateAttr("rsc-pattern", what.text[1:len(what.text)-1])
	default:
		c.take("a resource, /PATTERN/ or { SETS }")
		if strings.HasPrefix(what.text, "/") || strings.Contains(what.text, "=") || isScore(what.text) {
			c.fail(what, "", "expected a resource, /PATTERN/ or { SETS }, found %s", quoteWord(shorten(what.text)))
			return el
		}
		el.CreateAttr("rsc", what.text)
		c.p.refer(refResource, what, what.text, nil)
	}
	c.locationOptions(el)
	if c.isWord("rule") {
		c.ruleList(el)
		return el
	}
	score := c.scoreWord("SCORE: NODE or rule")
	if c.failed {
		return el
	}
	el.CreateAttr("score", c.plainScore(score))
	node := c.take("the name of a node")
	el.CreateAttr("node", node.text)
	c.p.refer(refNode, node, node.text, nil)
	c.locationOptions(el) // the role used to stand behind the node
	return el
}

// locationOptions reads NAME=VALUE, the name with or without a $ before it.
func (c *cursor) locationOptions(el *etree.Element) {
	for {
		name, value, tok, ok := c.option("role", "resource-discovery", "$role", "$resource-discovery")
		if !ok {
			break
		}
		if name = strings.TrimPrefix(name, "$"); name == "role" {
			el.CreateAttr("role", c.role(tok, value))
		} else {
			el.CreateAttr(name, c.choice(tok, value, "value of resource-discovery", discovery))
		}
	}
	if tok := c.peek(); c.more() && strings.Contains(tok.text, "=") && !isScore(tok.text) {
		c.fail(tok, c.p.near(tok.text, []string{"role=", "resource-discovery="}),
			"unexpected %s: a location has role=ROLE and resource-discovery=WHEN", quoteWord(shorten(tok.text)))
	}
}

func (p *printer) printLocation(el *etree.Element) []string {
	words := []string{"location", el.SelectAttrValue("id", "")}
	switch {
	case el.SelectAttr("rsc") != nil:
		words = append(words, quoteWord(el.SelectAttrValue("rsc", "")))
	case el.SelectAttr("rsc-pattern") != nil:
		words = append(words, quoteWord("/"+el.SelectAttrValue("rsc-pattern", "")+"/"))
	default:
		words = append(append(append(words, "{"), printResourceSets(el, "role", 0)...), "}")
	}
	for _, name := range []string{"role", "resource-discovery"} {
		if value := el.SelectAttr(name); value != nil {
			words = append(words, nameValue(name, value.Value))
		}
	}
	if node := el.SelectAttr("node"); node != nil {
		words = append(words, printScore(el.SelectAttrValue("score", ""))+":", quoteWord(node.Value))
	}
	lines := []string{strings.Join(words, " ")}
	for _, rule := range el.SelectElements("rule") {
		lines = append(lines, p.printRule(rule))
	}
	return lines
}
