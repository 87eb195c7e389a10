// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"slices"
	"strings"
)

// Principal is who asks.
type Principal struct {
	// ID is the OCID of a user or of an instance.
	ID string
	// Type is "user" or "instance".
	Type        string
	Compartment string
	// Groups are IAM groups of a user, or dynamic groups of an instance.
	Groups []string
}

// Request is one operation in one compartment.
type Request struct {
	Principal   Principal
	Operation   string
	Permissions []string
	// Compartment is the OCID, CompartmentName the name of the target's compartment.
	Compartment, CompartmentName string
	Tenancy, Region              string
}

// Allows says whether the policy gives the principal every permission of the request,
// and if not, the first one that is missing.
func (p Policy) Allows(r Request) (missing string, ok bool) {
	for _, permission := range r.Permissions {
		if !slices.ContainsFunc(p.Statements, func(s Statement) bool { return s.gives(r, permission) }) {
			return permission, false
		}
	}
	return "", true
}

func (s Statement) gives(r Request, permission string) bool {
	if !s.grants[permission] || !s.about(r.Principal) {
		return false
	}
	if s.within != r.Compartment && s.within != r.Tenancy {
		return false
	}
	return s.where == nil || s.where.holds(variables(r, permission))
}

func (s Statement) about(p Principal) bool {
	if s.anyUser {
		return true
	}
	if s.dynamic != (p.Type == "instance") {
		return false
	}
	return slices.ContainsFunc(p.Groups, func(g string) bool { return slices.Contains(s.groups, strings.ToLower(g)) })
}

func variables(r Request, permission string) map[string]string {
	vars := map[string]string{
		"request.operation":                r.Operation,
		"request.permission":               permission,
		"request.region":                   r.Region,
		"request.principal.id":             r.Principal.ID,
		"request.principal.type":           r.Principal.Type,
		"request.principal.compartment.id": r.Principal.Compartment,
		"target.compartment.id":            r.Compartment,
		"target.compartment.name":          r.CompartmentName,
	}
	if r.Principal.Type == "user" {
		vars["request.user.id"] = r.Principal.ID
	}
	return vars
}
