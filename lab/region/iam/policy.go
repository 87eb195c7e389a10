// SPDX-License-Identifier: Apache-2.0

// Package iam reads IAM policy statements and decides with them, as Oracle's identity
// service does for the core services: a statement gives a group a verb on a resource
// type in a compartment, a verb stands for permissions, and an operation needs several.
// https://docs.oracle.com/iaas/Content/Identity/policysyntax/policy_syntax.htm
package iam

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Directory knows the names that statements may use.
type Directory struct {
	// Tenancy is the OCID of the root compartment.
	Tenancy string
	// Compartments by name, in lower case, to OCID; all are children of the root.
	Compartments map[string]string
	// Groups and DynamicGroups by name, in lower case.
	Groups, DynamicGroups []string
}

// Statement is one parsed line.
type Statement struct {
	Line int
	Text string

	anyUser bool
	dynamic bool
	groups  []string // lower case
	grants  map[string]bool
	within  string // OCID; the tenancy's covers everything
	where   condition
}

// Policy is a list of statements.
type Policy struct {
	Text       string
	Statements []Statement
}

// Parse reads statements, one a line; empty lines and lines that begin with # are
// skipped. The error joins one error for each bad line, "line N: ...".
func Parse(text string, dir Directory) (Policy, error) {
	p := Policy{Text: text}
	var errs []error
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		s, err := parseStatement(line, dir)
		if err != nil {
			errs = append(errs, fmt.Errorf("line %d: %w", i+1, err))
			continue
		}
		s.Line, s.Text = i+1, line
		p.Statements = append(p.Statements, s)
	}
	return p, errors.Join(errs...)
}

func parseStatement(line string, dir Directory) (Statement, error) {
	tokens, err := scan(line)
	if err != nil {
		return Statement{}, err
	}
	in := &reader{tokens: tokens}
	var s Statement
	if err := in.want("allow"); err != nil {
		return s, err
	}
	if err := s.subject(in, dir); err != nil {
		return s, err
	}
	if err := in.want("to"); err != nil {
		return s, err
	}
	if err := s.grant(in); err != nil {
		return s, err
	}
	if err := in.want("in"); err != nil {
		return s, err
	}
	if err := s.location(in, dir); err != nil {
		return s, err
	}
	if in.done() {
		return s, nil
	}
	if err := in.want("where"); err != nil {
		return s, err
	}
	if s.where, err = parseCondition(in); err != nil {
		return s, err
	}
	if !in.done() {
		return s, fmt.Errorf("column %d: %q after the end of the statement", in.column(), in.peek())
	}
	return s, nil
}

func (s *Statement) subject(in *reader, dir Directory) error {
	column := in.column()
	kind := strings.ToLower(in.next())
	known := dir.Groups
	switch kind {
	case "any-user":
		s.anyUser = true
		return nil
	case "group":
	case "dynamic-group":
		s.dynamic, known = true, dir.DynamicGroups
	default:
		return fmt.Errorf("column %d: %q: want group, dynamic-group or any-user", column, kind)
	}
	for {
		column = in.column()
		name := in.next()
		if name == "" {
			return fmt.Errorf("column %d: the name of a %s is missing", column, kind)
		}
		// 'domain'/'group' names a group of an identity domain.
		if in.peek() == "/" {
			in.next()
			name = in.next()
		}
		if !slices.Contains(known, strings.ToLower(name)) {
			return fmt.Errorf("column %d: there is no %s %q: want one of %q", column, kind, name, known)
		}
		s.groups = append(s.groups, strings.ToLower(name))
		if in.peek() != "," {
			return nil
		}
		in.next()
	}
}

func (s *Statement) grant(in *reader) error {
	s.grants = map[string]bool{}
	if in.peek() == "{" { // {PERMISSION, PERMISSION}
		in.next()
		for {
			column := in.column()
			name := strings.ToUpper(in.next())
			if !knownPermission(name) {
				return fmt.Errorf("column %d: permission %q is unknown", column, name)
			}
			s.grants[name] = true
			if sep := in.next(); sep == "}" {
				return nil
			} else if sep != "," {
				return fmt.Errorf("column %d: want , or } in the list of permissions", in.column())
			}
		}
	}
	column := in.column()
	verb := strings.ToLower(in.next())
	level := slices.Index(verbs, verb)
	if level < 0 {
		return fmt.Errorf("column %d: verb %q: want one of %s", column, verb, strings.Join(verbs, ", "))
	}
	column = in.column()
	resource := strings.ToLower(in.next())
	permissions, ok := resourcePermissions(resource, level)
	if !ok {
		return fmt.Errorf("column %d: resource type %q is unknown here: want one of %s", column, resource, strings.Join(resourceTypes(), ", "))
	}
	for _, p := range permissions {
		s.grants[p] = true
	}
	return nil
}

func (s *Statement) location(in *reader, dir Directory) error {
	column := in.column()
	switch kind := strings.ToLower(in.next()); kind {
	case "tenancy":
		s.within = dir.Tenancy
		return nil
	case "compartment":
		column = in.column()
		name := in.next()
		if strings.EqualFold(name, "id") && strings.HasPrefix(in.peek(), "ocid1.") {
			column = in.column()
			id := in.next()
			for _, known := range dir.Compartments {
				if known == id {
					s.within = id
				}
			}
			if id == dir.Tenancy {
				s.within = id
			}
			name = id
		} else {
			s.within = dir.Compartments[strings.ToLower(name)]
		}
		if s.within == "" {
			return fmt.Errorf("column %d: there is no compartment %q", column, name)
		}
		return nil
	default:
		return fmt.Errorf("column %d: %q: want tenancy or compartment", column, kind)
	}
}
