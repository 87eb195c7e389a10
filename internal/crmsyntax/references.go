// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"slices"

	"github.com/beevik/etree"
)

// refKind says what a reference must point to.
type refKind int

const (
	refResource refKind = iota // any resource
	refMember                  // a resource that becomes a child
	refTemplate                // a resource template
	refSet                     // a set, rule or operations element, by its id or its object's
	refPair                    // a name-value pair
	refRole                    // an ACL role
	refAny                     // anything that has an id
	refTagged                  // an object; pacemaker ignores what it does not find
	refNode                    // a node; may be unknown
	refDevice                  // a fencing device; may be unknown
)

// reference is a place in the file that names something else.
type reference struct {
	kind refKind
	tok  token
	id   string
	el   *etree.Element // the element with the id-ref attribute
}

func (p *parser) refer(kind refKind, tok token, id string, el *etree.Element) {
	p.refs = append(p.refs, reference{kind, tok, id, el})
}

// known is what a file defines.
type known struct {
	objects   map[string]*object          // all but nodes
	nodes     map[string]bool             // by name
	ids       map[string][]*etree.Element // everything with an id
	resources []string                    // ids of resources, for suggestions
	roles     []string
	templates []string
	lost      map[string]bool // ids of objects that could not be read
}

var resourceWords = []string{"primitive", "group", "clone", "ms", "bundle"}

// check reports references to what does not exist. What stands in an object
// that could not be read is not reported again.
func (k *known) check(p *parser, ref reference) {
	if k.lost[ref.id] {
		return
	}
	obj := k.objects[ref.id]
	is := func(words ...string) bool { return obj != nil && slices.Contains(words, obj.kind.word) }
	name := quoteWord(shorten(ref.id))
	switch ref.kind {
	case refResource:
		if !is(resourceWords...) && !k.isResource(ref.id) {
			p.fail(ref.tok, p.near(ref.id, k.resources), "there is no resource %s", name)
		}
	case refTemplate:
		if !is("rsc_template") {
			p.fail(ref.tok, p.near(ref.id, k.templates), "there is no rsc_template %s", name)
		}
	case refRole:
		if !is("role") {
			p.fail(ref.tok, p.near(ref.id, k.roles), "there is no role %s", name)
		}
	case refAny:
		if len(k.ids[ref.id]) == 0 {
			p.fail(ref.tok, p.near(ref.id, k.resources), "there is nothing with the id %s", name)
		}
	case refTagged:
		if obj == nil && len(k.ids[ref.id]) == 0 {
			p.warn(ref.tok, p.near(ref.id, k.resources), "there is nothing called %s to tag", name)
		}
	case refNode:
		if len(k.nodes) > 0 && !k.nodes[ref.id] {
			p.warn(ref.tok, "", "the file has no node %s", name)
		}
	case refDevice:
		if !is(resourceWords...) && !k.isResource(ref.id) {
			p.warn(ref.tok, p.near(ref.id, k.resources), "there is no fencing device %s", name)
		}
	case refPair:
		if !hasTag(k.ids[ref.id], "nvpair") {
			p.fail(ref.tok, "", "there is no name-value pair with the id %s", name)
		}
	case refSet:
		k.resolve(p, ref)
	}
}

// isResource finds resources inside the XML of a container.
func (k *known) isResource(id string) bool {
	for _, tag := range []string{"primitive", "group", "clone", "master", "bundle"} {
		if hasTag(k.ids[id], tag) {
			return true
		}
	}
	return false
}

// resolve completes $id-ref=ID. The ID may be that of an object, whose first
// set of the same sort is then meant.
func (k *known) resolve(p *parser, ref reference) {
	tag := ref.el.Tag
	if hasTag(k.ids[ref.id], tag) {
		return
	}
	obj := k.objects[ref.id]
	if obj == nil {
		p.fail(ref.tok, "", "there is no %s with the id %s", tag, quoteWord(shorten(ref.id)))
		return
	}
	for _, found := range append(obj.element.SelectElements(tag), obj.element.FindElements(".//"+tag)...) {
		if id := found.SelectAttr("id"); id != nil && found != ref.el {
			ref.el.CreateAttr("id-ref", id.Value)
			return
		}
	}
	p.fail(ref.tok, "", "%s %s has no %s with an id", obj.kind.word, ref.id, tag)
}

func hasTag(elements []*etree.Element, tag string) bool {
	return slices.ContainsFunc(elements, func(el *etree.Element) bool { return el.Tag == tag })
}
