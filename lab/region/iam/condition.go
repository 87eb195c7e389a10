// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"fmt"
	"path"
	"strings"
)

// condition is the part after where, or a dynamic group's rule. It is asked with the
// variables of a request; a variable that does not apply makes its comparison false.
type condition interface {
	holds(vars map[string]string) bool
}

type every []condition

func (c every) holds(vars map[string]string) bool {
	for _, each := range c {
		if !each.holds(vars) {
			return false
		}
	}
	return true
}

type some []condition

func (c some) holds(vars map[string]string) bool {
	for _, each := range c {
		if each.holds(vars) {
			return true
		}
	}
	return false
}

type comparison struct {
	variable string
	not      bool
	pattern  bool // value is a /pattern/ with *
	values   []string
}

func (c comparison) holds(vars map[string]string) bool {
	have, ok := vars[c.variable]
	if !ok {
		return false
	}
	match := false
	for _, want := range c.values {
		if c.pattern {
			hit, err := path.Match(strings.ToLower(want), strings.ToLower(have))
			match = match || err == nil && hit
		} else {
			match = match || strings.EqualFold(want, have)
		}
	}
	return match != c.not
}

// parseCondition reads: any {c, c} | all {c, c} | variable = 'value' | variable != 'value'
// | variable = /pattern/ | variable in ('a', 'b').
func parseCondition(in *reader) (condition, error) {
	column := in.column()
	word := in.next()
	if in.peek() == "{" && (strings.EqualFold(word, "any") || strings.EqualFold(word, "all")) {
		in.next()
		list, err := parseList(in)
		if err != nil {
			return nil, err
		}
		if strings.EqualFold(word, "any") {
			return some(list), nil
		}
		return every(list), nil
	}
	if word == "" || strings.ContainsAny(word, "{}(),=") {
		return nil, fmt.Errorf("column %d: want a condition such as request.operation = 'UpdatePrivateIp', not %q", column, word)
	}
	return parseComparison(in, strings.ToLower(word))
}

func parseList(in *reader) ([]condition, error) {
	var list []condition
	for {
		c, err := parseCondition(in)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
		column := in.column()
		switch sep := in.next(); sep {
		case "}":
			return list, nil
		case ",":
		default:
			return nil, fmt.Errorf("column %d: want , or } after a condition, not %q", column, sep)
		}
	}
}

func parseComparison(in *reader, variable string) (condition, error) {
	c := comparison{variable: variable}
	column := in.column()
	switch op := strings.ToLower(in.next()); op {
	case "=":
	case "!=":
		c.not = true
	case "in":
		return parseIn(in, c)
	default:
		return nil, fmt.Errorf("column %d: want =, != or in after %s, not %q", column, variable, op)
	}
	column = in.column()
	if in.done() {
		return nil, fmt.Errorf("column %d: %s is compared with nothing", column, variable)
	}
	quoted := in.tokens[in.at].quoted
	value := in.next()
	switch {
	case quoted:
	case len(value) > 1 && strings.HasPrefix(value, "/") && strings.HasSuffix(value, "/"):
		c.pattern, value = true, strings.Trim(value, "/")
	default:
		return nil, fmt.Errorf("column %d: the value %q of %s must stand in quotes", column, value, variable)
	}
	c.values = []string{value}
	return c, nil
}

func parseIn(in *reader, c comparison) (condition, error) {
	if err := in.want("("); err != nil {
		return nil, err
	}
	for {
		column := in.column()
		if in.done() || !in.tokens[in.at].quoted {
			return nil, fmt.Errorf("column %d: the values of %s must stand in quotes", column, c.variable)
		}
		c.values = append(c.values, in.next())
		column = in.column()
		switch sep := in.next(); sep {
		case ")":
			return c, nil
		case ",":
		default:
			return nil, fmt.Errorf("column %d: want , or ) after a value, not %q", column, sep)
		}
	}
}

// Rule is the matching rule of a dynamic group.
type Rule struct{ where condition }

// ParseRule reads a rule such as
// Any {instance.id = 'ocid1.instance...', instance.compartment.id = 'ocid1...'}.
func ParseRule(text string) (Rule, error) {
	tokens, err := scan(strings.ReplaceAll(text, "\n", " "))
	if err != nil {
		return Rule{}, err
	}
	in := &reader{tokens: tokens}
	c, err := parseCondition(in)
	if err != nil {
		return Rule{}, err
	}
	if !in.done() {
		return Rule{}, fmt.Errorf("column %d: %q after the end of the rule", in.column(), in.peek())
	}
	return Rule{c}, nil
}

// Matches says whether an instance belongs to the group.
func (r Rule) Matches(instance, compartment string) bool {
	return r.where != nil && r.where.holds(map[string]string{"instance.id": instance, "instance.compartment.id": compartment})
}
