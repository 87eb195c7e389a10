// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// Object is one object of a configuration as crm syntax sees it: members of
// groups and clones are objects of their own.
type Object struct {
	Kind    string // the keyword, such as primitive or location
	ID      string // for nodes the name
	Element *etree.Element
	kind    *kind
}

// Objects returns the objects of the configuration in the order in which they
// are written: by kind, and within a kind as in the CIB.
func (c *Configuration) Objects() []Object {
	var found []Object
	for _, section := range c.root.ChildElements() {
		if k := kindOfElement(section.Tag, ""); k != nil {
			found = append(found, newObject(k, section))
			continue
		}
		elements := section.ChildElements()
		// Members come in the order of their containers, which is the order that
		// they have in the CIB after Parse.
		slices.SortStableFunc(elements, func(a, b *etree.Element) int {
			return rankOf[kindOfElement(a.Tag, section.Tag)] - rankOf[kindOfElement(b.Tag, section.Tag)]
		})
		for _, el := range elements {
			found = appendObjects(found, el, section.Tag)
		}
	}
	slices.SortStableFunc(found, func(a, b Object) int { return rankOf[a.kind] - rankOf[b.kind] })
	return found
}

// Unknown returns the elements that are no objects of crm syntax, which
// Objects and Text leave out. No schema up to pacemaker-3.9 allows any.
func (c *Configuration) Unknown() []*etree.Element {
	var found []*etree.Element
	for _, section := range c.root.ChildElements() {
		if kindOfElement(section.Tag, "") != nil {
			continue
		}
		if !slices.Contains(sections, section.Tag) {
			found = append(found, section)
			continue
		}
		for _, el := range section.ChildElements() {
			if kindOfElement(el.Tag, section.Tag) == nil {
				found = append(found, el)
			}
		}
	}
	return found
}

func appendObjects(found []Object, el *etree.Element, section string) []Object {
	k := kindOfElement(el.Tag, section)
	if k == nil {
		return found
	}
	found = append(found, newObject(k, el))
	if section == "resources" {
		for _, child := range el.ChildElements() {
			found = appendObjects(found, child, section)
		}
	}
	return found
}

func newObject(k *kind, el *etree.Element) Object {
	id := el.SelectAttrValue("id", "")
	if k.word == "node" {
		id = el.SelectAttrValue("uname", id)
	}
	return Object{Kind: k.word, ID: id, Element: el, kind: k}
}

// Text returns the configuration in crm syntax. Parsing it gives the same
// configuration. Ids that Parse would make itself are not written, and what
// crm syntax cannot say is written as xml statements.
func (c *Configuration) Text() string {
	var out strings.Builder
	for _, s := range c.Statements() {
		out.WriteString(s.Text + "\n")
	}
	return out.String()
}

// Statement is one object in crm syntax.
type Statement struct {
	Kind string   // the keyword, such as primitive
	IDs  []string // of the object, and of members that are written inside it, as XML
	Text string   // with the comments above it, without the last line end
}

// Statements returns what Text is made of.
func (c *Configuration) Statements() []Statement {
	p := newPrinter(c)
	objects := c.Objects()
	texts := make([]string, len(objects))
	for i, obj := range objects {
		texts[i] = p.statement(obj)
	}
	var list []Statement
	for i, obj := range objects {
		if p.inside(obj.Element) {
			continue // it stands in the XML of its container
		}
		s := Statement{Kind: obj.Kind, IDs: []string{obj.ID}}
		if p.asXML[obj.Element] {
			for _, el := range obj.Element.FindElements(".//*[@id]") {
				if kindOfElement(el.Tag, "resources") != nil {
					s.IDs = append(s.IDs, el.SelectAttrValue("id", ""))
				}
			}
		}
		s.Text = strings.Join(append(comments(obj.Element), texts[i]), "\n")
		list = append(list, s)
	}
	return list
}

// printer writes the objects of one configuration.
type printer struct {
	ownID map[*etree.Element]bool // parts whose id Parse would not make
	asXML map[*etree.Element]bool // objects that were written as XML
}

// newPrinter finds out which ids have to be written.
func newPrinter(c *Configuration) *printer {
	p := &printer{ownID: map[*etree.Element]bool{}, asXML: map[*etree.Element]bool{}}
	referred := map[string]bool{}
	for _, el := range c.root.FindElements(".//*[@id-ref]") {
		referred[el.SelectAttrValue("id-ref", "")] = true
	}
	pool := newIDPool()
	objects := c.Objects()
	for _, obj := range objects {
		pool.used[obj.Element.SelectAttrValue("id", "")] = true
	}
	for _, obj := range objects {
		walkIDs(obj.Element, func(part *etree.Element, base string) {
			id := part.SelectAttrValue("id", "")
			switch {
			case part == obj.Element:
			case id == pool.free(base):
				pool.make(base)
			case canHaveID(part, referred[id]):
				p.ownID[part] = true
				pool.used[id] = true
			default:
				pool.make(base)
			}
		})
	}
	return p
}

// canHaveID tells for which parts crm syntax has a way to write the id. That
// of a name-value pair matters only when something refers to it.
func canHaveID(part *etree.Element, referred bool) bool {
	switch part.Tag {
	case "instance_attributes", "meta_attributes", "utilization", "rule", "acl_permission":
		return true
	case "nvpair":
		return referred
	}
	return false
}

// inside tells whether an object was written with the XML of its container.
func (p *printer) inside(el *etree.Element) bool {
	for parent := el.Parent(); parent != nil; parent = parent.Parent() {
		if p.asXML[parent] {
			return true
		}
	}
	return false
}

// statement writes an object in crm syntax, or as XML if reading that back
// would not give the same object.
func (p *printer) statement(obj Object) string {
	text := strings.Join(p.printObject(obj.kind, obj.Element), " \\\n\t")
	if p.readsBack(obj, text) {
		return text
	}
	p.asXML[obj.Element] = true
	el := obj.Element
	if el.Tag == "meta_attributes" {
		section := etree.NewElement(obj.kind.section)
		section.AddChild(el.Copy())
		el = section
	}
	return "xml " + strings.ReplaceAll(strings.TrimSpace(string(writeXML(el))), "\n", " \\\n")
}

// readsBack tells whether a statement means the object it was made from.
func (p *printer) readsBack(obj Object, text string) bool {
	reader := &parser{src: newSource("", []byte(text)), places: map[*etree.Element]token{}, lost: map[string]bool{}}
	lx := &lexer{src: reader.src}
	statements := lx.statements()
	if len(statements) != 1 || len(lx.errors) > 0 || statements[0].comment != "" {
		return false
	}
	read := reader.statement(statements[0])
	if len(read) != 1 || len(reader.errors) > 0 || read[0].kind != obj.kind {
		return false
	}
	return shape(obj.Element, p.ownID) == shape(read[0].element, nil)
}

// comments returns the comments of an object as lines of crm syntax.
func comments(el *etree.Element) []string {
	var lines []string
	for _, child := range el.Child {
		comment, ok := child.(*etree.Comment)
		if !ok {
			continue
		}
		for _, line := range strings.Split(comment.Data, "\n") {
			line = strings.TrimRight(strings.TrimSpace(line), `\ `)
			if !strings.HasPrefix(line, "#") {
				line = strings.TrimSpace("# " + line)
			}
			lines = append(lines, line)
		}
	}
	return lines
}
