// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"strconv"
	"strings"

	"github.com/beevik/etree"
)

// Fencing topology:
//
//	fencing_topology DEVICES…                    for every node
//	fencing_topology {TARGET DEVICES…}…
//
//	TARGET   NODE: | attr:NAME=VALUE | pattern:REGEX
//	DEVICES  DEVICE[,DEVICE]…                    one level; levels are tried in turn

func (c *cursor) parseFencing() *etree.Element {
	topology := etree.NewElement("fencing-topology")
	if !c.more() {
		return topology
	}
	target, given := c.fencingTarget()
	if !given {
		target = []string{"target", everyNode}
	}
	levels := map[string]int{} // of each target
	for c.more() {
		if next, ok := c.fencingTarget(); ok {
			target = next
			continue
		}
		tok := c.take("")
		for _, device := range strings.Split(tok.text, ",") {
			if !isNCName(device) {
				c.fail(tok, "write NODE:, attr:NAME=VALUE, pattern:REGEX or DEVICE,DEVICE…", "unexpected %s", quoteWord(shorten(tok.text)))
				return topology
			}
			c.p.refer(refDevice, tok, device, nil)
		}
		key := strings.Join(target, "\x00")
		levels[key]++
		level := element("fencing-level", target...)
		level.CreateAttr("index", strconv.Itoa(levels[key]))
		level.CreateAttr("devices", tok.text)
		topology.AddChild(level)
	}
	return topology
}

// fencingTarget takes a target and returns the attributes that stand for it.
func (c *cursor) fencingTarget() ([]string, bool) {
	tok := c.peek()
	prefix, rest, _ := strings.Cut(tok.text, ":")
	name, value, isPair := strings.Cut(rest, "=")
	var target []string
	switch {
	case !c.more():
		return nil, false
	case strings.EqualFold(prefix, "attr") && isPair && name != "" && value != "":
		target = []string{"target-attribute", name, "target-value", value}
	case strings.EqualFold(prefix, "pattern") && rest != "":
		target = []string{"target-pattern", rest}
	case isScore(tok.text):
		target = []string{"target", prefix}
		c.p.refer(refNode, tok, prefix, nil)
	default:
		return nil, false
	}
	c.at++
	return target, true
}

// everyNode stands for all nodes until all statements are read, wherever in
// the file the nodes are. No node can be called so.
const everyNode = "*every node*"

// expandEveryNode gives every node the levels that were written without a target.
func (p *parser) expandEveryNode(obj *object) {
	var nodes []string
	for _, other := range p.objects {
		if other.kind.word == "node" {
			nodes = append(nodes, other.element.SelectAttrValue("uname", ""))
		}
	}
	if len(nodes) == 0 {
		nodes = p.opt.Nodes
	}
	var templates []*etree.Element
	for _, level := range obj.element.SelectElements("fencing-level") {
		if level.SelectAttrValue("target", "") == everyNode {
			templates = append(templates, level)
			obj.element.RemoveChild(level)
		}
	}
	if len(templates) > 0 && len(nodes) == 0 {
		p.fail(obj.id, "write the targets: fencing_topology NODE: DEVICES…",
			"a fencing topology without targets is for every node, and no node is known")
	}
	for i := len(nodes) - 1; i >= 0; i-- {
		for j := len(templates) - 1; j >= 0; j-- {
			level := templates[j].Copy()
			level.CreateAttr("target", nodes[i])
			obj.element.InsertChildAt(0, level)
		}
	}
}

func (p *printer) printFencing(topology *etree.Element) []string {
	lines := []string{"fencing_topology"}
	last := ""
	for _, level := range topology.SelectElements("fencing-level") {
		target := level.SelectAttrValue("target", "") + ":"
		if name := level.SelectAttr("target-attribute"); name != nil {
			target = "attr:" + name.Value + "=" + level.SelectAttrValue("target-value", "")
		} else if pattern := level.SelectAttr("target-pattern"); pattern != nil {
			target = "pattern:" + pattern.Value
		}
		if target != last {
			lines, last = append(lines, quoteWord(target)), target
		}
		lines[len(lines)-1] += " " + quoteWord(level.SelectAttrValue("devices", ""))
	}
	return lines
}
