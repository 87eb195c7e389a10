// SPDX-License-Identifier: Apache-2.0

package crmreload

import (
	"github.com/beevik/etree"

	"ocf-oci/internal/crmsyntax"
)

// Mark is the note of a reload that is under way. It stands in the configuration itself, written by the very replace
// that brings the new configuration and maintenance mode, and taken out by the one that ends the mode. So whoever finds
// it, on whichever node, knows what to put back after the writer was killed, and that somebody is at work before.
type Mark struct {
	// Owner names the process that works on it: node, process, and a random word.
	Owner string
	// Before is the value that maintenance-mode had; nil: it was not set.
	Before *string
}

// The names of the mark. Pacemaker ignores properties that it does not know.
const (
	markSet    = "ngcp-ha-crm-reload"
	markOwner  = "ngcp-ha-crm-reload-by"
	markBefore = "ngcp-ha-crm-reload-maintenance-before"
)

// Put returns a copy of a configuration in maintenance mode that carries the mark.
func (k Mark) Put(cfg *crmsyntax.Configuration) *crmsyntax.Configuration {
	marked := cfg.Clone()
	root := marked.Element()
	setProperty(root, maintenance, "true")
	set := root.SelectElement("crm_config").CreateElement("cluster_property_set")
	set.CreateAttr("id", markSet)
	pair(set, markOwner, k.Owner)
	if k.Before != nil {
		pair(set, markBefore, *k.Before)
	}
	return marked
}

func pair(set *etree.Element, name, value string) {
	el := set.CreateElement("nvpair")
	el.CreateAttr("id", name)
	el.CreateAttr("name", name)
	el.CreateAttr("value", value)
}

// Unmark returns a copy of the configuration as it is when no reload is under way: without the mark, which it returns
// too (nil: there is none), and with maintenance mode as it was before. If somebody has ended the mode meanwhile, that
// stands.
func Unmark(cfg *crmsyntax.Configuration) (*crmsyntax.Configuration, *Mark) {
	clean := cfg.Clone()
	root := clean.Element()
	var mark *Mark
	for _, set := range children(root, "crm_config") {
		if set.SelectAttrValue("id", "") != markSet {
			continue
		}
		mark = &Mark{}
		for _, p := range set.SelectElements("nvpair") {
			value := p.SelectAttrValue("value", "")
			switch p.SelectAttrValue("name", "") {
			case markOwner:
				mark.Owner = value
			case markBefore:
				mark.Before = &value
			}
		}
		set.Parent().RemoveChild(set)
	}
	if mark == nil {
		return clean, nil
	}
	now := property(root, maintenance)
	switch {
	case now == nil || !isTrue(now.SelectAttrValue("value", "")):
		// Somebody has decided otherwise since.
	case mark.Before == nil:
		dropProperty(root, maintenance)
	default:
		setProperty(root, maintenance, *mark.Before)
	}
	return clean, mark
}

// Maintenance returns the value of maintenance-mode; nil: it is not set.
func Maintenance(cfg *crmsyntax.Configuration) *string {
	if el := property(cfg.Element(), maintenance); el != nil {
		value := el.SelectAttrValue("value", "")
		return &value
	}
	return nil
}

// WithoutMaintenance returns a copy in which maintenance mode is off, to foresee what happens once it ends.
func WithoutMaintenance(cfg *crmsyntax.Configuration) *crmsyntax.Configuration {
	free := cfg.Clone()
	dropProperty(free.Element(), maintenance)
	return free
}
