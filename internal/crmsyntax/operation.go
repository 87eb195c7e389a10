// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"regexp"
	"strings"

	"github.com/beevik/etree"
)

// Operations of a primitive or template:
//
//	[operations {$id=ID|$id-ref=ID}]
//	op NAME [ATTRIBUTE=VALUE]… [[op_params] SET] [op_meta SET]
//
// What is no attribute of an operation in the schema becomes a parameter that
// the agent gets with this operation only. An operation without interval has
// interval 0.

// opAttributes are the attributes of an operation (resources-3.9.rng).
var opAttributes = []string{"id", "interval", "timeout", "on-fail", "role", "enabled", "record-pending",
	"start-delay", "interval-origin", "description"}

var onFail = []string{"ignore", "block", "demote", "stop", "restart", "standby", "fence", "restart-container"}

// operations reads "operations …" and the op clauses that follow, or just op clauses.
func (c *cursor) operations() *etree.Element {
	ops := etree.NewElement("operations")
	if c.word("operations") {
		if tok := c.peek(); !c.idSpec(ops) && ops.SelectAttr("id") == nil {
			c.fail(tok, "", "expected $id=ID or $id-ref=ID")
		}
	}
	for c.word("op") {
		ops.AddChild(c.operation())
	}
	return ops
}

func (c *cursor) operation() *etree.Element {
	name := c.take("the name of an operation, such as monitor")
	if strings.Contains(name.text, "=") || oneOf(name.text, c.clause) {
		c.fail(name, "", "expected the name of an operation, such as monitor, found %s", quoteWord(shorten(name.text)))
	}
	op := element("op", "name", name.text)
	params := etree.NewElement("instance_attributes")
	for c.more() && !oneOf(c.peek().text, c.clause) {
		pair, tok := c.pair()
		if pair == nil {
			break
		}
		key, value := pair.SelectAttrValue("name", ""), pair.SelectAttr("value")
		switch {
		case key == "name":
			c.fail(tok, "", "the name of the operation was already given: %s", name.text)
		case value == nil || !oneOf(key, opAttributes):
			if near, ok := suggest(key, opAttributes); ok && value != nil {
				c.fail(tok, "did you mean "+near+"?", "%s is no attribute of an operation", key)
				break
			}
			params.AddChild(pair)
		case len(params.Child) > 0:
			c.fail(tok, "write it before "+params.ChildElements()[0].SelectAttrValue("name", "the parameters"),
				"%s is an attribute of the operation and cannot follow its parameters", key)
		default:
			op.CreateAttr(strings.ToLower(key), c.opValue(tok, strings.ToLower(key), value.Value))
		}
	}
	if op.SelectAttr("interval") == nil {
		op.CreateAttr("interval", "0")
	}
	if len(params.Child) > 0 {
		op.AddChild(params)
	} else if c.more() && c.isWord("rule") {
		op.AddChild(c.attributeSet("instance_attributes"))
	}
	for c.isWord("op_params", "op_meta") {
		if c.word("op_params") {
			op.AddChild(c.attributeSet("instance_attributes"))
		} else {
			c.take("")
			op.AddChild(c.attributeSet("meta_attributes"))
		}
	}
	return op
}

// opValue checks the value of an attribute and returns the schema's spelling.
func (c *cursor) opValue(tok token, name, value string) string {
	switch name {
	case "id":
		c.checkID(tok, value)
	case "role":
		return c.role(tok, value)
	case "on-fail":
		return c.choice(tok, value, "value of on-fail", onFail)
	case "enabled", "record-pending":
		return c.boolean(tok, value, name)
	case "interval", "timeout", "start-delay":
		c.checkTime(tok, name, value)
	}
	return value
}

// timeValue is what pacemaker reads as a time: a number with or without a
// unit, or an ISO 8601 duration.
var timeValue = regexp.MustCompile(`^([0-9]+(\.[0-9]+)?\s*(us|usec|ms|msec|s|sec|m|min|h|hr)?|P[0-9A-Z.,]+)$`)

func (c *cursor) checkTime(tok token, name, value string) {
	if !timeValue.MatchString(value) && value != "INFINITY" {
		c.warn(tok, "use a number of seconds, or one with a unit: 20s, 500ms, 2min",
			"%s of %s is no time", quoteWord(shorten(value)), name)
	}
}

// parseMonitor reads  monitor RESOURCE[:ROLE] INTERVAL[:TIMEOUT], an older way
// to add an operation to a primitive.
func (c *cursor) parseMonitor() *etree.Element {
	tok := c.take("the resource to monitor")
	resource, role, hasRole := strings.Cut(tok.text, ":")
	c.id = tok
	op := element("op", "name", "monitor", "rsc", resource)
	if hasRole {
		op.CreateAttr("role", c.role(tok, role))
	}
	tok = c.take("INTERVAL[:TIMEOUT]")
	interval, timeout, hasTimeout := strings.Cut(tok.text, ":")
	c.checkTime(tok, "interval", interval)
	op.CreateAttr("interval", interval)
	if hasTimeout {
		c.checkTime(tok, "timeout", timeout)
		op.CreateAttr("timeout", timeout)
	}
	return op
}

// printOperations writes each operation as one or more lines.
func (p *printer) printOperations(ops *etree.Element) (lines []string) {
	if ref := ops.SelectAttr("id-ref"); ref != nil {
		lines = append(lines, "operations $id-ref="+quote(ref.Value))
	} else if id := ops.SelectAttr("id"); id != nil {
		lines = append(lines, "operations $id="+quote(id.Value))
	}
	for _, op := range ops.SelectElements("op") {
		words := []string{"op", quoteWord(op.SelectAttrValue("name", ""))}
		for _, attr := range op.Attr {
			if attr.Key != "id" && attr.Key != "name" {
				words = append(words, nameValue(attr.Key, attr.Value))
			}
		}
		lines = append(lines, strings.Join(words, " "))
		for _, child := range op.ChildElements() {
			switch child.Tag {
			case "instance_attributes":
				lines = append(lines, p.printSet("op_params", child))
			case "meta_attributes":
				lines = append(lines, p.printSet("op_meta", child))
			}
		}
	}
	return lines
}
