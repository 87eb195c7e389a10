// SPDX-License-Identifier: Apache-2.0

package cib

import (
	"encoding/xml"
	"maps"
	"slices"
	"strconv"
)

type document struct {
	XMLName       xml.Name   `xml:"cib"`
	Attrs         []xml.Attr `xml:",any,attr"`
	Configuration element    `xml:"configuration"`
	Status        element    `xml:"status"`
}

// element is any XML element: the schema differs between versions of pacemaker, and what is not known is passed over.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []element  `xml:",any"`
}

func (e element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// nvset is a set of name-value pairs.
type nvset struct {
	id    string
	score int
	ruled bool
	pairs [][2]string
}

// builder resolves what elements refer to.
type builder struct {
	sets      map[string]nvset   // by id
	templates map[string]element // by id

	containers []Container
}

// collect notes every set and template, wherever it stands.
func (b *builder) collect(e element) {
	for _, child := range e.Children {
		id := child.attr("id")
		switch child.XMLName.Local {
		case "template":
			b.templates[id] = child
		case "instance_attributes", "meta_attributes", "cluster_property_set", "attributes":
			if id != "" {
				b.sets[id] = setOf(child)
			}
		}
		b.collect(child)
	}
}

func setOf(e element) nvset {
	s := nvset{id: e.attr("id")}
	switch text := e.attr("score"); text {
	case "INFINITY", "+INFINITY":
		s.score = 1000000
	case "-INFINITY":
		s.score = -1000000
	default:
		s.score, _ = strconv.Atoi(text)
	}
	for _, child := range e.Children {
		switch child.XMLName.Local {
		case "rule":
			s.ruled = true
		case "nvpair":
			s.pairs = append(s.pairs, [2]string{child.attr("name"), child.attr("value")})
		}
	}
	return s
}

// merge combines the sets of one kind in e: the highest score wins, then the first ("Pacemaker Explained", "Using Rules
// to Control Resource Options"). It also returns the sets with rules, which it leaves out.
func (b *builder) merge(e element, kind string) (map[string]string, []string) {
	var sets []nvset
	for _, child := range e.Children {
		if child.XMLName.Local != kind {
			continue
		}
		if ref := child.attr("id-ref"); ref != "" {
			sets = append(sets, b.sets[ref])
		} else {
			sets = append(sets, setOf(child))
		}
	}
	slices.SortStableFunc(sets, func(x, y nvset) int { return y.score - x.score })
	values := map[string]string{}
	var ruled []string
	for _, s := range sets {
		if s.ruled {
			ruled = append(ruled, s.id)
			continue
		}
		for _, p := range s.pairs {
			if _, ok := values[p[0]]; !ok {
				values[p[0]] = p[1]
			}
		}
	}
	return values, ruled
}

// resources returns the primitives at and below e, with what the containers around them give.
func (b *builder) resources(e element, around []Parent, meta map[string]string) []Primitive {
	kind := e.XMLName.Local
	switch kind {
	case "primitive":
		return []Primitive{b.primitive(e, around, meta)}
	case "group", "clone", "master", "bundle":
	default:
		return nil
	}
	own, _ := b.merge(e, "meta_attributes")
	inherited := maps.Clone(meta)
	if inherited == nil {
		inherited = map[string]string{}
	}
	maps.Copy(inherited, own)
	b.containers = append(b.containers, Container{ID: e.attr("id"), Kind: kind, Meta: inherited, Parents: around})
	parents := append(slices.Clone(around), Parent{ID: e.attr("id"), Kind: kind})
	var list []Primitive
	for _, child := range e.Children {
		list = append(list, b.resources(child, parents, inherited)...)
	}
	return list
}

func (b *builder) primitive(e element, around []Parent, meta map[string]string) Primitive {
	p := Primitive{ID: e.attr("id"), Parents: around, Params: map[string]string{}, Meta: map[string]string{}}
	maps.Copy(p.Meta, meta)
	levels := []element{e}
	if t, ok := b.templates[e.attr("template")]; ok {
		levels = []element{t, e}
	}
	for _, level := range levels {
		if c := level.attr("class"); c != "" {
			p.Class, p.Provider, p.Type = c, level.attr("provider"), level.attr("type")
		}
		params, ruled := b.merge(level, "instance_attributes")
		maps.Copy(p.Params, params)
		p.Ruled = append(p.Ruled, ruled...)
		own, ruled := b.merge(level, "meta_attributes")
		maps.Copy(p.Meta, own)
		p.Ruled = append(p.Ruled, ruled...)
		p.addOperations(level)
	}
	return p
}

// addOperations adds those of one level; the primitive's own replace a template's of the same name and interval.
func (p *Primitive) addOperations(e element) {
	for _, child := range e.Children {
		if child.XMLName.Local != "operations" {
			continue
		}
		for _, op := range child.Children {
			o := Operation{ID: op.attr("id"), Name: op.attr("name"), Interval: op.attr("interval"), Timeout: op.attr("timeout"),
				Role: op.attr("role"), OnFail: op.attr("on-fail"), Enabled: op.attr("enabled")}
			p.Operations = slices.DeleteFunc(p.Operations, func(old Operation) bool {
				return old.Name == o.Name && old.Interval == o.Interval && old.Role == o.Role
			})
			p.Operations = append(p.Operations, o)
		}
	}
}
