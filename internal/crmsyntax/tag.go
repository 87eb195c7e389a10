// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"strings"

	"github.com/beevik/etree"
)

// Tags name a number of objects:
//
//	tag ID[:] OBJECT…

func (c *cursor) parseTag() *etree.Element {
	el := etree.NewElement("tag")
	tok := c.take("the id of the tag")
	c.id = tok
	id := strings.TrimSuffix(tok.text, ":")
	if !c.failed {
		c.checkID(tok, id)
	}
	el.CreateAttr("id", id)
	if !c.more() {
		c.expected("an object to tag")
	}
	for c.more() {
		object := c.take("")
		if strings.Contains(object.text, "=") {
			c.fail(object, "", "expected the id of an object, found %s", quoteWord(shorten(object.text)))
			break
		}
		c.p.refer(refTagged, object, object.text, nil)
		el.AddChild(element("obj_ref", "id", object.text))
	}
	return el
}

func (p *printer) printTag(el *etree.Element) []string {
	words := []string{"tag", el.SelectAttrValue("id", "")}
	for _, object := range el.SelectElements("obj_ref") {
		words = append(words, quoteWord(object.SelectAttrValue("id", "")))
	}
	return []string{strings.Join(words, " ")}
}
