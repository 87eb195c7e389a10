// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"strings"

	"github.com/beevik/etree"
)

// Cluster properties and defaults:
//
//	property [ID:|$id=ID] [rule …]… NAME=VALUE…        the set cib-bootstrap-options
//	rsc_defaults [ID:|$id=ID|$id-ref=ID] …             the set rsc-options
//	op_defaults [ID:|$id=ID|$id-ref=ID] …              the set op-options
//
// Of a name that is given twice the last value counts.

var defaultSetID = map[string]string{
	"property": "cib-bootstrap-options", "rsc_defaults": "rsc-options", "op_defaults": "op-options",
}

func (c *cursor) parseProperties() *etree.Element {
	set := etree.NewElement(c.kind.tag)
	if !c.more() {
		c.expected("NAME=VALUE")
		return nil
	}
	if tok := c.headID(set); tok.to > 0 {
		c.id = tok
		c.checkID(tok, set.SelectAttrValue("id", ""))
	} else if c.kind.word == "property" && strings.HasPrefix(c.peek().text, "$id-ref=") {
		c.fail(c.id, "name the properties", "a set of properties cannot be a reference")
		return nil
	} else if c.idSpec(set) {
		return set
	} else {
		set.CreateAttr("id", defaultSetID[c.kind.word])
	}
	c.ruleList(set)
	c.pairs(set)
	lastValueCounts(set)
	return set
}

// lastValueCounts leaves each name once in a list of properties, with the
// last value that was given, as crmsh does. (In other lists crmsh keeps all,
// and pacemaker uses the first.)
func lastValueCounts(set *etree.Element) {
	first := map[string]*etree.Element{}
	for _, pair := range set.SelectElements("nvpair") {
		name, value := pair.SelectAttrValue("name", ""), pair.SelectAttr("value")
		if earlier := first[name]; earlier != nil && value != nil {
			earlier.CreateAttr("value", value.Value)
			set.RemoveChild(pair)
		} else if name != "" {
			first[name] = pair
		}
	}
}

func (p *printer) printProperties(k *kind, set *etree.Element) []string {
	if ref := set.SelectAttr("id-ref"); ref != nil {
		return []string{k.word + " $id-ref=" + quote(ref.Value)}
	}
	head := k.word + " " + set.SelectAttrValue("id", "") + ":"
	if id := set.SelectAttrValue("id", ""); quote(id) != id {
		head = k.word + " $id=" + quote(id)
	}
	return append([]string{head}, p.printSetContent(set)...)
}
