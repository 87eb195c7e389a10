// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/beevik/etree"
)

// Ids of the parts of an object, as crmsh makes them: the id of the object,
// the name of the part, and -0, -1, … from the second of its sort on:
//
//	p_ip-instance_attributes  p_ip-instance_attributes-ip  p_ip-meta_attributes-0
//	p_ip-monitor-10s  l_vip-rule  l_vip-rule-expression-0  o_start-0

// idSuffix is what the id of a part adds to the id of what it belongs to.
// Parts that are not listed add nothing, so that they are numbered from -0 on.
var idSuffix = map[string]string{
	"instance_attributes": "instance_attributes", "meta_attributes": "meta_attributes",
	"utilization": "utilization", "rule": "rule", "expression": "expression",
	"date_expression": "expression", "duration": "duration", "date_spec": "date_spec",
	"read": "read", "write": "write", "deny": "deny",
}

// withoutID are elements whose id is optional or that have none.
var withoutID = map[string]bool{
	"operations": true, "fencing-topology": true, "network": true, "docker": true, "podman": true,
	"rkt": true, "storage": true, "select": true, "select_attributes": true, "select_fencing": true,
	"select_nodes": true, "select_resources": true, "lifetime": true,
	"resource_ref": true, "obj_ref": true, memberTag: true, "role": true, "role_ref": true,
}

// idPool makes ids that are not in use.
type idPool struct {
	used map[string]bool
	next map[string]int // the number to try next for a base
}

func newIDPool() *idPool { return &idPool{used: map[string]bool{}, next: map[string]int{}} }

// free returns the id that make would make.
func (pool *idPool) free(base string) string {
	id := base
	for n := pool.next[base]; pool.used[id]; n++ {
		pool.next[base] = n
		id = base + "-" + strconv.Itoa(n)
	}
	return id
}

func (pool *idPool) make(base string) string {
	id := pool.free(base)
	pool.used[id] = true
	return id
}

// walkIDs visits an element and its parts, parents first, with the base of
// the id that each would get. Resources inside a resource are left out.
func walkIDs(el *etree.Element, visit func(el *etree.Element, base string)) {
	prefix := ""
	if el.Tag == "fencing-topology" {
		prefix = "fencing"
	}
	walkIDsBelow(el, prefix, visit)
}

func walkIDsBelow(el *etree.Element, prefix string, visit func(el *etree.Element, base string)) {
	if !withoutID[el.Tag] && el.SelectAttr("id-ref") == nil {
		visit(el, idBase(el, prefix))
	}
	if uname := el.SelectAttr("uname"); el.Tag == "node" && uname != nil {
		prefix = uname.Value
	} else if id := el.SelectAttr("id"); id != nil {
		prefix = id.Value
	}
	for _, child := range el.ChildElements() {
		if !isMember(child) {
			walkIDsBelow(child, prefix, visit)
		}
	}
}

// idBase returns the id of a part before it is made unique.
func idBase(el *etree.Element, prefix string) string {
	if strings.Trim(prefix, "0123456789") == "" {
		prefix = "num-" + prefix
	}
	name := el.SelectAttrValue("name", "")
	switch el.Tag {
	case "nvpair":
		return ncName(prefix + "-" + name)
	case "op":
		prefix += "-" + name
		if interval := el.SelectAttrValue("interval", ""); interval != "" {
			prefix += "-" + interval
		}
		return ncName(prefix)
	}
	if suffix := idSuffix[el.Tag]; suffix != "" {
		prefix += "-" + suffix
	}
	return ncName(prefix)
}

// assignIDs gives every part of an object an id that has none.
func (pool *idPool) assignIDs(el *etree.Element) {
	walkIDs(el, func(part *etree.Element, base string) {
		if part.SelectAttr("id") == nil {
			part.CreateAttr("id", pool.make(base))
		}
	})
}

// reserve notes the ids that an object and its parts already have.
func (pool *idPool) reserve(el *etree.Element) {
	if id := el.SelectAttr("id"); id != nil && !withoutID[el.Tag] || el.Tag == "operations" && id != nil {
		pool.used[id.Value] = true
	}
	for _, child := range el.ChildElements() {
		pool.reserve(child)
	}
}

// isNCName tells whether XML allows a text as an id (Namespaces in XML 1.0,
// production 4; letters and digits as Unicode has them).
func isNCName(text string) bool {
	for i, r := range text {
		letter := r == '_' || unicode.IsLetter(r)
		if !letter && (i == 0 || r != '.' && r != '-' && !unicode.IsDigit(r)) {
			return false
		}
	}
	return text != ""
}

// ncName replaces what an id cannot hold by dots, as pacemaker does.
func ncName(text string) string {
	if isNCName(text) {
		return text
	}
	var id strings.Builder
	for _, r := range text {
		if r != '_' && r != '.' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			r = '.'
		}
		id.WriteRune(r)
	}
	if isNCName(id.String()) {
		return id.String()
	}
	return "_" + id.String()
}
