// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"strings"

	"github.com/beevik/etree"
)

// Groups, clones and promotable clones:
//
//	group ID PRIMITIVE… [description=TEXT] [[params] SET] [meta SET]…
//	clone ID {PRIMITIVE|GROUP} …
//	ms ID {PRIMITIVE|GROUP} …          (also written master)

var (
	containerSets    = clauses{"params": "instance_attributes", "meta": "meta_attributes"}
	containerClauses = []string{"params", "meta"}
)

// memberTag marks the place of a child resource until all objects are known.
const memberTag = "member"

func (c *cursor) parseGroup() *etree.Element {
	el := etree.NewElement("group")
	c.objectID(el)
	var members []*etree.Element
	seen := map[string]bool{}
	for c.more() && !strings.Contains(c.peek().text, "=") && !c.isWord(containerClauses...) {
		tok := c.take("")
		if seen[tok.text] {
			c.report(tok, "", "%s is twice in the group", quoteWord(shorten(tok.text)))
			continue
		}
		seen[tok.text] = true
		members = append(members, c.member(tok))
	}
	if len(members) == 0 {
		c.expected("a primitive: a group has at least one member")
	}
	c.containerRest(el, members)
	return el
}

func (c *cursor) parseClone() *etree.Element {
	el := etree.NewElement(c.kind.tag)
	c.objectID(el)
	members := []*etree.Element{c.member(c.take("the primitive or group to clone"))}
	if tok := c.peek(); c.more() && !strings.Contains(tok.text, "=") && !oneOf(tok.text, containerClauses) {
		if _, ok := suggest(tok.text, containerClauses); !ok {
			c.fail(tok, "put the resources into a group and clone that", "a clone has one member, found another: %s", quoteWord(shorten(tok.text)))
		}
	}
	c.containerRest(el, members)
	return el
}

// member notes a reference to a resource that becomes a child.
func (c *cursor) member(tok token) *etree.Element {
	member := element(memberTag, "id", tok.text)
	if !c.failed {
		c.p.refer(refMember, tok, tok.text, nil)
		c.p.places[member] = tok
	}
	return member
}

// containerRest reads what follows the members. In the CIB the members come
// last, as crmsh writes them.
func (c *cursor) containerRest(el *etree.Element, members []*etree.Element) {
	c.description(el)
	c.sets(el, containerSets, "params", containerClauses)
	for _, member := range members {
		el.AddChild(member)
	}
}

// printContainer writes a group, clone or ms. Its members are objects of their own.
func (p *printer) printContainer(k *kind, el *etree.Element) []string {
	words := []string{k.word, el.SelectAttrValue("id", "")}
	for _, child := range el.ChildElements() {
		if isMember(child) {
			words = append(words, child.SelectAttrValue("id", ""))
		}
	}
	return append([]string{strings.Join(words, " ")}, p.printSets(el, containerSets)...)
}

// isMember tells whether an element inside a resource is a resource.
func isMember(el *etree.Element) bool {
	return el.Tag == "primitive" || el.Tag == "group" || el.Tag == memberTag
}
