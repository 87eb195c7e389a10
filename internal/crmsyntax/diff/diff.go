// SPDX-License-Identifier: Apache-2.0

// Package diff compares two configurations by what they mean to the cluster.
//
// Not compared are: the ids of parts (unless something refers to them, which
// then counts as if it were written out), the order of objects, of name-value
// pairs and of operations, comments, how many sets the same values are spread
// over, and spellings that pacemaker takes for the same: yes and true, 60 and
// 60s, inf and INFINITY, Master and Promoted, ms and a promotable clone.
// Values of agents' parameters are compared letter by letter: a changed letter
// restarts the resource.
//
// Nothing is ever left out of the comparison because it is unknown: elements
// and attributes that this package has no words for are compared as XML.
package diff

import (
	"sort"

	"github.com/beevik/etree"

	"ocf-oci/internal/crmsyntax"
)

// What says what happened to an object.
type What string

// The three things that can happen to an object.
const (
	Added   What = "added"
	Removed What = "removed"
	Changed What = "changed"
)

// Change is a difference in one object.
type Change struct {
	What What   `json:"what"`
	Kind string `json:"kind"` // the keyword of crm syntax: primitive, location, …
	ID   string `json:"id"`   // for nodes the name; empty for defaults and the fencing topology
	// Details are the differences inside an object that both have.
	Details []Detail `json:"details,omitempty"`
}

// Detail is one difference inside an object.
type Detail struct {
	Name   string  `json:"name"`             // such as "params ip" or "op monitor 10s timeout"
	Before *string `json:"before,omitempty"` // nil: it was not there
	After  *string `json:"after,omitempty"`  // nil: it is no longer there
}

// Changes are all differences between two configurations, in the order of crm
// syntax. There is none if they mean the same.
type Changes []Change

// Options say what does not count as a difference.
type Options struct {
	// IgnoreProperties are cluster properties of the main set
	// (cib-bootstrap-options) that are not compared.
	IgnoreProperties []string
}

// PacemakerOwned are the properties that pacemaker and the cluster's tools set
// themselves. A file that lacks them does not want them removed.
var PacemakerOwned = []string{"dc-version", "have-watchdog", "cluster-infrastructure", "cluster-name", "last-lrm-refresh"}

// Compare returns what has to change in the configuration before, so that it
// means what the configuration after means.
func Compare(before, after *crmsyntax.Configuration, opt Options) Changes {
	olds, oldOrder := digest(before, opt)
	news, newOrder := digest(after, opt)
	var changes Changes
	for _, key := range mergeOrder(oldOrder, newOrder) {
		before, was := olds[key]
		after, is := news[key]
		switch {
		case !was:
			changes = append(changes, Change{What: Added, Kind: after.kind, ID: key.id})
		case !is:
			changes = append(changes, Change{What: Removed, Kind: before.kind, ID: key.id})
		default:
			if details := compareFacts(before.facts, after.facts); len(details) > 0 {
				changes = append(changes, Change{What: Changed, Kind: after.kind, ID: key.id, Details: details})
			}
		}
	}
	return changes
}

// key names an object. ms and clone share a kind, as do ids of elements that
// are not known.
type key struct{ kind, id string }

// object is what one object says.
type object struct {
	kind  string // as it is shown
	facts []fact
}

// fact is one thing that an object says. Names are unique in an object.
type fact struct {
	name  string
	value string // what is compared
	shown string // how it is written
}

// digest turns a configuration into facts.
func digest(cfg *crmsyntax.Configuration, opt Options) (map[key]object, []key) {
	d := digester{root: cfg.Element(), opt: opt, objects: map[key]object{}}
	for _, obj := range cfg.Objects() {
		d.object(obj)
	}
	for _, el := range cfg.Unknown() {
		r := newReader(&d, el)
		r.rest()
		d.add(key{el.Tag, el.SelectAttrValue("id", "")}, el.Tag, r)
	}
	return d.objects, d.order
}

// digester collects the objects of one configuration.
type digester struct {
	root    *etree.Element
	opt     Options
	objects map[key]object
	order   []key
}

// add notes the facts about an object. Two elements with the same key, such
// as several sets of defaults, make one object.
func (d *digester) add(k key, kind string, r *reader) {
	obj, seen := d.objects[k]
	if !seen {
		d.order = append(d.order, k)
	}
	obj.kind, obj.facts = kind, append(obj.facts, r.facts...)
	d.objects[k] = obj
}

// mergeOrder puts the keys of both sides into one order: that of the new
// side, each removed key behind the one it followed.
func mergeOrder(olds, news []key) []key {
	inNew := map[key]bool{}
	for _, k := range news {
		inNew[k] = true
	}
	following := map[key][]key{} // removed keys by the last kept one before them
	var last key
	for _, k := range olds {
		if inNew[k] {
			last = k
		} else {
			following[last] = append(following[last], k)
		}
	}
	merged := following[key{}]
	for _, k := range news {
		merged = append(append(merged, k), following[k]...)
	}
	return merged
}

// compareFacts returns the differences between the facts about one object.
// Of a part that is new or gone as a whole only the head is told.
func compareFacts(before, after []fact) []Detail {
	olds, news := index(before), index(after)
	var details []Detail
	for _, f := range before {
		if other, ok := news[f.name]; !ok && !partOfLost(f.name, olds, news) {
			details = append(details, Detail{Name: f.name, Before: &f.shown})
		} else if ok && other.value != f.value {
			details = append(details, Detail{Name: f.name, Before: &f.shown, After: &other.shown})
		}
	}
	for _, f := range after {
		if _, ok := olds[f.name]; !ok && !partOfLost(f.name, news, olds) {
			details = append(details, Detail{Name: f.name, After: &f.shown})
		}
	}
	sort.SliceStable(details, func(i, j int) bool { return details[i].Name < details[j].Name })
	return details
}

func index(facts []fact) map[string]fact {
	byName := make(map[string]fact, len(facts))
	for _, f := range facts {
		byName[f.name] = f
	}
	return byName
}

// partOfLost tells whether a fact belongs to a head, such as "op monitor 10s"
// or "recipient x", that is there on one side only.
func partOfLost(name string, here, there map[string]fact) bool {
	for i := range name {
		if name[i] != ' ' {
			continue
		}
		if head, ok := here[name[:i]]; ok && head.shown == "" {
			if _, kept := there[name[:i]]; !kept {
				return true
			}
		}
	}
	return false
}
