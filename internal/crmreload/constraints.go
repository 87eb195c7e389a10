// SPDX-License-Identifier: Apache-2.0

package crmreload

import (
	"strings"

	"github.com/beevik/etree"
)

// temporary begins the ids of the constraints that crm_resource --move and --ban make.
const temporary = "cli-"

// moves keeps or drops temporary constraints of the live configuration.
func (m *merger) moves() {
	for _, el := range children(m.live, "constraints") {
		id := el.SelectAttrValue("id", "")
		if !strings.HasPrefix(id, temporary) || m.hasID(id) {
			continue
		}
		if m.opt.Moves == DropMoves {
			continue // the changes say that it goes
		}
		m.keepConstraint(el, "a temporary constraint; --moves drop removes it")
	}
}

// tickets keeps the dependencies on tickets of a cluster whose file knows of none.
func (m *merger) tickets() {
	for _, el := range children(m.root, "constraints") {
		if el.Tag == "rsc_ticket" {
			return
		}
	}
	for _, el := range children(m.live, "constraints") {
		if el.Tag == "rsc_ticket" && !m.hasID(el.SelectAttrValue("id", "")) {
			m.keepConstraint(el, "the file has no rsc_ticket")
		}
	}
}

// keepConstraint copies a constraint unless one of its resources is gone.
func (m *merger) keepConstraint(el *etree.Element, why string) {
	resources := m.root.SelectElement("resources")
	for _, id := range constrained(el) {
		if resources == nil || byID(resources, id) == nil && !m.isTag(id) {
			m.keep("it cannot be kept, since the file has no "+id, "not %s %s", el.Tag, el.SelectAttrValue("id", ""))
			return
		}
	}
	m.section("constraints").AddChild(m.adopt(el))
	m.keep(why, "%s", el.SelectAttrValue("id", ""))
}

func (m *merger) isTag(id string) bool {
	tags := m.root.SelectElement("tags")
	return tags != nil && byID(tags, id) != nil
}

// constrained are the resources that a constraint names.
func constrained(el *etree.Element) []string {
	var ids []string
	for _, name := range []string{"rsc", "with-rsc", "first", "then"} {
		if id := el.SelectAttrValue(name, ""); id != "" {
			ids = append(ids, id)
		}
	}
	for _, ref := range el.FindElements(".//resource_ref") {
		ids = append(ids, ref.SelectAttrValue("id", ""))
	}
	return ids
}

// acls keeps the access rules of a cluster whose file knows of none.
func (m *merger) acls() {
	live := children(m.live, "acls")
	if len(live) == 0 || len(children(m.root, "acls")) > 0 {
		return
	}
	for _, el := range live {
		m.section("acls").AddChild(m.adopt(el))
	}
	m.keep("the file has none", "ACLs")
}
