// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"errors"
	"fmt"
	"slices"

	"github.com/beevik/etree"
)

// Configuration is the configuration section of a CIB.
type Configuration struct {
	// Warnings are the places in the parsed file that are legal but surely not
	// meant.
	Warnings Errors

	root   *etree.Element
	src    *source // nil unless it was parsed
	places map[*etree.Element]token
}

// Read takes the configuration out of a CIB: a document whose root is <cib>
// or <configuration>.
func Read(cib []byte) (*Configuration, error) {
	doc, err := readXML(cib)
	if err != nil {
		return nil, err
	}
	root := doc.Root()
	if root.Tag == "cib" {
		root = root.SelectElement("configuration")
	}
	if root == nil || root.Tag != "configuration" {
		return nil, errors.New("reading a CIB: the document has no element configuration")
	}
	root = root.Copy()
	dropBlanks(root)
	return &Configuration{root: root}, nil
}

func readXML(text []byte) (*etree.Document, error) {
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(text); err != nil {
		return nil, fmt.Errorf("reading a CIB: %w", err)
	}
	if doc.Root() == nil {
		return nil, errors.New("reading a CIB: the document is empty")
	}
	return doc, nil
}

// dropBlanks removes the text between elements; a CIB has no other.
func dropBlanks(el *etree.Element) {
	for i := len(el.Child) - 1; i >= 0; i-- {
		switch child := el.Child[i].(type) {
		case *etree.CharData:
			el.RemoveChildAt(i)
		case *etree.Element:
			dropBlanks(child)
		}
	}
}

// Element returns the element configuration. It is not a copy.
func (c *Configuration) Element() *etree.Element { return c.root }

// Clone returns a copy that can be changed. Its elements know their places in the parsed file as those of the original
// do; elements that are added to it have none.
func (c *Configuration) Clone() *Configuration {
	own := &Configuration{Warnings: c.Warnings, root: c.root.Copy(), src: c.src}
	if c.places != nil {
		own.places = map[*etree.Element]token{}
		copyPlaces(c.root, own.root, c.places, own.places)
	}
	return own
}

func copyPlaces(from, to *etree.Element, olds, news map[*etree.Element]token) {
	if tok, ok := olds[from]; ok {
		news[to] = tok
	}
	copies := to.ChildElements()
	for i, child := range from.ChildElements() {
		copyPlaces(child, copies[i], olds, news)
	}
}

// Tidy puts sections that were added to the element into the order in which they are written.
func (c *Configuration) Tidy() { inOrder(c.root) }

// XML returns the configuration as an XML document.
func (c *Configuration) XML() []byte { return writeXML(c.root) }

// writeXML writes an element with two blanks of indentation. Every element
// stands on a line of its own.
func writeXML(el *etree.Element) []byte {
	doc := etree.NewDocumentWithRoot(el.Copy())
	dropBlanks(doc.Root())
	// Line ends inside values are written as character references.
	doc.WriteSettings.CanonicalAttrVal = true
	doc.Indent(2)
	text, err := doc.WriteToBytes()
	if err != nil {
		panic("crmsyntax: writing XML to memory failed: " + err.Error()) // it cannot
	}
	return text
}

// ReplaceIn returns a CIB with its configuration replaced by this one.
// Everything else, such as versions and status, stays.
func (c *Configuration) ReplaceIn(cib []byte) ([]byte, error) {
	doc, err := readXML(cib)
	if err != nil {
		return nil, err
	}
	root := doc.Root()
	old := root.SelectElement("configuration")
	if root.Tag != "cib" || old == nil {
		return nil, errors.New("replacing the configuration of a CIB: the document has no element cib with a configuration")
	}
	at := old.Index()
	root.RemoveChildAt(at)
	root.InsertChildAt(at, c.root.Copy())
	return writeXML(root), nil
}

// Place returns the file, line and column where an element was written, or
// where the object was that it belongs to. It is empty if the configuration
// was not parsed.
func (c *Configuration) Place(el *etree.Element) string {
	if e := c.ErrorAt(el, ""); e != nil {
		return fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column)
	}
	return ""
}

// ErrorAt makes an error for the place where an element was written. It
// returns nil if the configuration was not parsed or the element is not from it.
func (c *Configuration) ErrorAt(el *etree.Element, message string) *Error {
	for ; el != nil && c.src != nil; el = el.Parent() {
		if tok, ok := c.places[el]; ok {
			return c.src.errorAt(tok.from, tok.to, message, "")
		}
	}
	return nil
}

func newConfiguration() *etree.Element {
	root := etree.NewElement("configuration")
	for _, section := range sections {
		if alwaysThere[section] {
			root.CreateElement(section)
		}
	}
	return root
}

// sectionOf returns a section of a configuration, made if need be.
func sectionOf(root *etree.Element, section string) *etree.Element {
	if el := root.SelectElement(section); el != nil {
		return el
	}
	return root.CreateElement(section)
}

// inOrder sorts the sections of a configuration.
func inOrder(root *etree.Element) {
	children := root.ChildElements()
	slices.SortStableFunc(children, func(a, b *etree.Element) int {
		return slices.Index(sections, a.Tag) - slices.Index(sections, b.Tag)
	})
	for _, child := range children {
		root.AddChild(child) // moves it to the end
	}
}
