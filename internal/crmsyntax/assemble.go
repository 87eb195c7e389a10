// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/beevik/etree"
)

// assemble makes a configuration of the objects of a file: it gives every
// part an id, puts members into their containers and checks that all that is
// named exists.
func (p *parser) assemble() *Configuration {
	know := p.index()
	for _, obj := range p.objects {
		if obj.kind.word == "fencing_topology" {
			p.expandEveryNode(obj)
		}
	}
	p.addMonitors(know)
	p.objects = slices.DeleteFunc(p.objects, func(obj *object) bool { return obj.kind.word == "monitor" })
	sort.SliceStable(p.objects, func(i, j int) bool { return rankOf[p.objects[i].kind] < rankOf[p.objects[j].kind] })

	pool := newIDPool()
	for _, obj := range p.objects {
		pool.reserve(obj.element)
	}
	for _, obj := range p.objects {
		pool.assignIDs(obj.element)
		know.addIDs(obj.element)
	}
	p.checkSetIDs(know)
	for _, ref := range p.refs {
		know.check(p, ref)
	}
	inside := p.link(know)

	root := newConfiguration()
	for _, obj := range p.objects {
		addComments(obj)
		switch section := obj.kind.section; {
		case inside[obj]:
		case section == "":
			root.AddChild(obj.element)
		default:
			sectionOf(root, section).AddChild(obj.element)
		}
	}
	inOrder(root)
	return &Configuration{root: root, src: p.src, places: p.places}
}

// index notes all objects by id and reports ids that are taken.
func (p *parser) index() *known {
	know := &known{objects: map[string]*object{}, nodes: map[string]bool{}, ids: map[string][]*etree.Element{}, lost: p.lost}
	nodeIDs := map[string]*object{}
	var kept []*object
	for _, obj := range p.objects {
		id := obj.element.SelectAttrValue("id", "")
		taken := know.objects
		switch obj.kind.word {
		case "monitor":
			kept = append(kept, obj)
			continue
		case "node":
			taken = nodeIDs
			uname := obj.element.SelectAttrValue("uname", "")
			if uname != "" && know.nodes[uname] {
				p.fail(obj.id, "", "node %s is there twice", quoteWord(uname))
			}
			know.nodes[uname] = true
		case "fencing_topology":
			id = "fencing_topology"
		case "role":
			know.roles = append(know.roles, id)
		case "rsc_template":
			know.templates = append(know.templates, id)
		}
		if obj.kind.section == "resources" {
			know.resources = append(know.resources, id)
		}
		if other := taken[id]; other != nil && id != "" {
			p.fail(obj.id, p.duplicateRemedy(obj), "the id %s is taken by the %s in line %d",
				quoteWord(id), other.kind.word, p.src.line(other.id.from)+1)
			continue
		}
		taken[id] = obj
		kept = append(kept, obj)
	}
	p.objects = kept
	return know
}

func (p *parser) duplicateRemedy(obj *object) string {
	switch obj.kind.word {
	case "property", "rsc_defaults", "op_defaults":
		return "put both lists into one statement, or name the second: " + obj.kind.word + " ID: …"
	}
	return ""
}

// addIDs notes every id of an object.
func (k *known) addIDs(el *etree.Element) {
	if id := el.SelectAttr("id"); id != nil && el.Tag != "node" && (!withoutID[el.Tag] || el.Tag == "operations") {
		k.ids[id.Value] = append(k.ids[id.Value], el)
	}
	for _, child := range el.ChildElements() {
		k.addIDs(child)
	}
}

// checkSetIDs reports ids of parts that are in use. Ids of objects are
// compared when they are indexed.
func (p *parser) checkSetIDs(know *known) {
	for id, elements := range know.ids {
		for i, el := range elements {
			if tok, ok := p.places[el]; ok && i > 0 && know.objects[id] == nil || ok && know.objects[id] != nil && know.objects[id].element != el {
				p.fail(tok, "", "the id %s is used twice", quoteWord(id))
			}
		}
	}
}

// addMonitors puts the operations of monitor statements into their primitives.
func (p *parser) addMonitors(know *known) {
	for _, obj := range p.objects {
		if obj.kind.word != "monitor" {
			continue
		}
		op := obj.element
		id := op.SelectAttrValue("rsc", "")
		primitive := know.objects[id]
		switch {
		case know.lost[id]:
			continue
		case primitive == nil:
			p.fail(obj.id, p.near(id, know.resources), "there is no resource %s", quoteWord(shorten(id)))
			continue
		case primitive.kind.word != "primitive":
			p.fail(obj.id, "", "%s is %s, only a primitive can be monitored", id, article(primitive.kind.word))
			continue
		}
		ops := primitive.element.SelectElement("operations")
		if ops == nil {
			ops = primitive.element.CreateElement("operations")
		}
		interval := op.SelectAttrValue("interval", "")
		if slices.ContainsFunc(ops.SelectElements("op"), func(other *etree.Element) bool {
			return other.SelectAttrValue("name", "") == "monitor" && other.SelectAttrValue("interval", "") == interval
		}) {
			p.fail(obj.id, "", "%s already has a monitor with interval %s", id, quoteWord(interval))
			continue
		}
		op.RemoveAttr("rsc")
		op.CreateAttr("id", ncName(id+"-monitor-"+interval))
		ops.AddChild(op)
	}
}

// link puts members into their containers and returns the objects that are
// inside others.
func (p *parser) link(know *known) map[*object]bool {
	inside := map[*object]bool{}
	owner := map[string]string{}
	for _, obj := range p.objects {
		if obj.kind.section != "resources" {
			continue
		}
		for _, member := range obj.element.SelectElements(memberTag) {
			id := member.SelectAttrValue("id", "")
			child, tok := know.objects[id], p.places[member]
			allowed := []string{"primitive", "group"}
			if obj.kind.word == "group" || obj.kind.word == "bundle" {
				allowed = allowed[:1]
			}
			name := quoteWord(shorten(id))
			switch {
			case know.lost[id]:
				continue
			case child == nil:
				p.fail(tok, p.near(id, know.resources), "there is no resource %s", name)
				continue
			case !slices.Contains(allowed, child.kind.word):
				p.fail(tok, "", "%s contains a %s, and %s is %s", article(obj.kind.word), strings.Join(allowed, " or "), name, article(child.kind.word))
				continue
			case owner[id] != "":
				p.fail(tok, "", "%s is already in %s", name, owner[id])
				continue
			}
			owner[id] = fmt.Sprintf("%s %s", obj.kind.word, obj.element.SelectAttrValue("id", ""))
			inside[child] = true
			at := member.Index()
			obj.element.RemoveChildAt(at)
			obj.element.InsertChildAt(at, child.element)
		}
	}
	return inside
}

// addComments keeps the comments above an object in it, where crmsh puts them.
func addComments(obj *object) {
	if obj.comments == "" {
		return
	}
	for i, line := range strings.Split(obj.comments, "\n") {
		for strings.Contains(line, "--") { // XML 1.0, 2.5
			line = strings.ReplaceAll(line, "--", "- -")
		}
		if strings.HasSuffix(line, "-") {
			line += " "
		}
		obj.element.InsertChildAt(i, etree.NewComment(line))
	}
}
