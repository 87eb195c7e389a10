// SPDX-License-Identifier: Apache-2.0

package adoption

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// Find returns the element of a primitive in a whole CIB, or nil.
func Find(cib []byte, resource string) (*etree.Element, error) {
	doc, err := Parse(string(cib))
	if err != nil {
		return nil, err
	}
	for _, p := range doc.FindElements(".//configuration/resources//primitive") {
		if p.SelectAttrValue("id", "") == resource {
			return p.Copy(), nil
		}
	}
	return nil, nil
}

// Parse reads an element.
func Parse(text string) (*etree.Element, error) {
	doc := etree.NewDocument()
	if err := doc.ReadFromString(text); err != nil {
		return nil, fmt.Errorf("this is no XML that can be read: %w", err)
	}
	if doc.Root() == nil {
		return nil, fmt.Errorf("there is no XML element in %q", text)
	}
	return doc.Root(), nil
}

// Text is an element as XML, indented.
func Text(e *etree.Element) string {
	doc := etree.NewDocument()
	doc.SetRoot(e.Copy())
	doc.IndentTabs()
	doc.Indent(2)
	text, err := doc.WriteToString()
	if err != nil { // a strings.Builder does not fail
		panic(err)
	}
	return text
}

// Same reports whether two definitions mean the same: neither the order of attributes nor white space counts.
func Same(a, b *etree.Element) bool { return canonical(a) == canonical(b) }

func canonical(e *etree.Element) string {
	var b strings.Builder
	b.WriteString("<" + e.Tag)
	attrs := slices.Clone(e.Attr)
	slices.SortFunc(attrs, func(x, y etree.Attr) int { return strings.Compare(x.FullKey(), y.FullKey()) })
	for _, a := range attrs {
		fmt.Fprintf(&b, " %s=%q", a.FullKey(), a.Value)
	}
	b.WriteString(">")
	for _, child := range e.ChildElements() {
		b.WriteString(canonical(child))
	}
	b.WriteString("</>")
	return b.String()
}

// least are the timeouts without which our agent could not use its retries (metadata of ocf:oci:IPaddr2).
var least = []struct{ name, interval, timeout string }{
	{"start", "0s", "120s"}, {"stop", "0s", "40s"}, {"migrate_to", "0s", "40s"}, {"migrate_from", "0s", "120s"},
}

// Rewrite makes a definition of ocf:oci:IPaddr2 of another agent's: with these parameters, everything else kept but for
// timeouts that are too short, a monitor if there is none, and failure-timeout=60s if there is none (a failed start
// would ban the node for ever).
func Rewrite(old *etree.Element, params map[string]string) *etree.Element {
	e := old.Copy()
	id := e.SelectAttrValue("id", "")
	e.CreateAttr("class", "ocf")
	e.CreateAttr("provider", "oci")
	e.CreateAttr("type", "IPaddr2")
	set := id + "-instance_attributes"
	for i, s := range e.SelectElements("instance_attributes") {
		if i == 0 {
			set = s.SelectAttrValue("id", set)
		}
		e.RemoveChild(s)
	}
	attributes := etree.NewElement("instance_attributes")
	attributes.CreateAttr("id", set)
	names := slices.SortedFunc(maps.Keys(params), func(a, b string) int {
		first := func(s string) int { return map[bool]int{true: 0, false: 1}[s == "ip"] }
		return cmp.Or(first(a)-first(b), strings.Compare(a, b))
	})
	for _, name := range names {
		pair(attributes, set, name, params[name])
	}
	e.InsertChildAt(0, attributes)
	operations(e, id)
	for _, p := range e.FindElements("meta_attributes/nvpair") {
		if p.SelectAttrValue("name", "") == "failure-timeout" {
			return e
		}
	}
	meta := e.SelectElement("meta_attributes")
	if meta == nil || meta.SelectElement("rule") != nil {
		meta = e.CreateElement("meta_attributes")
		meta.CreateAttr("id", id+"-meta_attributes")
	}
	pair(meta, meta.SelectAttrValue("id", id+"-meta_attributes"), "failure-timeout", "60s")
	return e
}

func pair(set *etree.Element, id, name, value string) {
	p := set.CreateElement("nvpair")
	p.CreateAttr("id", id+"-"+name)
	p.CreateAttr("name", name)
	p.CreateAttr("value", value)
}

func operations(e *etree.Element, id string) {
	ops := e.SelectElement("operations")
	if ops == nil {
		ops = e.CreateElement("operations")
	}
	monitored := false
	for _, op := range ops.SelectElements("op") {
		if op.SelectAttrValue("name", "") == "monitor" {
			monitored = true
			raise(op, "20s")
		}
	}
	if !monitored {
		add(ops, id, "monitor", "20s", "20s")
	}
	for _, want := range least {
		found := false
		for _, op := range ops.SelectElements("op") {
			if op.SelectAttrValue("name", "") == want.name {
				found = true
				raise(op, want.timeout)
			}
		}
		if !found {
			add(ops, id, want.name, want.interval, want.timeout)
		}
	}
}

func add(ops *etree.Element, id, name, interval, timeout string) {
	op := ops.CreateElement("op")
	op.CreateAttr("id", id+"-"+name+"-interval-"+interval)
	op.CreateAttr("name", name)
	op.CreateAttr("interval", interval)
	op.CreateAttr("timeout", timeout)
}

// raise lengthens a timeout; one that is missing is pacemaker's 20 s unless there is a default, and is set.
func raise(op *etree.Element, timeout string) {
	have, ok := duration(op.SelectAttrValue("timeout", ""))
	want, _ := duration(timeout)
	if !ok || have < want {
		op.CreateAttr("timeout", timeout)
	}
}

// duration reads a time as pacemaker writes it: a number of seconds, or with a unit.
func duration(text string) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	n, err := strconv.Atoi(strings.TrimSpace(digits))
	if err != nil {
		return 0, false
	}
	unit, ok := map[string]time.Duration{"": time.Second, "s": time.Second, "sec": time.Second, "ms": time.Millisecond, "msec": time.Millisecond,
		"us": time.Microsecond, "usec": time.Microsecond, "m": time.Minute, "min": time.Minute, "h": time.Hour, "hr": time.Hour}[strings.ToLower(text[len(digits):])]
	return time.Duration(n) * unit, ok
}
