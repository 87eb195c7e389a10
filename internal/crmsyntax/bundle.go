// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// Bundles, resources in containers:
//
//	bundle ID [description=TEXT] {docker|podman|rkt} NAME=VALUE…
//	  [network NAME=VALUE… [port-mapping NAME=VALUE…]…]
//	  [storage [storage-mapping NAME=VALUE…]…] [meta SET]… [primitive PRIMITIVE]
//
// crmsh 4.4 does not know podman; pacemaker does.

var bundleClauses = []string{"docker", "podman", "rkt", "network", "storage", "meta", "primitive"}

// bundleAttributes are the attributes of each part (resources-3.9.rng).
var bundleAttributes = map[string][]string{
	"docker": containerAttributes, "podman": containerAttributes, "rkt": containerAttributes,
	"network":         {"ip-range-start", "control-port", "host-interface", "host-netmask", "add-host"},
	"port-mapping":    {"id", "port", "internal-port", "range"},
	"storage-mapping": {"id", "source-dir", "source-dir-root", "target-dir", "options"},
}

var containerAttributes = []string{"image", "replicas", "replicas-per-host", "masters", "promoted-max",
	"run-command", "network", "options"}

// bundleMapping is what may be repeated inside a part.
var bundleMapping = map[string]string{"network": "port-mapping", "storage": "storage-mapping"}

func (c *cursor) parseBundle() *etree.Element {
	el := etree.NewElement("bundle")
	c.objectID(el)
	c.description(el)
	c.clause = bundleClauses
	if !c.more() {
		c.expected("docker, podman or rkt")
	}
	for c.isWord(bundleClauses...) {
		tok := c.take("")
		switch keyword := strings.ToLower(tok.text); keyword {
		case "meta":
			el.AddChild(c.attributeSet("meta_attributes"))
		case "primitive":
			el.AddChild(c.member(c.take("the id of a primitive")))
		default:
			if el.SelectElement(keyword) != nil {
				c.fail(tok, "", "%s is given twice", keyword)
			}
			el.AddChild(c.bundlePart(keyword))
		}
	}
	return el
}

func (c *cursor) bundlePart(keyword string) *etree.Element {
	part := etree.NewElement(keyword)
	c.bundleValues(part)
	for mapping := bundleMapping[keyword]; mapping != "" && c.word(mapping); {
		m := etree.NewElement(mapping)
		c.bundleValues(m)
		part.AddChild(m)
	}
	if mapping := bundleMapping[keyword]; c.more() && mapping != "" {
		if _, ok := suggest(c.peek().text, []string{mapping}); ok {
			c.expected(mapping, mapping)
		}
	}
	return part
}

// bundleValues reads NAME=VALUE as attributes of the element.
func (c *cursor) bundleValues(el *etree.Element) {
	allowed := bundleAttributes[el.Tag]
	for c.more() && strings.Contains(c.peek().text, "=") {
		tok := c.take("")
		name, value, _ := strings.Cut(tok.text, "=")
		switch {
		case !slices.Contains(allowed, name):
			remedy := c.p.near(name, allowed)
			if remedy == "" && len(allowed) > 0 {
				remedy = "use " + alternatives(allowed)
			}
			c.report(tok, remedy, "%s has no attribute %s", el.Tag, quoteWord(shorten(name)))
		case name == "id":
			c.checkID(tok, value)
			c.p.places[el] = tok
			el.CreateAttr(name, value)
		default:
			el.CreateAttr(name, value)
		}
	}
}

func (p *printer) printBundle(el *etree.Element) []string {
	lines := append([]string{"bundle " + el.SelectAttrValue("id", "")}, printDescription(el)...)
	for _, child := range el.ChildElements() {
		switch {
		case child.Tag == "meta_attributes":
			lines = append(lines, p.printSet("meta", child))
		case isMember(child):
			lines = append(lines, "primitive "+child.SelectAttrValue("id", ""))
		default:
			words := append([]string{child.Tag}, printAttributes(child)...)
			for _, mapping := range child.ChildElements() {
				words = append(append(words, mapping.Tag), printAttributes(mapping)...)
			}
			lines = append(lines, strings.Join(words, " "))
		}
	}
	return lines
}

func printAttributes(el *etree.Element) (words []string) {
	for _, attr := range el.Attr {
		words = append(words, nameValue(attr.Key, attr.Value))
	}
	return words
}
