// SPDX-License-Identifier: Apache-2.0

package crmreload

import (
	"fmt"

	"github.com/beevik/etree"

	"ocf-oci/internal/crmsyntax"
	"ocf-oci/internal/crmsyntax/diff"
)

// Moves says what becomes of the temporary constraints that "crm resource move" and its like leave behind, whose ids
// begin with cli-.
type Moves string

// The two things that can become of them.
const (
	KeepMoves Moves = "keep"
	DropMoves Moves = "drop"
)

// Options are the administrator's choices.
type Options struct {
	Moves Moves // empty: KeepMoves
	// Exact takes ACLs and tickets as the file has them, also when it has none: the file is an earlier configuration.
	Exact bool
}

// Kept is a part of the live configuration that stays although the file does not have it, or has it otherwise.
type Kept struct {
	What string `json:"what"` // such as "standby=on of node sp1"
	Why  string `json:"why"`
}

func (k Kept) String() string { return k.What + ": " + k.Why }

// Plan is what a reload comes to.
type Plan struct {
	// Target is the configuration that the cluster gets, with maintenance-mode as it was before.
	Target *crmsyntax.Configuration
	// Changes are its differences from the live configuration; none: nothing is to be written.
	Changes diff.Changes
	Kept    []Kept
	// Warnings are about the file.
	Warnings []string
}

// Make merges a file with the live configuration, which must not carry a mark (see Unmark). Neither is changed.
func Make(file, live *crmsyntax.Configuration, opt Options) Plan {
	m := &merger{target: file.Clone(), live: live.Element(), opt: opt}
	m.root = m.target.Element()
	m.nodes()
	m.properties()
	m.moves()
	if !opt.Exact {
		m.tickets()
		m.acls()
	}
	m.target.Tidy()
	return Plan{Target: m.target, Changes: diff.Compare(live, m.target, diff.Options{}), Kept: m.kept, Warnings: m.warnings}
}

// merger puts parts of the live configuration into the target.
type merger struct {
	target   *crmsyntax.Configuration
	root     *etree.Element // of target
	live     *etree.Element // not to be changed
	opt      Options
	kept     []Kept
	warnings []string
}

func (m *merger) keep(why, format string, args ...any) {
	m.kept = append(m.kept, Kept{What: fmt.Sprintf(format, args...), Why: why})
}

// warn notes something about an element of the file.
func (m *merger) warn(el *etree.Element, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if place := m.target.Place(el); place != "" {
		text = place + ": warning: " + text
	}
	m.warnings = append(m.warnings, text)
}

// section returns a section of the target, made if need be.
func (m *merger) section(tag string) *etree.Element {
	if el := m.root.SelectElement(tag); el != nil {
		return el
	}
	return m.root.CreateElement(tag)
}

// children are the elements in a section; none if there is no such section.
func children(root *etree.Element, section string) []*etree.Element {
	if el := root.SelectElement(section); el != nil {
		return el.ChildElements()
	}
	return nil
}

// hasID tells whether an id is in use somewhere in the target.
func (m *merger) hasID(id string) bool { return byID(m.root, id) != nil }

// foreign are elements whose id is not their own name in the document: nodes have a world of ids for themselves, the
// others refer to something.
var foreign = map[string]bool{"node": true, "role": true, "role_ref": true, "obj_ref": true, "resource_ref": true}

// byID finds the element that an id names.
func byID(el *etree.Element, id string) *etree.Element {
	if !foreign[el.Tag] && el.SelectAttrValue("id", "") == id {
		return el
	}
	for _, child := range el.ChildElements() {
		if found := byID(child, id); found != nil {
			return found
		}
	}
	return nil
}

// adopt gives a copy of a live element ids that the target has not yet.
func (m *merger) adopt(el *etree.Element) *etree.Element {
	own := el.Copy()
	var free func(*etree.Element)
	free = func(part *etree.Element) {
		if id := part.SelectAttr("id"); id != nil && !foreign[part.Tag] {
			for m.hasID(id.Value) {
				id.Value += "-kept"
			}
		}
		for _, child := range part.ChildElements() {
			free(child)
		}
	}
	free(own)
	return own
}
