// SPDX-License-Identifier: Apache-2.0

package diff

import "strings"

// String tells all changes, one object a line, details indented below.
func (c Changes) String() string {
	var out strings.Builder
	for _, change := range c {
		out.WriteString(change.String() + "\n")
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// String tells a change in words:
//
//	changed primitive p_ip
//	    params ip: 10.0.0.1 -> 10.0.0.2
//	    op monitor 10s: removed
func (c Change) String() string {
	head := string(c.What) + " " + c.Kind
	if c.ID != "" {
		head += " " + c.ID
	}
	lines := []string{head}
	for _, detail := range c.Details {
		lines = append(lines, "    "+detail.String())
	}
	return strings.Join(lines, "\n")
}

// String tells a detail in words.
func (d Detail) String() string {
	switch {
	case d.Before == nil && *d.After == "":
		return d.Name + ": added"
	case d.Before == nil:
		return d.Name + ": set to " + *d.After
	case d.After == nil && *d.Before == "":
		return d.Name + ": removed"
	case d.After == nil:
		return d.Name + ": removed, was " + *d.Before
	}
	return d.Name + ": " + *d.Before + " -> " + *d.After
}
