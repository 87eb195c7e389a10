// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"fmt"
	"sort"
	"strings"

	"github.com/beevik/etree"
)

// reader turns one element into facts and knows what it has not looked at yet.
type reader struct {
	d     *digester
	el    *etree.Element
	facts []fact
	seen  map[string]bool // attributes, and "<tag" for children
}

func newReader(d *digester, el *etree.Element) *reader {
	// The id is the key of the object, or does not count.
	return &reader{d: d, el: el, seen: map[string]bool{"id": true}}
}

// fact adds a fact. A name that is there already is numbered.
func (r *reader) fact(name, value, shown string) {
	unique := name
	for n := 2; r.has(unique); n++ {
		unique = fmt.Sprintf("%s #%d", name, n)
	}
	r.facts = append(r.facts, fact{unique, value, shown})
}

func (r *reader) has(name string) bool {
	for _, f := range r.facts {
		if f.name == name {
			return true
		}
	}
	return false
}

// attribute adds a fact for an attribute unless it is missing or has its
// default value.
func (r *reader) attribute(name, prefix string, typ valueType, byDefault string) {
	r.seen[name] = true
	attr := r.el.SelectAttr(name)
	if attr == nil {
		return
	}
	if value := canonical(typ, attr.Value); value != canonical(typ, byDefault) {
		r.fact(prefix+name, value, show(attr.Value))
	}
}

// take returns the children with a tag, which are then done with.
func (r *reader) take(tag string) []*etree.Element {
	r.seen["<"+tag] = true
	return r.el.SelectElements(tag)
}

// skip leaves out attributes that were dealt with in another way.
func (r *reader) skip(names ...string) {
	for _, name := range names {
		r.seen[name] = true
	}
}

// rest adds whatever nobody has looked at.
func (r *reader) rest() {
	for _, attr := range r.el.Attr {
		if !r.seen[attr.FullKey()] {
			r.fact(attr.FullKey(), attr.Value, show(attr.Value))
		}
	}
	for _, child := range r.el.ChildElements() {
		if !r.seen["<"+child.Tag] {
			text := plainXML(child)
			r.fact("<"+child.Tag+">", text, text)
		}
	}
}

// plainXML writes an element without ids, attributes in alphabetical order.
func plainXML(el *etree.Element) string {
	var attributes []string
	for _, attr := range el.Attr {
		if attr.Key != "id" {
			attributes = append(attributes, fmt.Sprintf(" %s=%q", attr.FullKey(), attr.Value))
		}
	}
	sort.Strings(attributes)
	text := "<" + el.Tag + strings.Join(attributes, "")
	if len(el.ChildElements()) == 0 {
		return text + "/>"
	}
	text += ">"
	for _, child := range el.ChildElements() {
		text += plainXML(child)
	}
	return text + "</" + el.Tag + ">"
}

// byID finds the element of a tag that an id-ref means.
func (d *digester) byID(tag, id string) *etree.Element {
	for _, el := range d.root.FindElements(".//" + tag) {
		if el.SelectAttrValue("id", "") == id {
			return el
		}
	}
	return nil
}

// resolve returns the element itself, or what its id-ref means; nil if that
// is nowhere.
func (d *digester) resolve(el *etree.Element) *etree.Element {
	for range 10 { // a chain of references is no longer than that
		ref := el.SelectAttr("id-ref")
		if ref == nil {
			return el
		}
		if el = d.byID(el.Tag, ref.Value); el == nil {
			return nil
		}
	}
	return nil
}
