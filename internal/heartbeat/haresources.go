// SPDX-License-Identifier: Apache-2.0

package heartbeat

import (
	"net/netip"
	"regexp"
	"strings"
)

// Group is a line of haresources: resources that move together. They are started from left to right and stopped from
// right to left.
type Group struct {
	Node      Word // preferred node; its name as Heartbeat compares it, in lower case
	Resources []Resource
}

// Resource is an entry of a group, SCRIPT::ARGUMENT::ARGUMENT or a bare IPv4 address.
type Resource struct {
	Script string   // name in /etc/ha.d/resource.d or /etc/init.d; IPaddr for a bare address
	Args   []string // by position
	Text   string   // as it stands in the file
	At     Place
}

// scriptRE is what can be the name of a file and is none of the characters with a meaning here.
var scriptRE = regexp.MustCompile(`^[A-Za-z0-9._+-]+$`)

// ParseResources reads haresources. It returns all groups it understood, and Errors for the rest.
func ParseResources(file string, text []byte) ([]Group, error) {
	lines, errs := logicalLines(file, text, true)
	var groups []Group
	keys := map[string]Place{}
	for _, line := range lines {
		ws := words(line)
		if len(ws) == 0 {
			continue
		}
		g := Group{Node: Word{strings.ToLower(ws[0].Text), ws[0].At}}
		if isAddress(ws[0].Text) || strings.Contains(ws[0].Text, "::") {
			errs.add(ws[0].At, "line begins with resource %q: the first word is the name of the preferred node", ws[0].Text)
			continue
		}
		if len(ws) == 1 {
			errs.add(ws[0].At, "node %q without resources: list them behind it, or take the line away", ws[0].Text)
			continue
		}
		for _, w := range ws[1:] {
			if r, ok := resource(w, &errs); ok {
				g.Resources = append(g.Resources, r)
			}
		}
		// Heartbeat knows a group by its first resource.
		if before, twice := keys[ws[1].Text]; twice {
			errs.add(ws[1].At, "%s is the first resource of a group already in line %d: Heartbeat could not tell the groups apart", ws[1].Text, before.Line)
			continue
		}
		keys[ws[1].Text] = ws[1].At
		groups = append(groups, g)
	}
	return groups, errs.orNil()
}

func resource(w Word, errs *Errors) (Resource, bool) {
	if isAddress(w.Text) {
		return Resource{Script: "IPaddr", Args: []string{w.Text}, Text: w.Text, At: w.At}, true
	}
	parts := strings.Split(w.Text, "::")
	r := Resource{Script: parts[0], Args: parts[1:], Text: w.Text, At: w.At}
	if strings.Contains(r.Script, ":") {
		errs.add(w.At, "%q: write SCRIPT::ARGUMENT, with two colons", w.Text)
		return r, false
	}
	if !scriptRE.MatchString(r.Script) {
		errs.add(w.At, "%q is no name of a resource script", w.Text)
		return r, false
	}
	for i, a := range r.Args {
		if a == "" {
			errs.add(w.At, "%q: argument %d is empty, and Heartbeat would take the next one for it", w.Text, i+1)
			return r, false
		}
	}
	return r, true
}

// isAddress tells whether Heartbeat takes a word for an address: an IPv4 one, with or without what follows a slash.
func isAddress(s string) bool {
	head, _, _ := strings.Cut(s, "/")
	a, err := netip.ParseAddr(head)
	return err == nil && a.Is4()
}
