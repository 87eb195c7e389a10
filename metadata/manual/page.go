// SPDX-License-Identifier: Apache-2.0

// Package manual makes an agent's manual page, as troff for man(1) and as
// Markdown, from the same description that pacemaker reads.
//
// Descriptions are plain text: paragraphs are separated by an empty line, a line
// that begins with "* " is an item of a list, and lines that begin with two
// blanks are kept as they are.
package manual

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ocf-oci/metadata"
)

// Reason is one exit reason of an agent.
type Reason struct {
	ID     string
	Says   string // with fmt verbs for what is filled in
	Remedy string
}

// Options are what a page says beside the agent's description.
type Options struct {
	Date    time.Time // of the page; the zero time leaves it out
	Package string    // the page's source, for example "ocf-oci 1.0"
	Reasons []Reason
}

// blockKind tells how a block is laid out.
type blockKind int

const (
	paragraph blockKind = iota
	item                // of a list
	verbatim            // lines kept as they are
	term                // a term with its description in body
)

// block is one piece of a page.
type block struct {
	kind blockKind
	text string  // for a term: the term
	note string  // for a term: what stands behind it
	body []block // of a term
}

type section struct {
	title  string
	blocks []block
}

// Name returns the name of an agent's manual page, ocf_PROVIDER_TYPE, in section 7.
func Name(a *metadata.Agent) string { return "ocf_" + a.Provider + "_" + a.Name }

// page lays out all sections.
func page(a *metadata.Agent, o Options) []section {
	all := []section{
		{"NAME", []block{{text: Name(a) + " - " + lowerFirst(a.Short)}}},
		{"SYNOPSIS", []block{{text: a.Name + " [" + strings.Join(actionNames(a), " | ") + "]"}}},
		{"DESCRIPTION", blocks(a.Long)},
		{"SUPPORTED PARAMETERS", parameters(a)},
		{"SUPPORTED ACTIONS", actions(a)},
		{"EXAMPLE PCS", examplePCS(a)},
		{"EXAMPLE CRM SHELL", exampleCRM(a)},
	}
	if len(o.Reasons) > 0 {
		all = append(all, section{"EXIT REASONS", reasons(o.Reasons)})
	}
	also := a.SeeAlso
	if len(also) == 0 {
		also = []string{"pacemaker(7)", "pcs(8)", "crm(8)"}
	}
	return append(all, section{"SEE ALSO", []block{{text: strings.Join(also, ", ")}}})
}

// lowerFirst makes a short description fit behind the dash, unless it begins
// with an abbreviation.
func lowerFirst(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'a' && s[1] <= 'z' {
		return string(s[0]-'A'+'a') + s[1:]
	}
	return s
}

// blocks reads a description.
func blocks(text string) []block {
	var all []block
	add := func(kind blockKind, line, separator string) {
		if n := len(all); n > 0 && all[n-1].kind == kind && separator != "" {
			all[n-1].text += separator + line
			return
		}
		all = append(all, block{kind: kind, text: line})
	}
	open := false // whether the next line continues the last block
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		line = strings.TrimRight(line, " \t\r")
		switch {
		case line == "":
			open = false
		case strings.HasPrefix(line, "* "):
			add(item, line[2:], "")
			open = true
		case strings.HasPrefix(line, "  ") && !(open && all[len(all)-1].kind == item):
			separator := "\n"
			if !open {
				separator = ""
			}
			add(verbatim, line[2:], separator)
			open = true
		case open && all[len(all)-1].kind != verbatim:
			all[len(all)-1].text += " " + strings.TrimSpace(line)
		default:
			add(paragraph, strings.TrimSpace(line), "")
			open = true
		}
	}
	return all
}

func parameters(a *metadata.Agent) []block {
	var all []block
	for _, p := range a.Parameters {
		if p.Hidden {
			continue
		}
		body := blocks(p.Long)
		var facts []string
		if p.Required {
			facts = append(facts, "required")
		} else {
			facts = append(facts, "optional")
		}
		facts = append(facts, typeWord(p.Type))
		switch {
		case p.HasDefault && p.Default == "":
			facts = append(facts, "empty by default")
		case p.HasDefault:
			facts = append(facts, "default "+strconv.Quote(p.Default))
		}
		if p.UniqueGroup != "" {
			facts = append(facts, "unique")
		}
		if p.Reloadable {
			facts = append(facts, "reloadable")
		}
		if p.Deprecated {
			facts = append(facts, "deprecated")
			if len(p.ReplacedWith) > 0 {
				facts[len(facts)-1] += ", use " + strings.Join(p.ReplacedWith, " and ")
			}
		}
		all = append(all, block{kind: term, text: p.Name, note: p.Short + " (" + strings.Join(facts, ", ") + ")", body: body})
	}
	return all
}

// typeWord says a type to people; unlike the XML it knows times.
func typeWord(t metadata.Type) string {
	if t == metadata.Time {
		return "time"
	}
	return t.String()
}

func actionNames(a *metadata.Agent) []string {
	var names []string
	seen := map[string]bool{}
	for _, x := range a.Actions {
		if !seen[x.Name] {
			seen[x.Name] = true
			names = append(names, x.Name)
		}
	}
	return names
}

// actionText says what each action is for, in the words of the standard.
var actionText = map[string]string{
	"start":        "Starts the resource.",
	"stop":         "Stops the resource.",
	"monitor":      "Tells whether the resource runs.",
	"migrate_to":   "Prepares the resource's move away from this node.",
	"migrate_from": "Takes the resource over from the node that it moves away from.",
	"reload-agent": "Takes changed reloadable parameters into use without a restart.",
	"validate-all": "Checks the parameters, at level 10 also this machine.",
	"meta-data":    "Prints the agent's description as XML.",
	"promote":      "Promotes the resource.",
	"demote":       "Demotes the resource.",
	"notify":       "Tells the resource what happens to the others of its clone.",
	"status":       "The same as monitor.",
}

func actions(a *metadata.Agent) []block {
	var all []block
	for _, x := range a.Actions {
		facts := []string{"timeout " + span(x.Timeout)}
		if x.Interval > 0 {
			facts = append(facts, "interval "+span(x.Interval))
		}
		if x.HasDepth || x.Depth > 0 {
			facts = append(facts, "depth "+strconv.Itoa(x.Depth))
		}
		if x.Role != "" {
			facts = append(facts, "role "+x.Role)
		}
		text := actionText[x.Name]
		all = append(all, block{kind: term, text: x.Name, note: "(suggested " + strings.Join(facts, ", ") + ")", body: blocks(text)})
	}
	return all
}

// span writes a duration as the configuration tools take it.
func span(d time.Duration) string {
	if d%time.Second == 0 {
		return fmt.Sprintf("%ds", d/time.Second)
	}
	return fmt.Sprintf("%dms", d.Milliseconds())
}

func reasons(all []Reason) []block {
	var out []block
	for _, r := range all {
		out = append(out, block{kind: term, text: r.ID, note: blanks(r.Says), body: blocks(r.Remedy)})
	}
	return out
}
