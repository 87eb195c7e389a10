// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"sort"
	"strings"

	"github.com/beevik/etree"
)

// constraint adds what a constraint says.
func (r *reader) constraint(kind string) {
	r.seen["<resource_set"] = true
	switch kind {
	case "location":
		r.location()
	case "colocation":
		r.attribute("score", "", score, "")
		r.resources("role", "rsc", "with-rsc")
		r.attribute("node-attribute", "", text, "#uname")
		r.attribute("influence", "", boolean, "")
	case "order":
		r.order()
	case "rsc_ticket":
		r.attribute("ticket", "", text, "")
		r.attribute("loss-policy", "", text, "")
		r.resources("role", "rsc")
	}
}

func (r *reader) location() {
	if pattern := r.el.SelectAttr("rsc-pattern"); pattern != nil {
		r.fact("resources", "/"+pattern.Value+"/", "/"+pattern.Value+"/")
	} else {
		r.resources("role", "rsc")
	}
	r.skip("rsc-pattern")
	r.attribute("role", "", role, "Started")
	r.attribute("resource-discovery", "", text, "always")
	r.attribute("score", "", score, "")
	r.attribute("node", "", text, "")
	var rules []string
	for _, rule := range r.take("rule") {
		rules = append(rules, r.d.ruleText(rule, true))
	}
	sort.Strings(rules)
	for _, rule := range rules {
		r.fact("rule "+rule, "", "")
	}
}

// order knows the old scores: 0 means Optional, any other Mandatory, which is
// also the default. A serialized order is not symmetrical by default.
func (r *reader) order() {
	kind := r.el.SelectAttrValue("kind", "")
	if kind == "" {
		kind = "Mandatory"
		if value := r.el.SelectAttrValue("score", ""); value != "" && canonicalScore(value) == "0" {
			kind = "Optional"
		}
	}
	r.skip("kind", "score")
	r.fact("kind", kind, kind)
	symmetrical := "true"
	if kind == "Serialize" {
		symmetrical = "false"
	}
	r.attribute("symmetrical", "", boolean, symmetrical)
	r.attribute("require-all", "", boolean, "true")
	r.resources("action", "first", "then")
}

// resources adds what a constraint is about: the named attributes, or sets.
func (r *reader) resources(qualifier string, attributes ...string) {
	var words []string
	for _, name := range attributes {
		if id := r.el.SelectAttr(name); id != nil {
			words = append(words, qualified(id.Value, qualifier, r.el.SelectAttrValue(name+"-"+qualifier, "")))
		}
		r.skip(name, name+"-"+qualifier)
	}
	for _, set := range r.el.SelectElements("resource_set") {
		resolved := r.d.resolve(set)
		if resolved == nil {
			words = append(words, "$id-ref="+set.SelectAttrValue("id-ref", ""))
			continue
		}
		words = append(words, setWords(resolved, qualifier)...)
	}
	r.fact("resources", strings.Join(words, " "), strings.Join(words, " "))
}

// setWords writes one resource set, always in brackets, so that two sets
// differ from one.
func setWords(set *etree.Element, qualifier string) []string {
	open, closing := "{", "}"
	sequential := canonical(boolean, set.SelectAttrValue("sequential", "true"))
	all := canonical(boolean, set.SelectAttrValue("require-all", "true"))
	words := []string{}
	switch {
	case all == "false":
		open, closing = "[", "]"
		if sequential == "true" {
			words = append(words, "sequential=true")
		}
	case sequential == "false":
		open, closing = "(", ")"
	}
	words = append(words, attributeWords(set, "id", "sequential", "require-all", qualifier)...)
	var members []string
	for _, ref := range set.SelectElements("resource_ref") {
		members = append(members, qualified(ref.SelectAttrValue("id", ""), qualifier, set.SelectAttrValue(qualifier, "")))
	}
	if sequential == "false" {
		sort.Strings(members) // they come in any order
	}
	return append(append(append([]string{open}, words...), members...), closing)
}

func qualified(id, qualifier, value string) string {
	if qualifier == "role" && value != "" {
		value = canonical(role, value)
	}
	if value == "" {
		return id
	}
	return id + ":" + value
}
