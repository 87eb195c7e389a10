// SPDX-License-Identifier: Apache-2.0

package cib

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// addState reads one node_state.
func (c *CIB) addState(b builder, e element) {
	s := NodeState{ID: e.attr("id"), Name: cmp.Or(e.attr("uname"), e.attr("id")), Remote: e.attr("remote_node") == "true",
		InMembership: e.attr("in_ccm"), Controller: e.attr("crmd"), Join: e.attr("join"), Expected: e.attr("expected"),
		Attributes: map[string]string{}}
	for _, n := range c.Nodes {
		if n.ID == s.ID && e.attr("uname") == "" {
			s.Name = n.Name // before the node has spoken for the first time
		}
	}
	for _, child := range e.Children {
		switch child.XMLName.Local {
		case "transient_attributes":
			values, _ := b.merge(child, "instance_attributes")
			for name, value := range values {
				s.Attributes[name] = value
			}
			c.FailCounts = append(c.FailCounts, failCounts(child, s.Name, values)...)
		case "lrm":
			s.Failures = append(s.Failures, failedOperations(child)...)
		}
	}
	c.States = append(c.States, s)
}

// failCounts reads the transient node attributes fail-count-RESOURCE#OPERATION in the order of the document.
func failCounts(e element, node string, values map[string]string) []FailCount {
	var list []FailCount
	for _, child := range e.Children {
		name, ok := strings.CutPrefix(child.attr("name"), "fail-count-")
		if child.XMLName.Local == "nvpair" && ok && child.attr("value") != "0" {
			resource, operation, _ := strings.Cut(name, "#")
			list = append(list, FailCount{Node: node, Resource: resource, Operation: operation, Count: child.attr("value"),
				Last: seconds(values["last-failure-"+name])})
		}
		list = append(list, failCounts(child, node, values)...)
	}
	return list
}

// seconds since 1970, as pacemaker writes times; zero for anything else.
func seconds(text string) time.Time {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

var instanceNumber = regexp.MustCompile(`:[0-9]+$`)

// failedOperations reads the last_failure entries of an operation history.
func failedOperations(e element) []FailedOperation {
	var list []FailedOperation
	for _, resources := range e.Children {
		for _, r := range resources.Children {
			id := r.attr("id")
			for _, op := range r.Children {
				if op.XMLName.Local != "lrm_rsc_op" || !strings.HasPrefix(op.attr("id"), id+"_last_failure_") {
					continue
				}
				list = append(list, FailedOperation{Resource: instanceNumber.ReplaceAllString(id, ""), Operation: op.attr("operation"),
					IntervalMS: op.attr("interval"), Code: op.attr("rc-code"), Reason: op.attr("exit-reason"), When: seconds(op.attr("last-rc-change"))})
			}
		}
	}
	return list
}

// ruleOf reads a rule of a location constraint.
func ruleOf(e element) Rule {
	r := Rule{ID: e.attr("id"), Score: e.attr("score"), ScoreAttribute: e.attr("score-attribute"),
		BooleanOp: cmp.Or(e.attr("boolean-op"), "and"), Role: e.attr("role"), Plain: e.attr("id-ref") == ""}
	for _, child := range e.Children {
		switch {
		case child.XMLName.Local == "expression":
			r.Expressions = append(r.Expressions, Expression{child.attr("attribute"), child.attr("operation"), child.attr("value")})
		case child.XMLName.Local == "date_expression" && child.attr("operation") == "lt" && child.attr("end") != "":
			r.End = child.attr("end")
		default:
			r.Plain = false
		}
	}
	return r
}
