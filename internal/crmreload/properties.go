// SPDX-License-Identifier: Apache-2.0

package crmreload

import (
	"slices"
	"strings"

	"github.com/beevik/etree"

	"ocf-oci/internal/crmsyntax/diff"
)

const (
	mainSet     = "cib-bootstrap-options"
	maintenance = "maintenance-mode"
)

// properties keeps what pacemaker sets itself, and maintenance mode.
func (m *merger) properties() {
	for _, name := range diff.PacemakerOwned {
		live := property(m.live, name)
		if live == nil {
			continue
		}
		setProperty(m.root, name, live.SelectAttrValue("value", ""))
	}
	live, own := property(m.live, maintenance), property(m.root, maintenance)
	now := "false"
	if live != nil {
		now = live.SelectAttrValue("value", "")
	}
	if own != nil && isTrue(own.SelectAttrValue("value", "")) != isTrue(now) {
		m.warn(own, "maintenance-mode=%s of the file is not applied: a reload leaves the mode as it is (%s); change it with crm_attribute -n maintenance-mode -v %s",
			own.SelectAttrValue("value", ""), now, own.SelectAttrValue("value", ""))
	}
	if live == nil {
		dropProperty(m.root, maintenance)
		return
	}
	setProperty(m.root, maintenance, now)
}

// isTrue reads a truth value as pacemaker does (crm_str_to_boolean).
func isTrue(value string) bool {
	return slices.Contains([]string{"true", "on", "yes", "y", "1"}, strings.ToLower(value))
}

// property finds a cluster property. The main set counts first, then the others in their order; sets with rules do not.
func property(root *etree.Element, name string) *etree.Element {
	var found *etree.Element
	for _, set := range children(root, "crm_config") {
		if set.SelectElement("rule") != nil {
			continue
		}
		isMain := set.SelectAttrValue("id", "") == mainSet
		for _, pair := range set.SelectElements("nvpair") {
			if pair.SelectAttrValue("name", "") == name && (found == nil || isMain) {
				found = pair
			}
		}
	}
	return found
}

// setProperty sets a property where it is, or in the main set.
func setProperty(root *etree.Element, name, value string) {
	if pair := property(root, name); pair != nil {
		pair.CreateAttr("value", value)
		return
	}
	config := root.SelectElement("crm_config")
	if config == nil {
		config = root.CreateElement("crm_config")
	}
	var set *etree.Element
	for _, el := range config.SelectElements("cluster_property_set") {
		if el.SelectAttrValue("id", "") == mainSet {
			set = el
		}
	}
	if set == nil {
		set = etree.NewElement("cluster_property_set")
		set.CreateAttr("id", mainSet)
		config.InsertChildAt(0, set)
	}
	pair := set.CreateElement("nvpair")
	id := mainSet + "-" + name
	for byID(root, id) != nil {
		id += "-kept"
	}
	pair.CreateAttr("name", name)
	pair.CreateAttr("value", value)
	pair.CreateAttr("id", id)
}

// dropProperty removes a property wherever it is set.
func dropProperty(root *etree.Element, name string) {
	for pair := property(root, name); pair != nil; pair = property(root, name) {
		pair.Parent().RemoveChild(pair)
	}
}
