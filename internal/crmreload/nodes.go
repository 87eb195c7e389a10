// SPDX-License-Identifier: Apache-2.0

package crmreload

import (
	"github.com/beevik/etree"
)

// operators are the node attributes with which an operator takes a node out of service. A file from a template knows
// nothing of them.
var operators = map[string]bool{"standby": true, "maintenance": true}

// nodes keeps the cluster's members with their ids, what operators have set, and utilization.
func (m *merger) nodes() {
	inFile := map[string]*etree.Element{}
	for _, el := range children(m.root, "nodes") {
		inFile[el.SelectAttrValue("uname", "")] = el
	}
	for _, live := range children(m.live, "nodes") {
		if live.Tag != "node" {
			continue
		}
		uname := live.SelectAttrValue("uname", live.SelectAttrValue("id", ""))
		el, ok := inFile[uname]
		if !ok {
			m.section("nodes").AddChild(m.adopt(live))
			m.keep("it is a member of the cluster, which the file does not name", "node %s", uname)
			continue
		}
		m.identity(el, live, uname)
		m.operatorsChoice(el, live, uname)
		m.utilization(el, live, uname)
	}
}

// identity gives a node of the file the id and the type under which the cluster knows it.
func (m *merger) identity(el, live *etree.Element, uname string) {
	want := live.SelectAttrValue("id", "")
	if have := el.SelectAttrValue("id", ""); have != want {
		if have != uname { // an id that the file itself gives
			m.warn(el, "the cluster knows node %s by the id %s, not %s; its own is kept", uname, want, have)
		}
		el.CreateAttr("id", want)
	}
	if typ := live.SelectAttr("type"); typ != nil && el.SelectAttr("type") == nil {
		el.CreateAttr("type", typ.Value)
	}
}

// operatorsChoice keeps standby and maintenance of a node. What the file says about them counts only for a node that
// has neither yet.
func (m *merger) operatorsChoice(el, live *etree.Element, uname string) {
	for _, liveSet := range live.SelectElements("instance_attributes") {
		for _, pair := range liveSet.SelectElements("nvpair") {
			name := pair.SelectAttrValue("name", "")
			if !operators[name] {
				continue
			}
			value := pair.SelectAttrValue("value", "")
			if own := pairIn(el, "instance_attributes", name); own != nil {
				if own.SelectAttrValue("value", "") != value {
					m.keep("the operator's setting counts, not the file's "+own.SelectAttrValue("value", ""), "%s=%s of node %s", name, value, uname)
				}
				own.CreateAttr("value", value)
				continue
			}
			set := el.SelectElement("instance_attributes")
			if set == nil || set.SelectElement("rule") != nil || set.SelectAttr("id-ref") != nil {
				id := liveSet.SelectAttrValue("id", "nodes-"+live.SelectAttrValue("id", ""))
				for m.hasID(id) {
					id += "-kept"
				}
				set = el.CreateElement("instance_attributes")
				set.CreateAttr("id", id)
			}
			set.AddChild(m.adopt(pair))
			m.keep("an operator has set it", "%s=%s of node %s", name, value, uname)
		}
	}
}

func (m *merger) utilization(el, live *etree.Element, uname string) {
	if el.SelectElement("utilization") != nil {
		return
	}
	for _, set := range live.SelectElements("utilization") {
		el.AddChild(m.adopt(set))
		m.keep("the file gives the node none", "utilization of node %s", uname)
	}
}

// pairIn finds a name-value pair in the sets of one kind that have no rule.
func pairIn(el *etree.Element, kind, name string) *etree.Element {
	for _, set := range el.SelectElements(kind) {
		if set.SelectElement("rule") != nil {
			continue
		}
		for _, pair := range set.SelectElements("nvpair") {
			if pair.SelectAttrValue("name", "") == name {
				return pair
			}
		}
	}
	return nil
}
