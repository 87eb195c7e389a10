// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"sort"
	"strings"

	"github.com/beevik/etree"
)

// defaultValues are attributes that mean the same when they are left out.
var defaultValues = map[string]map[string]string{
	"resource_set": {"sequential": "true", "require-all": "true"},
	"rule":         {"boolean-op": "and"},
	"expression":   {"value-source": "literal"},
	"node":         {"type": "normal"},
	"op":           {"interval": "0"},
}

// shape writes what an object says, without what may differ when crm syntax
// is written and read again: the ids of parts that are not named in ids, the
// order of attributes, the order of different sorts of parts (sets before
// members), defaults, and members, of which only the id counts. With ids nil
// all ids count, for an object just parsed has none but those that were written.
func shape(el *etree.Element, ids map[*etree.Element]bool) string {
	var out strings.Builder
	writeShape(&out, el, el, ids)
	return out.String()
}

func writeShape(out *strings.Builder, object, el *etree.Element, ids map[*etree.Element]bool) {
	out.WriteString("<" + el.Tag)
	var attributes []string
	for _, attr := range el.Attr {
		name, value := attr.FullKey(), attr.Value
		switch {
		case defaultValues[el.Tag][name] == value && value != "":
		case name == "id" && !idCounts(object, el, ids):
		case el.Tag == "rule" && name == "score" && value == "INFINITY" && object.Tag != "rsc_location":
			// Only in a location does the score of a rule mean something.
		case el.Tag == "rsc_order" && name == "score":
			kind := "Mandatory"
			if value == "0" {
				kind = "Optional"
			}
			attributes = append(attributes, " kind="+kind)
		default:
			attributes = append(attributes, " "+name+"="+value+"\x00")
		}
	}
	sort.Strings(attributes)
	out.WriteString(strings.Join(attributes, "") + ">")
	children := el.ChildElements()
	sort.SliceStable(children, func(i, j int) bool { return sortTag(children[i]) < sortTag(children[j]) })
	if el.Tag == "fencing-topology" { // its levels are numbered, their order is nothing
		var levels []string
		for _, level := range children {
			var text strings.Builder
			writeShape(&text, object, level, ids)
			levels = append(levels, text.String())
		}
		sort.Strings(levels)
		out.WriteString(strings.Join(levels, "") + "</>")
		return
	}
	for _, child := range children {
		if isMember(child) {
			out.WriteString("<" + memberTag + " " + child.SelectAttrValue("id", "") + ">")
			continue
		}
		writeShape(out, object, child, ids)
	}
	out.WriteString("</>")
}

// sortTag groups the parts of an object by sort. The order of expressions of
// either sort in a rule is left alone.
func sortTag(el *etree.Element) string {
	switch {
	case isMember(el):
		return memberTag
	case el.Tag == "date_expression":
		return "expression"
	}
	return el.Tag
}

// idCounts tells whether the id of a part belongs to the shape of an object.
func idCounts(object, el *etree.Element, ids map[*etree.Element]bool) bool {
	switch {
	case el == object, withoutID[el.Tag], el.Tag == "port-mapping", el.Tag == "storage-mapping":
		return true
	case el.Tag == "recipient", el.Tag == "op":
		return false
	case ids == nil:
		return true
	}
	return ids[el]
}
