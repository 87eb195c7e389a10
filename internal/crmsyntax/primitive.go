// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"strings"

	"github.com/beevik/etree"
)

// Primitives and resource templates:
//
//	primitive ID {[CLASS:[PROVIDER:]]TYPE|@TEMPLATE} [description=TEXT]
//	  [[params] SET] [meta SET]… [utilization SET]… [operations …] [op …]…
//	rsc_template ID [CLASS:[PROVIDER:]]TYPE …

var (
	primitiveSets    = clauses{"params": "instance_attributes", "meta": "meta_attributes", "utilization": "utilization"}
	primitiveClauses = []string{"params", "meta", "utilization", "operations", "op"}
)

func (c *cursor) parsePrimitive() *etree.Element {
	el := etree.NewElement(c.kind.tag)
	c.objectID(el)
	if tok := c.peek(); c.kind.word == "primitive" && c.more() && strings.HasPrefix(tok.text, "@") {
		c.at++
		el.CreateAttr("template", tok.text[1:])
		c.p.refer(refTemplate, tok, tok.text[1:], nil)
	} else {
		c.agent(el)
	}
	c.description(el)
	c.sets(el, primitiveSets, "params", primitiveClauses)
	return el
}

// objectID takes the id of an object.
func (c *cursor) objectID(el *etree.Element) {
	c.id = c.name("the id of the " + c.kind.word)
	el.CreateAttr("id", c.id.text)
}

// sets reads the sets of an object, and its operations if it may have any.
// A set before the first keyword belongs to implicit.
func (c *cursor) sets(el *etree.Element, sets clauses, implicit string, words []string) {
	c.clause = words
	if oneOf("op", words) {
		c.clause = append([]string{"op_params", "op_meta"}, words...)
	}
	if c.more() && !oneOf(c.peek().text, c.clause) && !isBracket(c.peek().text) {
		set := c.attributeSet(sets[implicit])
		if len(set.Child)+len(set.Attr) == 0 {
			c.clause = words
			return // not the beginning of a set: an error, which done() reports
		}
		el.AddChild(set)
	}
	for c.isWord(words...) {
		switch keyword := strings.ToLower(c.peek().text); keyword {
		case "op", "operations":
			el.AddChild(c.operations())
		default:
			c.at++
			el.AddChild(c.attributeSet(sets[keyword]))
		}
	}
	c.clause = words
}

// printPrimitive writes a primitive or a template.
func (p *printer) printPrimitive(k *kind, el *etree.Element) []string {
	name := printAgent(el)
	if template := el.SelectAttr("template"); template != nil {
		name = "@" + quoteWord(template.Value)
	}
	head := k.word + " " + el.SelectAttrValue("id", "") + " " + name
	return append([]string{head}, p.printSets(el, primitiveSets)...)
}

// printSets writes description, sets and operations of an object.
func (p *printer) printSets(el *etree.Element, sets clauses) (lines []string) {
	lines = append(lines, printDescription(el)...)
	for _, child := range el.ChildElements() {
		if child.Tag == "operations" {
			lines = append(lines, p.printOperations(child)...)
			continue
		}
		for keyword, tag := range sets {
			if tag == child.Tag {
				lines = append(lines, p.printSet(keyword, child))
			}
		}
	}
	return lines
}

func printDescription(el *etree.Element) []string {
	if text := el.SelectAttr("description"); text != nil {
		return []string{nameValue("description", text.Value)}
	}
	return nil
}
