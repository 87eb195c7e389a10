// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// Access control lists:
//
//	role ID [description=TEXT] {read|write|deny} [ID:] [description=TEXT] SPEC… …
//	acl_target USER ROLE…
//	acl_group GROUP ROLE…
//
//	SPEC  xpath:XPATH | ref:ID | type:TAG [attr:NAME] | SHORTCUT[:NAME]…
//
// tag, reference and attribute are other words for type, ref and attr. Several
// of xpath, ref and type behind one right make as many permissions.
//
// The ACLs of pacemaker before 1.1.12, which no current schema allows:
//
//	user ID {role:ROLE | RIGHT [xpath:…|ref:…|tag:…] [attribute:…]}…

var rights = []string{"read", "write", "deny"}

// permissionSpecs maps the words of a permission to attributes in the CIB.
var permissionSpecs = map[string]string{
	"xpath": "xpath", "ref": "reference", "reference": "reference",
	"type": "object-type", "tag": "object-type", "attr": "attribute", "attribute": "attribute",
}

func (c *cursor) parseACLRole() *etree.Element {
	el := etree.NewElement("acl_role")
	c.objectID(el)
	c.description(el)
	if !c.more() {
		c.expected("a right: read, write or deny")
	}
	for c.more() {
		c.permissions(el)
	}
	return el
}

// permissions reads one right and what it is for.
func (c *cursor) permissions(role *etree.Element) {
	right := c.peek()
	if !c.isWord(rights...) {
		c.expected("a right: read, write or deny", rights...)
		return
	}
	c.at++
	base := element("acl_permission", "kind", strings.ToLower(right.text))
	if word, _, _ := strings.Cut(c.peek().text, ":"); !slices.Contains(specWords(), word) {
		if tok := c.headID(base); tok.to > 0 {
			c.checkID(tok, base.SelectAttrValue("id", ""))
			c.p.places[base] = tok
		}
	}
	c.description(base)
	specs, reference := c.specs(permissionSpecs)
	made := 0
	for _, name := range []string{"xpath", "reference", "object-type"} {
		value, ok := specs[name]
		if !ok {
			continue
		}
		permission := base.Copy()
		permission.CreateAttr(name, value)
		if attribute, ok := specs["attribute"]; ok && name == "object-type" {
			permission.CreateAttr("attribute", attribute)
		}
		if made++; made > 1 && base.SelectAttr("id") != nil {
			c.fail(right, "give each permission a right of its own", "several permissions cannot share one id")
		}
		role.AddChild(permission)
	}
	_, hasAttribute := specs["attribute"]
	_, hasType := specs["object-type"]
	switch {
	case hasAttribute && !hasType:
		c.fail(right, "add type:TAG", "attr: only goes with type:")
	case made == 0:
		c.expected("what to "+right.text+": xpath:, ref:, type: or a shortcut such as cib, status, meta:, params:", specWords()...)
	}
	if id, ok := specs["reference"]; ok {
		c.p.refer(refAny, reference, id, nil)
	}
}

// specs reads what a right is for, as attributes of the CIB, and returns
// where the reference stood.
func (c *cursor) specs(known map[string]string) (specs map[string]string, reference token) {
	specs = map[string]string{}
	for c.more() {
		tok := c.peek()
		word, value, hasValue := strings.Cut(tok.text, ":")
		name, isSpec := known[word]
		if _, isShortcut := aclShortcuts[word]; !isSpec && isShortcut {
			xpath, problem := expandShortcut(word, value, hasValue)
			if problem != "" {
				c.fail(tok, "", "%s", problem)
			}
			name, value, isSpec = "xpath", xpath, true
		} else if isSpec && value == "" {
			c.fail(tok, "", "expected %s:VALUE", word)
		}
		if !isSpec {
			return specs, reference
		}
		if _, twice := specs[name]; twice {
			c.fail(tok, "give each permission a right of its own", "%s is given twice for one right", name)
		}
		c.at++
		specs[name] = value
		if name == "reference" {
			reference = tok
		}
	}
	return specs, reference
}

func (c *cursor) parseACLTarget() *etree.Element {
	el := etree.NewElement(c.kind.tag)
	c.objectID(el)
	if !c.more() {
		c.expected("a role")
	}
	for c.more() {
		tok := c.take("")
		c.p.refer(refRole, tok, tok.text, nil)
		el.AddChild(element("role", "id", tok.text))
	}
	return el
}

// oldSpecs are the words behind a right in the older ACLs.
var oldSpecs = map[string]string{"xpath": "xpath", "ref": "ref", "tag": "tag", "attribute": "attribute"}

func (c *cursor) parseACLUser() *etree.Element {
	el := etree.NewElement("acl_user")
	c.objectID(el)
	c.warn(c.id, "use role and acl_target", "ACLs with user are refused by every schema since pacemaker-2.0")
	if !c.more() {
		c.expected("role:ROLE or a right: read, write or deny")
	}
	for c.more() {
		tok := c.peek()
		if word, role, ok := strings.Cut(tok.text, ":"); ok && strings.EqualFold(word, "role") && role != "" {
			c.at++
			c.p.refer(refRole, tok, role, nil)
			el.AddChild(element("role_ref", "id", role))
			continue
		}
		if !c.isWord(rights...) {
			c.expected("role:ROLE or a right: read, write or deny", rights...)
			break
		}
		c.at++
		right := etree.NewElement(strings.ToLower(tok.text))
		specs, _ := c.specs(oldSpecs)
		for _, name := range []string{"xpath", "ref", "tag", "attribute"} {
			if value, ok := specs[name]; ok {
				right.CreateAttr(name, value)
			}
		}
		el.AddChild(right)
	}
	return el
}

func (p *printer) printACLRole(el *etree.Element) []string {
	lines := append([]string{"role " + el.SelectAttrValue("id", "")}, printDescription(el)...)
	for _, permission := range el.SelectElements("acl_permission") {
		words := []string{permission.SelectAttrValue("kind", "")}
		if id := permission.SelectAttrValue("id", ""); p.ownID[permission] {
			words = append(words, id+":")
		}
		words = append(words, printDescription(permission)...)
		words = append(words, printSpecs(permission, "xpath", "xpath", "reference", "ref", "object-type", "type", "attribute", "attr")...)
		lines = append(lines, strings.Join(words, " "))
	}
	return lines
}

// printSpecs writes the given attributes (name in the CIB, word, …).
func printSpecs(el *etree.Element, names ...string) (words []string) {
	for i := 0; i+1 < len(names); i += 2 {
		attr := el.SelectAttr(names[i])
		if attr == nil {
			continue
		}
		if shortcut, ok := findShortcut(attr.Value); ok && names[i] == "xpath" {
			words = append(words, shortcut)
			continue
		}
		words = append(words, quoteWord(names[i+1]+":"+attr.Value))
	}
	return words
}

func (p *printer) printACLTarget(k *kind, el *etree.Element) []string {
	words := []string{k.word, el.SelectAttrValue("id", "")}
	for _, role := range el.SelectElements("role") {
		words = append(words, quoteWord(role.SelectAttrValue("id", "")))
	}
	return []string{strings.Join(words, " ")}
}

func (p *printer) printACLUser(el *etree.Element) []string {
	lines := []string{"user " + el.SelectAttrValue("id", "")}
	for _, child := range el.ChildElements() {
		if child.Tag == "role_ref" {
			lines = append(lines, quoteWord("role:"+child.SelectAttrValue("id", "")))
			continue
		}
		words := append([]string{child.Tag}, printSpecs(child, "xpath", "xpath", "ref", "ref", "tag", "tag", "attribute", "attribute")...)
		lines = append(lines, strings.Join(words, " "))
	}
	return lines
}
