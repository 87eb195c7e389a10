// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"strings"

	"github.com/beevik/etree"
)

// Nodes:
//
//	node [ID:|$id=ID] UNAME[:normal|:member|:ping|:remote] [description=TEXT]
//	  [[attributes] SET] [attributes SET]… [utilization SET]…

var (
	nodeSets    = clauses{"attributes": "instance_attributes", "utilization": "utilization"}
	nodeClauses = []string{"attributes", "utilization"}
	nodeTypes   = []string{"normal", "member", "ping", "remote"}
)

func (c *cursor) parseNode() *etree.Element {
	el := etree.NewElement("node")
	c.headID(el)
	tok := c.take("the name of the node")
	c.id = tok
	uname, typ, typed := strings.Cut(tok.text, ":")
	if uname == "" || strings.Contains(uname, "=") {
		c.fail(tok, "", "expected the name of a node, found %s", quoteWord(shorten(tok.text)))
	}
	el.CreateAttr("uname", uname)
	if typed {
		// normal is the default and no longer a value in the schema (nodes-3.0.rng).
		if typ = c.choice(tok, typ, "type of node", nodeTypes); typ != "normal" {
			el.CreateAttr("type", typ)
		}
	}
	if el.SelectAttr("id") == nil {
		el.CreateAttr("id", uname)
	}
	c.description(el)
	c.sets(el, nodeSets, "attributes", nodeClauses)
	return el
}

// headID takes the id that may stand before a node or a set of properties,
// as ID: or $id=ID.
func (c *cursor) headID(el *etree.Element) token {
	if _, id, tok, ok := c.option("$id"); ok {
		el.CreateAttr("id", id)
		return tok
	}
	if tok := c.peek(); c.more() && isScore(tok.text) {
		c.at++
		el.CreateAttr("id", strings.TrimSuffix(tok.text, ":"))
		return tok
	}
	return token{}
}

func (p *printer) printNode(el *etree.Element) []string {
	words := []string{"node"}
	uname, id := el.SelectAttrValue("uname", ""), el.SelectAttrValue("id", "")
	switch {
	case id == uname:
	case quote(id) == id:
		words = append(words, id+":")
	default:
		words = append(words, "$id="+quote(id))
	}
	if typ := el.SelectAttrValue("type", "normal"); typ != "normal" {
		uname += ":" + typ
	}
	return append([]string{strings.Join(append(words, quoteWord(uname)), " ")}, p.printSets(el, nodeSets)...)
}
