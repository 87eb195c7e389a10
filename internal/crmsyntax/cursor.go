// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"fmt"
	"strings"

	"github.com/beevik/etree"
)

// cursor walks over the words of one statement. After the first failure it
// stands at the end of the statement and every further request is a no-op, so
// that the parse functions read straight down without error handling.
type cursor struct {
	p      *parser
	tokens []token
	at     int
	clause []string // the keywords that may follow in this object, see clauses
	kind   *kind
	id     token // the object's id, for messages
	failed bool
}

// more tells whether words are left.
func (c *cursor) more() bool { return !c.failed && c.at < len(c.tokens) }

// peek returns the next word, or the end token.
func (c *cursor) peek() token {
	if c.at < len(c.tokens) {
		return c.tokens[c.at]
	}
	last := c.tokens[len(c.tokens)-1]
	return token{from: last.to, to: last.to}
}

// take returns the next word, whatever it is; what says what was expected
// when there is none.
func (c *cursor) take(what string) token {
	tok := c.peek()
	if c.failed {
		return tok
	}
	if !c.more() {
		c.expected(what)
		return tok
	}
	c.at++
	return tok
}

// isWord tells whether the next word is one of the given keywords, in upper
// or lower case.
func (c *cursor) isWord(keywords ...string) bool {
	return c.more() && oneOf(c.peek().text, keywords)
}

// word skips the next word if it is the given keyword.
func (c *cursor) word(keyword string) bool {
	if !c.isWord(keyword) {
		return false
	}
	c.at++
	return true
}

// option takes NAME=VALUE off the next word if it has one of the names (in
// upper or lower case). The name is returned in the given spelling.
func (c *cursor) option(names ...string) (name, value string, tok token, ok bool) {
	if !c.more() {
		return "", "", token{}, false
	}
	tok = c.peek()
	left, value, found := strings.Cut(tok.text, "=")
	if !found {
		return "", "", tok, false
	}
	for _, name := range names {
		if strings.EqualFold(left, name) {
			c.at++
			return name, value, tok, true
		}
	}
	return "", "", tok, false
}

// fail reports an error at a word and ends the statement.
func (c *cursor) fail(tok token, remedy, format string, args ...any) {
	if c.failed {
		return
	}
	c.failed = true
	c.report(tok, remedy, format, args...)
}

// report notes an error after which the statement can still be read.
func (c *cursor) report(tok token, remedy, format string, args ...any) {
	c.p.fail(tok, remedy, format, args...)
}

func (c *cursor) warn(tok token, remedy, format string, args ...any) {
	c.p.warn(tok, remedy, format, args...)
}

// expected fails at the next word: it is not what the syntax wants there.
// The candidates are the keywords that would have been right, if it is a
// matter of keywords.
func (c *cursor) expected(what string, candidates ...string) {
	tok := c.peek()
	if !c.more() {
		c.fail(tok, "", "expected %s, found the end of the object", what)
		return
	}
	c.fail(tok, c.p.near(tok.text, candidates), "expected %s, found %s", what, quoteWord(shorten(tok.text)))
}

// name takes an object's or a set's id.
func (c *cursor) name(what string) token {
	tok := c.take(what)
	if !c.failed {
		c.checkID(tok, tok.text)
	}
	return tok
}

// checkID reports ids that XML does not allow (Namespaces in XML, NCName).
func (c *cursor) checkID(tok token, id string) {
	if !isNCName(id) {
		c.report(tok, "start with a letter or _ and use letters, digits, '_', '.' and '-'",
			"%s cannot be an id", quoteWord(shorten(id)))
	}
}

// choice takes an enumerated value in any case and returns its spelling in
// the CIB schema.
func (c *cursor) choice(tok token, value, what string, allowed []string) string {
	for _, one := range allowed {
		if strings.EqualFold(value, one) {
			return one
		}
	}
	remedy := c.p.near(value, allowed)
	if remedy == "" {
		remedy = "use " + alternatives(allowed)
	}
	c.report(tok, remedy, "%s is no %s", quoteWord(shorten(value)), what)
	return value
}

// boolean takes a truth value in any of pacemaker's spellings and returns it
// as the schema wants it.
func (c *cursor) boolean(tok token, value, what string) string {
	switch strings.ToLower(value) {
	case "true", "yes", "on", "1", "y":
		return "true"
	case "false", "no", "off", "0", "n":
		return "false"
	}
	c.report(tok, "use true or false", "%s of %s is no truth value", quoteWord(shorten(value)), what)
	return value
}

// role takes the name of a role. Pacemaker 2.1 renamed Master and Slave to
// Promoted and Unpromoted; both are kept as written unless the schema in use
// does not know the new ones yet.
func (c *cursor) role(tok token, value string) string {
	role := c.choice(tok, value, "role", roles)
	if old, renamed := map[string]string{"Promoted": "Master", "Unpromoted": "Slave"}[role]; renamed && !c.p.opt.knowsPromoted() {
		c.warn(tok, "", "role %s is written as %s, since schema %s does not know it", role, old, c.p.opt.Schema)
		return old
	}
	return role
}

// roles of resources, as the schema spells them (constraints-3.7.rng).
var roles = []string{"Started", "Stopped", "Promoted", "Unpromoted", "Master", "Slave"}

// description takes description=TEXT if it comes next.
func (c *cursor) description(el *etree.Element) {
	if _, value, _, ok := c.option("description"); ok && value != "" {
		el.CreateAttr("description", value)
	}
}

// done reports words that are left over at the end of an object.
func (c *cursor) done() {
	if !c.more() {
		return
	}
	tok := c.peek()
	remedy := c.p.near(tok.text, c.clause)
	if remedy == "" && len(c.clause) > 0 {
		remedy = fmt.Sprintf("%s takes %s here", article(c.kind.word), alternatives(c.clause))
	} else if defaultSetID[c.kind.word] != "" {
		remedy = fmt.Sprintf("%s takes NAME=VALUE", article(c.kind.word))
	}
	c.fail(tok, remedy, "unexpected %s", quoteWord(shorten(tok.text)))
}

// alternatives writes "a, b or c".
func alternatives(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// article writes "a primitive" and "an order".
func article(word string) string {
	if strings.ContainsRune("aeio", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}

func oneOf(word string, list []string) bool {
	for _, one := range list {
		if strings.EqualFold(word, one) {
			return true
		}
	}
	return false
}

// shorten keeps messages readable when a word is very long.
func shorten(word string) string {
	if runes := []rune(word); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return word
}

// element makes an XML element with the given attributes (name, value, …).
func element(tag string, attributes ...string) *etree.Element {
	el := etree.NewElement(tag)
	for i := 0; i+1 < len(attributes); i += 2 {
		el.CreateAttr(attributes[i], attributes[i+1])
	}
	return el
}
