// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// What crm syntax has no words for is written as it stands in the CIB:
//
//	xml <rsc_order id="o" require-all="false" first="a" then="b"/>
//
// The element must be that of an object. Defaults go in their section:
// xml <rsc_defaults><meta_attributes …/></rsc_defaults>.

func (p *parser) xmlStatement(st statement) []*object {
	tok := st.tokens[0]
	root, err := parseElement(st.xml)
	if err != nil {
		p.fail(tok, "", "%s", err)
		return nil
	}
	if root.Tag == "rsc_defaults" || root.Tag == "op_defaults" {
		var objects []*object
		for _, set := range root.ChildElements() {
			k := kindOfElement(set.Tag, root.Tag)
			if k == nil {
				p.fail(tok, "", "%s contains meta_attributes, not %s", root.Tag, set.Tag)
				continue
			}
			objects = append(objects, p.xmlObject(k, set, tok))
		}
		return objects
	}
	for _, list := range kinds {
		for _, k := range list {
			if k.tag == root.Tag && k.word != "monitor" && k.tag != "meta_attributes" {
				return []*object{p.xmlObject(k, root, tok)}
			}
		}
	}
	p.fail(tok, "", "<%s> is no object of a configuration", root.Tag)
	return nil
}

func (p *parser) xmlObject(k *kind, el *etree.Element, tok token) *object {
	if id := el.SelectAttrValue("id", ""); k.word != "fencing_topology" && k.word != "node" && !isNCName(id) && el.SelectAttr("id-ref") == nil {
		p.fail(tok, "", "<%s> has no id, or none that can be one", el.Tag)
	}
	p.places[el] = tok
	p.xmlReferences(el, tok)
	return &object{kind: k, element: el, id: tok}
}

// xmlReferences notes what an element and its parts refer to: the attributes
// of type IDREF in the schema.
func (p *parser) xmlReferences(el *etree.Element, tok token) {
	for _, attr := range el.Attr {
		switch {
		case attr.Key == "id-ref" && el.Tag == "nvpair":
			p.refer(refPair, tok, attr.Value, el)
		case attr.Key == "id-ref":
			p.refer(refSet, tok, attr.Value, el)
		case attr.Key == "template" && el.Tag == "primitive":
			p.refer(refTemplate, tok, attr.Value, nil)
		case attr.Key == "reference" && el.Tag == "acl_permission":
			p.refer(refAny, tok, attr.Value, nil)
		case attr.Key == "id" && (el.Tag == "role" || el.Tag == "role_ref"):
			p.refer(refRole, tok, attr.Value, nil)
		case attr.Key == "id" && el.Tag == "resource_ref",
			strings.HasPrefix(el.Tag, "rsc_") && slices.Contains([]string{"rsc", "with-rsc", "first", "then"}, attr.Key):
			p.refer(refResource, tok, attr.Value, nil)
		}
	}
	for _, child := range el.ChildElements() {
		p.xmlReferences(child, tok)
	}
}

func parseElement(text string) (*etree.Element, error) {
	doc := etree.NewDocument()
	if err := doc.ReadFromString(text); err != nil {
		return nil, fmt.Errorf("not well-formed XML: %w", err)
	}
	elements := doc.ChildElements()
	if len(elements) != 1 {
		return nil, errors.New("expected one XML element")
	}
	for _, child := range doc.Child {
		if data, ok := child.(*etree.CharData); ok && strings.TrimSpace(data.Data) != "" {
			return nil, errors.New("expected nothing but one XML element")
		}
	}
	dropBlanks(elements[0])
	return elements[0], nil
}
