// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"strconv"

	"github.com/beevik/etree"
	"pgregory.net/rapid"
)

// The rest of drawer: containers, constraints and the smaller sections.

func (d *drawer) configuration() *etree.Element {
	d.sets, d.pairs = map[string][]string{}, map[string][]string{}
	root := newConfiguration()
	nodes := sectionOf(root, "nodes")
	for i := range rapid.IntRange(0, 3).Draw(d.t, "nodes") {
		node := element("node", "id", d.pick("node id", strconv.Itoa(i+1), "a:"+strconv.Itoa(i), "n"+strconv.Itoa(i)), "uname", "n"+strconv.Itoa(i))
		d.maybe(node, 20, "type", "member", "remote")
		if d.chance("node set", 40) {
			node.AddChild(d.set(d.pick("node set", "instance_attributes", "utilization"), node.SelectAttrValue("uname", "")))
		}
		nodes.AddChild(node)
	}
	resources := sectionOf(root, "resources")
	for range rapid.IntRange(0, 5).Draw(d.t, "resources") {
		resources.AddChild(d.resource())
	}
	if len(d.resources) > 0 {
		constraints := sectionOf(root, "constraints")
		for range rapid.IntRange(0, 5).Draw(d.t, "constraints") {
			constraints.AddChild(d.constraint())
		}
		if d.chance("tags", 30) {
			tag := element("tag", "id", d.id("tag"))
			tag.AddChild(element("obj_ref", "id", d.anyResource()))
			sectionOf(root, "tags").AddChild(tag)
		}
		if d.chance("fencing", 30) {
			sectionOf(root, "fencing-topology")
			for range rapid.IntRange(0, 3).Draw(d.t, "levels") {
				sectionOf(root, "fencing-topology").AddChild(d.level())
			}
		}
	}
	d.options(root)
	d.acls(root)
	if d.chance("alert", 30) {
		sectionOf(root, "alerts").AddChild(d.alert())
	}
	inOrder(root)
	return root
}

func (d *drawer) anyResource() string { return d.pick("resource", d.resources...) }

func (d *drawer) resource() *etree.Element {
	switch rapid.IntRange(0, 6).Draw(d.t, "resource kind") {
	case 0:
		return d.primitive("template")
	case 1:
		return d.group()
	case 2:
		clone := element(d.pick("clone", "clone", "master"), "id", d.id("c_"))
		if d.chance("clone of group", 40) {
			clone.AddChild(d.group())
		} else {
			clone.AddChild(d.primitive("primitive"))
		}
		if d.chance("clone meta", 50) {
			clone.AddChild(d.set("meta_attributes", clone.SelectAttrValue("id", "")))
		}
		d.resources = append(d.resources, clone.SelectAttrValue("id", ""))
		return clone
	case 3:
		return d.bundle()
	}
	return d.primitive("primitive")
}

func (d *drawer) group() *etree.Element {
	group := element("group", "id", d.id("g_"))
	d.maybe(group, 20, "description", "a b")
	if d.chance("group set", 40) {
		group.AddChild(d.set(d.pick("group set", "meta_attributes", "instance_attributes"), group.SelectAttrValue("id", "")))
	}
	for range rapid.IntRange(1, 3).Draw(d.t, "members") {
		group.AddChild(d.primitive("primitive"))
	}
	d.resources = append(d.resources, group.SelectAttrValue("id", ""))
	return group
}

func (d *drawer) bundle() *etree.Element {
	bundle := element("bundle", "id", d.id("b_"))
	container := element(d.pick("container", "docker", "podman", "rkt"), "image", d.value())
	d.maybe(container, 30, "replicas", "3")
	d.maybe(container, 30, "options", "-v /a:/b --net=host")
	bundle.AddChild(container)
	if d.chance("network", 50) {
		network := element("network", "ip-range-start", "10.0.0.1")
		if d.chance("port", 50) {
			network.AddChild(element("port-mapping", "id", d.id("port"), "port", "80"))
		}
		bundle.AddChild(network)
	}
	if d.chance("bundle params", 10) {
		bundle.AddChild(d.set("instance_attributes", bundle.SelectAttrValue("id", "")))
	}
	if d.chance("bundle primitive", 50) {
		bundle.AddChild(d.primitive("primitive"))
	}
	d.resources = append(d.resources, bundle.SelectAttrValue("id", ""))
	return bundle
}

func (d *drawer) constraint() *etree.Element {
	id := d.id("con")
	switch rapid.IntRange(0, 3).Draw(d.t, "constraint") {
	case 0:
		return d.location(id)
	case 1:
		el := element("rsc_colocation", "id", id)
		d.maybe(el, 95, "score", "INFINITY", "-INFINITY", "10")
		d.maybe(el, 10, "influence", "true")
		if d.chance("sets", 40) {
			d.resourceSets(el, "role")
			return el
		}
		el.CreateAttr("rsc", d.anyResource())
		el.CreateAttr("with-rsc", d.anyResource())
		d.maybe(el, 20, "rsc-role", "Master", "Started")
		d.maybe(el, 20, "with-rsc-role", "Promoted", "Slave")
		d.maybe(el, 20, "node-attribute", "Rack", "a b")
		return el
	case 2:
		el := element("rsc_order", "id", id)
		if d.chance("order kind", 60) {
			el.CreateAttr("kind", d.pick("kind", "Mandatory", "Optional", "Serialize"))
		} else {
			d.maybe(el, 30, "score", "0", "INFINITY")
		}
		d.maybe(el, 20, "symmetrical", "true", "false")
		d.maybe(el, 10, "require-all", "false")
		if d.chance("sets", 40) {
			d.resourceSets(el, "action")
			return el
		}
		el.CreateAttr("first", d.anyResource())
		el.CreateAttr("then", d.anyResource())
		d.maybe(el, 20, "first-action", "promote", "start")
		d.maybe(el, 20, "then-action", "stop")
		return el
	}
	el := element("rsc_ticket", "id", id, "ticket", d.pick("ticket", "T", "a b", "x:y"))
	d.maybe(el, 30, "loss-policy", "fence", "freeze")
	if d.chance("sets", 40) {
		d.resourceSets(el, "role")
		return el
	}
	el.CreateAttr("rsc", d.anyResource())
	d.maybe(el, 20, "rsc-role", "Master")
	return el
}

func (d *drawer) location(id string) *etree.Element {
	el := element("rsc_location", "id", id)
	switch rapid.IntRange(0, 3).Draw(d.t, "what") {
	case 0:
		el.CreateAttr("rsc-pattern", d.pick("pattern", "^p_.*", "a b", "/x/", "p=1"))
	case 1:
		d.resourceSets(el, "role")
	default:
		el.CreateAttr("rsc", d.anyResource())
	}
	d.maybe(el, 20, "role", "Started", "Master")
	d.maybe(el, 20, "resource-discovery", "never", "exclusive")
	if d.chance("rules", 50) {
		for range rapid.IntRange(1, 2).Draw(d.t, "rules") {
			el.AddChild(d.rule(id, false))
		}
		return el
	}
	el.CreateAttr("score", d.pick("score", "INFINITY", "-INFINITY", "100", "+5"))
	el.CreateAttr("node", d.pick("node", "n0", "n1", "my node"))
	return el
}

func (d *drawer) resourceSets(parent *etree.Element, qualifier string) {
	for range rapid.IntRange(1, 3).Draw(d.t, "resource sets") {
		set := element("resource_set", "id", d.id("rs"))
		d.maybe(set, 30, "sequential", "true", "false")
		d.maybe(set, 30, "require-all", "true", "false")
		if qualifier == "role" {
			d.maybe(set, 30, "role", "Master", "Started")
		} else {
			d.maybe(set, 30, "action", "start", "promote")
		}
		d.maybe(set, 3, "ordering", "listed")
		for range rapid.IntRange(1, 3).Draw(d.t, "set members") {
			set.AddChild(element("resource_ref", "id", d.anyResource()))
		}
		parent.AddChild(set)
	}
}

func (d *drawer) level() *etree.Element {
	level := element("fencing-level", "id", d.id("fl"))
	switch rapid.IntRange(0, 2).Draw(d.t, "target") {
	case 0:
		level.CreateAttr("target", d.pick("target", "n0", "n1"))
	case 1:
		level.CreateAttr("target-pattern", d.pick("pattern", "n.*", "a b"))
	default:
		level.CreateAttr("target-attribute", "rack")
		level.CreateAttr("target-value", d.pick("rack", "1", "2"))
	}
	level.CreateAttr("index", d.pick("index", "1", "1", "1", "2"))
	level.CreateAttr("devices", d.pick("devices", "a", "a,b"))
	return level
}

func (d *drawer) options(root *etree.Element) {
	for _, section := range []string{"crm_config", "rsc_defaults", "op_defaults"} {
		tag := "meta_attributes"
		if section == "crm_config" {
			tag = "cluster_property_set"
		}
		for i := range rapid.IntRange(0, 2).Draw(d.t, section) {
			id := d.id("opt")
			if i == 0 && d.chance("default id", 60) {
				id = map[string]string{"crm_config": "cib-bootstrap-options", "rsc_defaults": "rsc-options", "op_defaults": "op-options"}[section]
			}
			set := element(tag, "id", id)
			d.maybe(set, 10, "score", "5")
			d.content(set)
			sectionOf(root, section).AddChild(set)
		}
	}
}

func (d *drawer) acls(root *etree.Element) {
	if !d.chance("acls", 30) {
		return
	}
	role := element("acl_role", "id", d.id("role"))
	d.maybe(role, 30, "description", "a b")
	for range rapid.IntRange(0, 3).Draw(d.t, "permissions") {
		permission := element("acl_permission", "id", d.id("perm"), "kind", d.pick("kind", "read", "write", "deny"))
		d.maybe(permission, 20, "description", "c d")
		switch rapid.IntRange(0, 2).Draw(d.t, "permission") {
		case 0:
			permission.CreateAttr("xpath", d.pick("xpath", "/cib", "/cib/status", "//primitive[@id='a']/meta_attributes",
				"//primitive[@id='a']/meta_attributes/nvpair[@name='b c']", "//nodes/node[@uname='n1']",
				"//rsc_location[@id='cli-prefer-a' and @rsc='a']", "//rsc_location[@id='cli-prefer-a' and @rsc='b']", "//x \"y\""))
		case 1:
			permission.CreateAttr("object-type", d.pick("tag", "node", "a b"))
			d.maybe(permission, 50, "attribute", "x")
		default:
			permission.CreateAttr("reference", role.SelectAttrValue("id", ""))
		}
		role.AddChild(permission)
	}
	sectionOf(root, "acls").AddChild(role)
	target := element(d.pick("target", "acl_target", "acl_group"), "id", d.id("user"))
	if d.chance("target role", 80) {
		target.AddChild(element("role", "id", role.SelectAttrValue("id", "")))
	}
	sectionOf(root, "acls").AddChild(target)
}

func (d *drawer) alert() *etree.Element {
	id := d.id("alert")
	alert := element("alert", "id", id, "path", d.pick("path", "/bin/x", "/bin/a b", "to"))
	d.maybe(alert, 20, "description", "a b")
	if d.chance("select", 40) {
		selected := alert.CreateElement("select")
		if d.chance("nodes", 50) {
			selected.CreateElement("select_nodes")
		}
		if d.chance("attributes", 50) {
			attributes := selected.CreateElement("select_attributes")
			attributes.AddChild(element("attribute", "id", d.id("sa"), "name", d.pick("name", "x", "}", "a b")))
		}
	}
	for i := range rapid.IntRange(0, 3).Draw(d.t, "recipients") {
		recipient := element("recipient", "id", id+"-recipient-"+strconv.Itoa(i+1), "value", d.value())
		d.maybe(recipient, 20, "description", "a b")
		if d.chance("recipient set", 30) {
			recipient.AddChild(d.set("meta_attributes", recipient.SelectAttrValue("id", "")))
		}
		alert.AddChild(recipient)
	}
	if d.chance("alert set", 40) {
		alert.AddChild(d.set("instance_attributes", id))
	}
	return alert
}
