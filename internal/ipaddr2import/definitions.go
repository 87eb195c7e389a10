// SPDX-License-Identifier: Apache-2.0

package ipaddr2import

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// Definition is a resource as pcs or the CIB has it.
type Definition struct {
	Line      int // in the input, from 1
	ID, Agent string
	Params    map[string]string
	// Alone: nothing in the input depends on it, so that it may migrate live; not known (false) from pcs' words.
	Alone bool
}

// Alert is a program that pacemaker calls after something has happened, such as a script that moves an address.
type Alert struct {
	Line     int
	ID, Path string
}

// Definitions is what a cluster's configuration says about addresses.
type Definitions struct {
	Resources []Definition
	Alerts    []Alert
	Messages  []Message
}

// moved are the agents whose addresses can be taken over.
var moved = []string{"ocf:heartbeat:IPaddr2", "ocf:heartbeat:IPaddr", "ocf:heartbeat:IPv6addr", "ocf:heartbeat:ocivip"}

// ReadDefinitions reads a CIB or a part of one, "pcs resource create" commands, or what "pcs resource config" prints. ok
// is false if the text is none of these.
func ReadDefinitions(text string) (d Definitions, ok bool) {
	switch trimmed := strings.TrimSpace(text); {
	case strings.HasPrefix(trimmed, "<"):
		d = fromXML(text)
	case createCommand.MatchString(text) || resourceHead.MatchString(text):
		d = fromPCS(text)
	default:
		return d, false
	}
	if len(d.Resources) == 0 && len(d.Messages) == 0 {
		d.Messages = []Message{{0, "no resource of " + strings.Join(moved, ", ") + " is in it"}}
	}
	return d, true
}

// fromXML goes through the elements; encoding/xml knows where each stands.
func fromXML(text string) Definitions {
	r := xmlReader{decoder: xml.NewDecoder(strings.NewReader(text)), named: map[string]bool{}}
	for {
		token, err := r.decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := r.decoder.InputPos()
		if err != nil {
			return Definitions{Messages: []Message{{line, fmt.Sprintf("this is no XML that can be read: %v", err)}}}
		}
		switch e := token.(type) {
		case xml.StartElement:
			r.begin(e, line)
			r.around = append(r.around, e.Name.Local)
		case xml.EndElement:
			r.end(e)
		}
	}
	for i := range r.Resources {
		r.Resources[i].Alone = r.Resources[i].Alone && !r.named[r.Resources[i].ID]
	}
	return r.Definitions
}

// xmlReader is where the reading of a CIB is.
type xmlReader struct {
	Definitions
	decoder *xml.Decoder
	around  []string        // elements that are open
	current *Definition     // the primitive that is open, if its agent matters
	named   map[string]bool // resources that constraints other than locations name
}

func (r *xmlReader) inside(element string) bool {
	return len(r.around) > 0 && r.around[len(r.around)-1] == element
}

func (r *xmlReader) say(line int, format string, args ...any) {
	r.Messages = append(r.Messages, Message{line, fmt.Sprintf(format, args...)})
}

func (r *xmlReader) begin(e xml.StartElement, line int) {
	switch name := e.Name.Local; {
	case name == "primitive":
		r.primitive(e, line)
	case name == "alert":
		r.Alerts = append(r.Alerts, Alert{line, attr(e, "id"), attr(e, "path")})
	case name == "rsc_order", name == "rsc_colocation":
		for _, end := range []string{"first", "then", "rsc", "with-rsc"} {
			r.named[attr(e, end)] = true
		}
	case name == "resource_ref":
		r.named[attr(e, "id")] = true
	case r.current == nil:
	case name == "rule":
		r.say(line, "%s has attributes with a rule, so that it is not the same everywhere", r.current.ID)
	case name == "instance_attributes" && attr(e, "id-ref") != "":
		r.say(line, "%s shares its attributes with another resource (id-ref); write them out", r.current.ID)
	case name == "nvpair" && r.inside("instance_attributes"):
		r.current.Params[attr(e, "name")] = attr(e, "value")
	}
}

func (r *xmlReader) primitive(e xml.StartElement, line int) {
	if attr(e, "template") != "" {
		r.say(line, "%s is made from a template; write its attributes out", attr(e, "id"))
	}
	agent := attr(e, "class") + ":" + attr(e, "provider") + ":" + attr(e, "type")
	if slices.Contains(moved, agent) {
		contained := slices.Contains(r.around, "group") || slices.Contains(r.around, "clone")
		r.current = &Definition{Line: line, ID: attr(e, "id"), Agent: agent, Params: map[string]string{}, Alone: !contained}
	}
}

func (r *xmlReader) end(e xml.EndElement) {
	r.around = r.around[:max(len(r.around)-1, 0)]
	if e.Name.Local == "primitive" && r.current != nil {
		r.Resources = append(r.Resources, *r.current)
		r.current = nil
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

var (
	createCommand = regexp.MustCompile(`(?m)^\s*(?:\[[^\]\n]*\][#$]\s*|\$\s+)?[^#\n]*\bpcs\s+(?:-\S+\s+\S+\s+)?(?:--\S+\s+)*resource\s+create\s`)
	// resourceHead is "Resource: NAME (class=ocf provider=heartbeat type=IPaddr2)" of pcs resource config.
	resourceHead = regexp.MustCompile(`(?m)^\s*Resource:\s+(\S+)\s+\(class=(\S+)\s+provider=(\S+)\s+type=([^)\s]+)\)`)
	alertHead    = regexp.MustCompile(`^\s*(?:Alert:\s+(\S+)\s+\(path=([^)]+)\)|.*\bpcs\s+alert\s+create\s+.*\bpath=(\S+).*)$`)
	// pair is a line of attributes, alone or after "Attributes:".
	pair = regexp.MustCompile(`^\s*(?:Attributes:\s*)?((?:[A-Za-z0-9_]+=\S*\s*)+)$`)
)

// fromPCS reads commands and listings.
func fromPCS(text string) Definitions {
	var d Definitions
	inAttributes := false
	var current *Definition
	finish := func() {
		if current != nil && slices.Contains(moved, current.Agent) {
			d.Resources = append(d.Resources, *current)
		}
		current = nil
	}
	for _, l := range split(text) {
		trimmed := strings.TrimSpace(l.Text)
		switch {
		case strings.HasPrefix(trimmed, "#"):
		case createCommand.MatchString(l.Text):
			finish()
			d.create(l)
		case resourceHead.MatchString(l.Text):
			finish()
			m := resourceHead.FindStringSubmatch(l.Text)
			current = &Definition{Line: l.No, ID: m[1], Agent: m[2] + ":" + m[3] + ":" + m[4], Params: map[string]string{}}
		case alertHead.MatchString(l.Text):
			finish()
			m := alertHead.FindStringSubmatch(l.Text)
			d.Alerts = append(d.Alerts, Alert{l.No, m[1], m[2] + m[3]})
		case strings.HasPrefix(trimmed, "Attributes:"):
			inAttributes = true
			fallthrough
		case inAttributes && pair.MatchString(l.Text):
			if m := pair.FindStringSubmatch(l.Text); m != nil && current != nil {
				for _, word := range strings.Fields(m[1]) {
					name, value, _ := strings.Cut(word, "=")
					current.Params[name] = value
				}
			}
		default: // Meta Attrs:, Operations:, another kind of thing
			inAttributes = false
		}
	}
	finish()
	return d
}

// create reads "pcs resource create NAME AGENT [NAME=VALUE...] [op ...] [meta ...]".
func (d *Definitions) create(l line) {
	list, ok := words(l.Text)
	if !ok {
		d.Messages = append(d.Messages, Message{l.No, "a quote in this command is not closed"})
		return
	}
	i := slices.Index(list, "create")
	rest := slices.DeleteFunc(slices.Clone(list[i+1:]), func(w string) bool { return strings.HasPrefix(w, "--") })
	if len(rest) < 2 {
		d.Messages = append(d.Messages, Message{l.No, "this command names no resource and agent"})
		return
	}
	def := Definition{Line: l.No, ID: rest[0], Agent: rest[1], Params: map[string]string{}}
	switch strings.Count(def.Agent, ":") { // pcs completes what is left out
	case 0:
		def.Agent = "ocf:heartbeat:" + def.Agent
	case 1:
		def.Agent = "ocf:" + def.Agent
	}
	if !slices.Contains(moved, def.Agent) {
		return
	}
	for _, word := range rest[2:] {
		name, value, is := strings.Cut(word, "=")
		if !is {
			break // op, meta, clone, --group ...
		}
		def.Params[name] = value
	}
	d.Resources = append(d.Resources, def)
}
