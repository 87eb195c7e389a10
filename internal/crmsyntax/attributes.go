// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"regexp"
	"strings"

	"github.com/beevik/etree"
)

// Sets of name-value pairs:
//
//	[$id=ID] [SCORE:] [rule …]… NAME=VALUE…  |  $id-ref=ID
//
// A pair is NAME=VALUE, NAME (without a value), $ID:NAME=VALUE (a pair that
// others refer to) or @ID[:NAME] (such a reference).

// clauses maps the keyword of a set to its element.
type clauses map[string]string

// attributeSet reads one set after its keyword.
func (c *cursor) attributeSet(tag string) *etree.Element {
	set := etree.NewElement(tag)
	if c.idSpec(set) {
		return set
	}
	if tok := c.peek(); c.more() && isScore(tok.text) {
		c.at++
		set.CreateAttr("score", c.plainScore(tok))
	}
	c.ruleList(set)
	c.pairs(set)
	return set
}

// idSpec takes $id=ID or $id-ref=ID and reports whether it was a reference,
// after which nothing else may follow in the set.
func (c *cursor) idSpec(el *etree.Element) bool {
	name, id, tok, ok := c.option("$id", "$id-ref")
	if !ok {
		return false
	}
	if name == "$id-ref" {
		el.CreateAttr("id-ref", id)
		c.p.refer(refSet, tok, id, el)
		return true
	}
	c.checkID(tok, id)
	el.CreateAttr("id", id)
	c.p.places[el] = tok
	return false
}

// pairs reads name-value pairs up to a keyword or the end.
func (c *cursor) pairs(set *etree.Element) {
	seen := map[string]bool{}
	for c.more() {
		tok := c.peek()
		if oneOf(tok.text, c.clause) || tok.text == "}" {
			return
		}
		if c.isWord("rule") {
			c.fail(tok, "write the rule before the values it is for", "unexpected rule")
			return
		}
		pair, tok := c.pair()
		if pair == nil {
			return
		}
		set.AddChild(pair)
		name := pair.SelectAttrValue("name", "")
		if name != "" && seen[name] {
			counts := "pacemaker uses the first"
			if defaultSetID[c.kind.word] != "" {
				counts = "the last counts"
			}
			c.warn(tok, "take one of them out", "%s is set twice in one list; %s", name, counts)
		}
		seen[name] = true
	}
}

// pair reads one name-value pair; nil if the next word is none.
func (c *cursor) pair() (*etree.Element, token) {
	tok := c.peek()
	text := tok.text
	name, value, hasValue := strings.Cut(text, "=")
	switch {
	case strings.HasPrefix(text, "@"):
		c.at++
		id, name, named := strings.Cut(text[1:], ":")
		pair := element("nvpair", "id-ref", id)
		if named {
			pair.CreateAttr("name", name)
		}
		c.p.refer(refPair, tok, id, pair)
		return pair, tok
	case strings.HasPrefix(text, "$") && hasValue:
		c.at++
		id, own, named := strings.Cut(name[1:], ":")
		if !named {
			own = id
		}
		c.checkID(tok, id)
		c.checkName(tok, own)
		pair := element("nvpair", "id", id, "name", own, "value", value)
		c.p.places[pair] = tok
		return pair, tok
	case hasValue && name != "":
		c.at++
		c.checkName(tok, name)
		return element("nvpair", "name", name, "value", value), tok
	case hasValue || strings.Contains(text, ":") || text == "":
		return nil, tok
	}
	return c.bareName(tok), tok
}

// attributeName is what may stand as the name of an XML attribute, or begins with a digit.
var attributeName = regexp.MustCompile(`^[\pL\pN_:][\pL\pN_.:-]*$`)

// checkName refuses the name of a parameter that is no XML name. The schema takes it, and pacemaker then writes it as an
// attribute into its list of actions, which nobody can read: the cluster would do nothing any more. Attributes of nodes
// (#health-x) do not come to stand there.
func (c *cursor) checkName(tok token, name string) {
	if c.kind.word != "node" && !attributeName.MatchString(name) {
		c.fail(tok, "use letters, digits and _ . : - only", "%s cannot be a name: pacemaker could not read its own list of actions", quoteWord(shorten(name)))
	}
}

// bareName takes a word without a value as the name of a pair. That is legal,
// but more often a mistyped keyword or the rest of a comment, which crmsh would
// silently make part of the configuration.
func (c *cursor) bareName(tok token) *etree.Element {
	if strings.HasPrefix(tok.text, "#") {
		c.fail(tok, "put it on a line of its own above the object",
			"a comment cannot stand inside an object: it would become part of it")
		return nil
	}
	if near, ok := suggest(tok.text, c.clause); ok {
		c.fail(tok, "did you mean "+near+"?", "unexpected %s", quoteWord(shorten(tok.text)))
		return nil
	}
	c.at++
	c.warn(tok, "write "+tok.text+"=VALUE", "%s has no value", quoteWord(shorten(tok.text)))
	return element("nvpair", "name", tok.text)
}

// printSet writes a set behind its keyword.
func (p *printer) printSet(keyword string, set *etree.Element) string {
	if ref := set.SelectAttr("id-ref"); ref != nil {
		return keyword + " $id-ref=" + quote(ref.Value)
	}
	words := []string{keyword}
	if p.ownID[set] {
		words = append(words, "$id="+quote(set.SelectAttrValue("id", "")))
	}
	if score := set.SelectAttrValue("score", ""); score != "" {
		words = append(words, printScore(score)+":")
	}
	return strings.Join(append(words, p.printSetContent(set)...), " ")
}

// printSetContent writes the rules and pairs of a set.
func (p *printer) printSetContent(set *etree.Element) (words []string) {
	for _, rule := range set.SelectElements("rule") {
		words = append(words, p.printRule(rule))
	}
	for _, pair := range set.SelectElements("nvpair") {
		words = append(words, p.printPair(pair))
	}
	return words
}

func (p *printer) printPair(pair *etree.Element) string {
	name, value := pair.SelectAttrValue("name", ""), pair.SelectAttr("value")
	ref := pair.SelectAttr("id-ref")
	switch {
	case ref != nil && name != "":
		return quoteWord("@" + ref.Value + ":" + name)
	case ref != nil:
		return quoteWord("@" + ref.Value)
	case value == nil:
		return quoteWord(name)
	case p.ownID[pair]:
		return nameValue("$"+pair.SelectAttrValue("id", "")+":"+name, value.Value)
	}
	return nameValue(name, value.Value)
}
