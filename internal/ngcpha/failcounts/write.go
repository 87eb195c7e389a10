// SPDX-License-Identifier: Apache-2.0

package failcounts

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Write prints the handbook's format; details add operations, times and thresholds.
func (r Report) Write(w io.Writer, details bool) {
	for _, res := range r.Resources {
		res.write(w, details)
	}
	if details {
		for _, res := range r.Others {
			res.write(w, true)
		}
	}
}

func (r Resource) write(w io.Writer, details bool) {
	fmt.Fprintf(w, "%s:", r.ID)
	if details {
		fmt.Fprintf(w, " %s", r.describe())
	}
	fmt.Fprintln(w)
	for _, n := range r.Nodes {
		fmt.Fprintf(w, "  %s: %s", n.Node, n.Count)
		if details {
			fmt.Fprint(w, n.remark(r))
		}
		fmt.Fprintln(w)
		if details {
			for _, o := range n.Operations {
				fmt.Fprintf(w, "    %s\n", o.describe(r.ID))
			}
		}
	}
}

func (r Resource) describe() string {
	var words []string
	switch {
	case r.Kind == "removed":
		return "(not in the configuration)"
	case r.Kind != "primitive":
		return fmt.Sprintf("(%s of %s)", r.Kind, strings.Join(r.Members, ", "))
	}
	words = append(words, r.Agent, "migration-threshold "+r.Threshold.String())
	if r.timeout > 0 {
		words = append(words, "failure-timeout "+r.timeout.String())
	} else {
		words = append(words, "no failure-timeout: only clearing makes it forget")
	}
	return "(" + strings.Join(words, ", ") + ")"
}

// remark says what the count means on the node.
func (n Node) remark(r Resource) string {
	if n.Count == 0 {
		return ""
	}
	text := ""
	if n.Banned {
		text += "  MAY NOT RUN HERE"
		if r.Kind == "primitive" {
			text += " (threshold " + r.Threshold.String() + ")"
		}
	}
	switch {
	case n.Expired:
		text += "  expired " + stamp(*n.Expires) + ", goes at the next recheck"
	case n.Expires != nil:
		text += "  expires " + stamp(*n.Expires)
	}
	return text
}

func (o Operation) describe(owner string) string {
	name := o.Operation
	if name == "" {
		name = "all operations"
	}
	if ms, err := strconv.Atoi(o.IntervalMS); err == nil {
		name += " every " + (time.Duration(ms) * time.Millisecond).String()
	}
	if o.Resource != owner {
		name = o.Resource + " " + name
	}
	text := fmt.Sprintf("%s: %s", name, o.Count)
	if o.Last != nil {
		text += ", last " + stamp(*o.Last)
	}
	if o.Reason != "" {
		text += ": " + o.Reason
	}
	return text
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// WriteRaw prints the line of "crm_failcount --query" for each resource and node.
func (r Report) WriteRaw(w io.Writer) {
	for _, res := range r.Resources {
		for _, n := range res.Nodes {
			fmt.Fprintf(w, "scope=status  name=fail-count-%s value=%s\n", res.ID, n.Count)
		}
	}
}
