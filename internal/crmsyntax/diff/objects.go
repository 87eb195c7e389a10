// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"slices"
	"sort"
	"strings"

	"github.com/beevik/etree"

	"ocf-oci/internal/crmsyntax"
)

// object adds the facts about one object of crm syntax.
func (d *digester) object(obj crmsyntax.Object) {
	r := newReader(d, obj.Element)
	k := key{obj.Kind, obj.ID}
	switch obj.Kind {
	case "node":
		r.node()
	case "primitive", "rsc_template":
		r.primitive()
	case "group":
		r.members()
		r.container(nil)
	case "clone", "ms":
		k.kind = "clone"
		r.clone()
	case "bundle":
		r.bundle()
	case "location", "colocation", "order", "rsc_ticket":
		r.constraint(obj.Kind)
	case "property":
		r.addSets([]*etree.Element{obj.Element}, "", propertyTypes, nil)
		if obj.ID == "cib-bootstrap-options" {
			r.drop(d.opt.IgnoreProperties)
		}
		r.seen["<nvpair"], r.seen["<rule"] = true, true
	case "rsc_defaults", "op_defaults":
		d.defaults(obj)
		return
	case "fencing_topology":
		r.fencing()
	case "tag":
		r.listed("obj_ref", "")
	case "role":
		r.permissions()
	case "acl_target", "acl_group":
		r.listed("role", "role ")
	case "alert":
		r.alert()
	}
	if obj.Kind == "fencing_topology" {
		k.id = ""
	}
	r.rest()
	d.add(k, obj.Kind, r)
}

// defaults adds all sets of defaults of a kind as one object, when the first
// of them comes: pacemaker looks at them together.
func (d *digester) defaults(obj crmsyntax.Object) {
	k := key{kind: obj.Kind}
	if _, done := d.objects[k]; done {
		return
	}
	types := metaTypes
	if obj.Kind == "op_defaults" {
		types = opTypes
	}
	r := newReader(d, obj.Element.Parent())
	r.sets("meta_attributes", "", types, nil)
	r.rest()
	d.add(k, obj.Kind, r)
}

// drop removes the facts with these names.
func (r *reader) drop(names []string) {
	r.facts = slices.DeleteFunc(r.facts, func(f fact) bool { return slices.Contains(names, f.name) })
}

func (r *reader) node() {
	id := r.el.SelectAttrValue("id", "")
	r.fact("id", id, id)
	r.skip("uname", "type")
	if typ := strings.ToLower(r.el.SelectAttrValue("type", "member")); typ != "member" && typ != "normal" {
		r.fact("type", typ, typ)
	}
	r.sets("instance_attributes", "attributes ", map[string]valueType{"standby": boolean, "maintenance": boolean}, nil)
	r.sets("utilization", "utilization ", nil, nil)
}

func (r *reader) primitive() {
	var agent []string
	for _, name := range []string{"class", "provider", "type"} {
		if value := r.el.SelectAttrValue(name, ""); value != "" {
			agent = append(agent, value)
		}
	}
	if len(agent) > 0 {
		r.fact("agent", strings.Join(agent, ":"), strings.Join(agent, ":"))
	}
	r.skip("class", "provider", "type")
	r.attribute("template", "", text, "")
	r.attribute("description", "", text, "")
	r.sets("instance_attributes", "params ", nil, nil)
	r.sets("meta_attributes", "meta ", metaTypes, nil)
	r.sets("utilization", "utilization ", nil, nil)
	r.operations()
}

// operations adds the operations, each named by what tells it from others.
func (r *reader) operations() {
	for _, ops := range r.take("operations") {
		resolved := r.d.resolve(ops)
		if resolved == nil {
			r.fact("operations", ops.SelectAttrValue("id-ref", ""), ops.SelectAttrValue("id-ref", ""))
			continue
		}
		for _, op := range resolved.SelectElements("op") {
			r.operation(op)
		}
	}
}

func (r *reader) operation(op *etree.Element) {
	sub := newReader(r.d, op)
	name := "op " + op.SelectAttrValue("name", "") + " " + intervalWord(op.SelectAttrValue("interval", "0"))
	if value := op.SelectAttrValue("role", ""); value != "" && canonical(role, value) != "Started" {
		name += " role=" + canonical(role, value)
	}
	sub.skip("name", "interval", "role")
	for _, attr := range []string{"timeout", "on-fail", "enabled", "record-pending", "start-delay", "interval-origin", "description"} {
		sub.attribute(attr, "", opTypes[attr], map[string]string{"enabled": "true"}[attr])
	}
	sub.sets("instance_attributes", "op_params ", nil, nil)
	sub.sets("meta_attributes", "op_meta ", opTypes, nil)
	sub.rest()
	r.fact(name, "", "")
	name = r.facts[len(r.facts)-1].name // numbered, if it is there twice
	for _, f := range sub.facts {
		r.fact(name+" "+f.name, f.value, f.shown)
	}
}

// intervalWord writes an interval the same way however it was spelled.
func intervalWord(interval string) string {
	ms := canonical(duration, interval)
	if whole, ok := strings.CutSuffix(ms, "000ms"); ok {
		return whole + "s"
	}
	if ms == "0ms" {
		return "0s"
	}
	return ms
}

// container adds what groups and clones have besides members.
func (r *reader) container(rename map[string]string) {
	r.attribute("description", "", text, "")
	r.sets("instance_attributes", "params ", nil, nil)
	r.sets("meta_attributes", "meta ", metaTypes, rename)
}

// members adds the resources inside, in their order.
func (r *reader) members() {
	var ids []string
	for _, child := range r.el.ChildElements() {
		if child.Tag == "primitive" || child.Tag == "group" {
			ids = append(ids, child.SelectAttrValue("id", ""))
		}
	}
	r.seen["<primitive"], r.seen["<group"] = true, true
	r.fact("members", strings.Join(ids, " "), strings.Join(ids, " "))
}

// clone reads clones and the older masters, which are promotable clones.
func (r *reader) clone() {
	r.members()
	r.container(map[string]string{"master-max": "promoted-max", "master-node-max": "promoted-node-max"})
	if r.el.Tag == "master" && !r.has("meta promotable") {
		r.fact("meta promotable", "true", "true")
	}
}

func (r *reader) bundle() {
	r.members()
	r.attribute("description", "", text, "")
	r.sets("instance_attributes", "params ", nil, nil)
	r.sets("meta_attributes", "meta ", metaTypes, nil)
	for _, tag := range []string{"docker", "podman", "rkt", "network", "storage"} {
		for _, part := range r.take(tag) {
			sub := newReader(r.d, part)
			mappings := append(sub.take("port-mapping"), sub.take("storage-mapping")...)
			sub.rest()
			r.fact(tag, "", "")
			for _, f := range sub.facts {
				r.fact(tag+" "+f.name, f.value, f.shown)
			}
			for _, mapping := range mappings {
				words := strings.Join(attributeWords(mapping, "id"), " ")
				r.fact(tag+" "+mapping.Tag+" "+mapping.SelectAttrValue("id", ""), words, words)
			}
		}
	}
}

// listed adds a fact for each child that is just an id, whatever their order.
func (r *reader) listed(tag, prefix string) {
	for _, child := range r.take(tag) {
		r.fact(prefix+child.SelectAttrValue("id", ""), "", "")
	}
}

func (r *reader) fencing() {
	for _, level := range r.take("fencing-level") {
		target := level.SelectAttrValue("target", "")
		if name := level.SelectAttrValue("target-attribute", ""); name != "" {
			target = "attr:" + name + "=" + level.SelectAttrValue("target-value", "")
		} else if pattern := level.SelectAttrValue("target-pattern", ""); pattern != "" {
			target = "pattern:" + pattern
		}
		devices := level.SelectAttrValue("devices", "")
		r.fact(target+" level "+level.SelectAttrValue("index", ""), devices, devices)
	}
}

func (r *reader) permissions() {
	r.attribute("description", "", text, "")
	var texts []string
	for _, permission := range r.take("acl_permission") {
		words := append([]string{permission.SelectAttrValue("kind", "")}, attributeWords(permission, "id", "kind")...)
		texts = append(texts, strings.Join(words, " "))
	}
	sort.Strings(texts)
	for _, permission := range texts {
		r.fact(permission, "", "")
	}
}

func (r *reader) alert() {
	r.attribute("path", "", text, "")
	r.attribute("description", "", text, "")
	r.sets("instance_attributes", "attributes ", nil, nil)
	r.sets("meta_attributes", "meta ", map[string]valueType{"timeout": duration, "enabled": boolean}, nil)
	for _, selected := range r.take("select") {
		for _, what := range selected.ChildElements() {
			name := "select " + strings.TrimPrefix(what.Tag, "select_")
			r.fact(name, "", "")
			for _, attribute := range what.SelectElements("attribute") {
				r.fact(name+" "+attribute.SelectAttrValue("name", ""), "", "")
			}
		}
	}
	for _, recipient := range r.take("recipient") {
		sub := newReader(r.d, recipient)
		sub.skip("value")
		sub.attribute("description", "", text, "")
		sub.sets("instance_attributes", "attributes ", nil, nil)
		sub.sets("meta_attributes", "meta ", map[string]valueType{"timeout": duration, "enabled": boolean}, nil)
		sub.rest()
		r.fact("recipient "+recipient.SelectAttrValue("value", ""), "", "")
		name := r.facts[len(r.facts)-1].name
		for _, f := range sub.facts {
			r.fact(name+" "+f.name, f.value, f.shown)
		}
	}
}
