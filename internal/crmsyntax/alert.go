// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"strconv"
	"strings"

	"github.com/beevik/etree"
)

// Alerts:
//
//	alert ID PATH [description=TEXT] [attributes SET]… [meta SET]…
//	  [select {nodes|fencing|resources|attributes { NAME… }}…]
//	  [to RECIPIENT | to { RECIPIENT }]…
//
//	RECIPIENT  VALUE [description=TEXT] [attributes SET]… [meta SET]…
//
// The brackets show where a recipient ends when more of the alert follows.

var (
	alertSets    = clauses{"attributes": "instance_attributes", "meta": "meta_attributes"}
	alertClauses = []string{"attributes", "meta", "select", "to"}
	alertSelects = []string{"nodes", "fencing", "resources", "attributes"}
)

func (c *cursor) parseAlert() *etree.Element {
	el := etree.NewElement("alert")
	c.objectID(el)
	if c.isWord(alertClauses...) {
		c.expected("the path of the alert agent")
	}
	el.CreateAttr("path", c.take("the path of the alert agent").text)
	c.description(el)
	c.clause = alertClauses
	recipients := 0
	for c.more() {
		switch {
		case c.isWord("attributes", "meta"):
			el.AddChild(c.attributeSet(alertSets[strings.ToLower(c.take("").text)]))
		case c.word("select"):
			c.alertSelect(el)
		case c.word("to"):
			recipients++
			el.AddChild(c.recipient(el.SelectAttrValue("id", "") + "-recipient-" + strconv.Itoa(recipients)))
		default:
			return el
		}
	}
	return el
}

// alertSelect reads what an alert is told. The schema has one select in an
// alert, so a second one adds to the first.
func (c *cursor) alertSelect(alert *etree.Element) {
	selected := alert.SelectElement("select")
	if selected == nil {
		selected = etree.NewElement("select")
	}
	for c.isWord(alertSelects...) {
		tok := c.peek()
		word := strings.ToLower(tok.text)
		isNames := c.at+1 < len(c.tokens) && c.tokens[c.at+1].text == "{"
		if word == "attributes" && !isNames {
			break // a set of attributes for the agent begins
		}
		c.at++
		if selected.SelectElement("select_"+word) != nil {
			c.fail(tok, "", "%s is selected twice", word)
			return
		}
		what := selected.CreateElement("select_" + word)
		if word != "attributes" {
			continue
		}
		open := c.take("{")
		for c.more() && c.peek().text != "}" {
			what.AddChild(element("attribute", "name", c.take("").text))
		}
		if !c.word("}") {
			c.fail(open, "", "the bracket { is never closed")
		}
	}
	if len(selected.Child) == 0 {
		c.expected("what to select: "+alternatives(alertSelects)+" { NAME… }", alertSelects...)
	} else if selected.Parent() == nil {
		alert.AddChild(selected)
	}
}

func (c *cursor) recipient(id string) *etree.Element {
	open := c.peek()
	bracket := c.word("{")
	if c.peek().text == "}" || c.isWord(alertClauses...) {
		c.expected("a recipient")
	}
	el := element("recipient", "id", id, "value", c.take("a recipient").text)
	c.description(el)
	for c.isWord("attributes", "meta") {
		el.AddChild(c.attributeSet(alertSets[strings.ToLower(c.take("").text)]))
	}
	if bracket && !c.word("}") {
		c.fail(open, "", "the bracket { is never closed")
	}
	return el
}

func (p *printer) printAlert(el *etree.Element) []string {
	head := "alert " + el.SelectAttrValue("id", "") + " " + quote(el.SelectAttrValue("path", ""))
	lines := append([]string{head}, printDescription(el)...)
	for _, child := range el.ChildElements() {
		switch child.Tag {
		case "instance_attributes":
			lines = append(lines, p.printSet("attributes", child))
		case "meta_attributes":
			lines = append(lines, p.printSet("meta", child))
		case "select":
			lines = append(lines, printSelect(child))
		case "recipient":
			lines = append(lines, p.printRecipient(child))
		}
	}
	return lines
}

func printSelect(el *etree.Element) string {
	words := []string{"select"}
	for _, child := range el.ChildElements() {
		words = append(words, strings.TrimPrefix(child.Tag, "select_"))
		if child.Tag != "select_attributes" {
			continue
		}
		words = append(words, "{")
		for _, attribute := range child.SelectElements("attribute") {
			words = append(words, quoteWord(attribute.SelectAttrValue("name", "")))
		}
		words = append(words, "}")
	}
	return strings.Join(words, " ")
}

// printRecipient puts brackets around a recipient unless it is just a value.
func (p *printer) printRecipient(el *etree.Element) string {
	words := append([]string{quote(el.SelectAttrValue("value", ""))}, printDescription(el)...)
	for _, child := range el.ChildElements() {
		switch child.Tag {
		case "instance_attributes":
			words = append(words, p.printSet("attributes", child))
		case "meta_attributes":
			words = append(words, p.printSet("meta", child))
		}
	}
	if next := el.NextSibling(); len(words) > 1 || next != nil && next.Tag != "recipient" {
		return "to { " + strings.Join(words, " ") + " }"
	}
	return "to " + words[0]
}
