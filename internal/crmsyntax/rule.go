// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"strings"

	"github.com/beevik/etree"
)

// Rules:
//
//	rule [$id=ID] [role=ROLE] [SCORE:|ATTRIBUTE:] EXPRESSION [{and|or} EXPRESSION]…
//	rule $id-ref=ID
//
//	EXPRESSION  ATTRIBUTE [TYPE:]OPERATOR VALUE | {defined|not_defined} ATTRIBUTE | date …
//	OPERATOR    lt gt lte gte eq ne
//	TYPE        string version number integer
//	VALUE       a literal, or param{NAME} or meta{NAME}: the value of a parameter
//	            or meta attribute of the resource
//
// Without a score the rule has INFINITY. A name in its place makes the value
// of that node attribute the score.

var (
	compareOperators = []string{"lt", "gt", "lte", "gte", "eq", "ne"}
	definedOperators = []string{"defined", "not_defined"}
	expressionTypes  = []string{"string", "integer", "number", "version"}
	valueSources     = []string{"literal", "param", "meta"}
)

// ruleList reads rules as long as there are any.
func (c *cursor) ruleList(parent *etree.Element) {
	for c.word("rule") {
		parent.AddChild(c.rule())
	}
}

func (c *cursor) rule() *etree.Element {
	rule := etree.NewElement("rule")
	isRef := c.idSpec(rule)
	if _, value, tok, ok := c.option("role", "$role"); ok {
		rule.CreateAttr("role", c.role(tok, value))
	}
	if isRef {
		return rule
	}
	if tok := c.peek(); c.more() && isScore(tok.text) {
		c.at++
		word := strings.TrimSuffix(tok.text, ":")
		if score, ok := parseScore(word); ok {
			rule.CreateAttr("score", score)
		} else {
			rule.CreateAttr("score-attribute", word)
		}
	} else {
		rule.CreateAttr("score", "INFINITY")
	}
	c.expressions(rule)
	return rule
}

func (c *cursor) expressions(rule *etree.Element) {
	rule.AddChild(c.expression())
	operator := ""
	for c.isWord("and", "or") {
		tok := c.take("")
		word := strings.ToLower(tok.text)
		if operator != "" && operator != word {
			c.fail(tok, "use two rules", "and and or cannot be mixed in one rule")
			return
		}
		operator = word
		rule.AddChild(c.expression())
	}
	if operator == "or" {
		// Between score and id, as crmsh writes it.
		rule.CreateAttr("boolean-op", "or")
	}
}

func (c *cursor) expression() *etree.Element {
	if c.word("date") {
		return c.dateExpression()
	}
	if c.isWord(definedOperators...) {
		operator := strings.ToLower(c.take("").text)
		return element("expression", "operation", operator, "attribute", c.take("a node attribute").text)
	}
	attribute := c.take("an expression")
	if strings.Contains(attribute.text, "=") {
		c.fail(attribute, "compare with eq, for instance: #uname eq sp1",
			"expected a node attribute, found %s", quoteWord(shorten(attribute.text)))
	}
	typ, operator := c.operator()
	value := c.take("a value to compare with")
	ex := element("expression", "operation", operator, "attribute", attribute.text)
	if typ != "" {
		ex.CreateAttr("type", typ)
	}
	if from, inner, found := valueSource(value.text); found {
		ex.CreateAttr("value", inner)
		ex.CreateAttr("value-source", from)
	} else {
		ex.CreateAttr("value", value.text)
	}
	return ex
}

// operator reads [TYPE:]OPERATOR.
func (c *cursor) operator() (typ, operator string) {
	tok := c.peek()
	left, right, typed := strings.Cut(tok.text, ":")
	if !typed {
		left, right = "", tok.text
	}
	if c.more() && oneOf(right, compareOperators) && (!typed || oneOf(left, expressionTypes)) {
		c.at++
		return strings.ToLower(left), strings.ToLower(right)
	}
	c.expected("a comparison: "+alternatives(compareOperators), compareOperators...)
	return "", ""
}

// valueSource splits SOURCE{NAME}.
func valueSource(value string) (from, inner string, found bool) {
	from, inner, found = strings.Cut(value, "{")
	if !found || !oneOf(from, valueSources) || !strings.HasSuffix(inner, "}") || len(inner) < 2 {
		return "", "", false
	}
	return strings.ToLower(from), strings.TrimSuffix(inner, "}"), true
}

// printRule writes a rule with its keyword.
func (p *printer) printRule(rule *etree.Element) string {
	if ref := rule.SelectAttr("id-ref"); ref != nil {
		return "rule $id-ref=" + quote(ref.Value)
	}
	words := []string{"rule"}
	if p.ownID[rule] {
		words = append(words, "$id="+quote(rule.SelectAttrValue("id", "")))
	}
	if role := rule.SelectAttrValue("role", ""); role != "" {
		words = append(words, "$role="+quote(role))
	}
	if attribute := rule.SelectAttrValue("score-attribute", ""); attribute != "" {
		words = append(words, quoteWord(attribute+":"))
	} else if score := rule.SelectAttrValue("score", "INFINITY"); score != "INFINITY" {
		words = append(words, printScore(score)+":")
	}
	return strings.Join(append(words, printExpressions(rule)), " ")
}

// printExpressions writes what a rule asks for.
func printExpressions(rule *etree.Element) string {
	var expressions []string
	for _, child := range rule.ChildElements() {
		switch child.Tag {
		case "expression":
			expressions = append(expressions, printExpression(child))
		case "date_expression":
			expressions = append(expressions, printDate(child))
		}
	}
	operator := strings.ToLower(rule.SelectAttrValue("boolean-op", "and"))
	return strings.Join(expressions, " "+operator+" ")
}

func printExpression(ex *etree.Element) string {
	operator := strings.ToLower(ex.SelectAttrValue("operation", ""))
	attribute := quoteWord(ex.SelectAttrValue("attribute", ""))
	if oneOf(operator, definedOperators) {
		return operator + " " + attribute
	}
	if typ := ex.SelectAttrValue("type", ""); typ != "" {
		operator = typ + ":" + operator
	}
	value, from := ex.SelectAttrValue("value", ""), ex.SelectAttrValue("value-source", "")
	if _, _, ambiguous := valueSource(value); ambiguous && from == "" {
		from = "literal" // must be said of a literal that looks like param{NAME}
	}
	if from != "" {
		value = from + "{" + value + "}"
	}
	return attribute + " " + operator + " " + quoteWord(value)
}
