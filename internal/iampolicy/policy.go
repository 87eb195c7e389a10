// SPDX-License-Identifier: Apache-2.0

// Package iampolicy makes the IAM policy that the nodes of a cluster need to move its floating addresses, and no more.
//
// Which operation needs which permission, and which verb gives it, is Oracle's "Details for the Core Services"
// (https://docs.oracle.com/iaas/Content/Identity/Reference/corepolicyreference.htm).
package iampolicy

import (
	"fmt"
	"slices"
	"strings"
)

// Needs is what a configuration asks of the cloud.
type Needs struct {
	IPv4, IPv6 bool
	// Create: start makes an address object that exists nowhere. Without it the objects are made once by somebody else.
	Create bool
	// Detach: stop gives an address back (release=detach).
	Detach bool
}

// Subject is who gets the rights.
type Subject struct {
	Group string // name of the dynamic group, or of the group of a user with an API key
	User  bool   // API keys: the group is one of users
	// Compartment is the OCID or the name of the compartment that holds VNICs, subnets and addresses; empty: the tenancy.
	Compartment string
	// Instances are the nodes' OCIDs. Without them the dynamic group takes every instance of InstanceCompartment.
	Instances           []string
	InstanceCompartment string
}

// Statement gives one verb on one kind of resource, reduced to the permissions that are needed.
type Statement struct {
	Verb        string   `json:"verb"`
	Resource    string   `json:"resource"`
	Permissions []string `json:"permissions"`
	Why         string   `json:"why"`
}

// Statements are the least that the needs can do with.
func Statements(n Needs) []Statement {
	var list []Statement
	if n.IPv4 {
		s := Statement{Verb: "use", Resource: "private-ips", Permissions: []string{"PRIVATE_IP_READ", "PRIVATE_IP_UPDATE"}, Why: "find and move private IPs"}
		if n.Create {
			s.Permissions = append(s.Permissions, "PRIVATE_IP_CREATE", "PRIVATE_IP_ASSIGN")
			s.Why = "find, move and make private IPs"
		}
		if n.Detach {
			s.Permissions = append(s.Permissions, "PRIVATE_IP_UNASSIGN")
			s.Why += "; give them back (release=detach)"
		}
		list = append(list, s)
	}
	if n.IPv6 {
		s := Statement{Verb: "use", Resource: "ipv6s", Permissions: []string{"IPV6_READ", "IPV6_UPDATE"}, Why: "find and move IPv6 addresses"}
		if n.Create {
			s.Verb, s.Why = "manage", "find, move and make IPv6 addresses"
			s.Permissions = append(s.Permissions, "IPV6_CREATE")
		}
		list = append(list, s)
	}
	if len(list) == 0 {
		return nil
	}
	list = append(list, Statement{Verb: "use", Resource: "vnics", Permissions: []string{"VNIC_READ", "VNIC_ASSIGN", "VNIC_UNASSIGN"}, Why: "look at VNICs, put addresses on them and take them off"})
	if n.Create {
		list = append(list, Statement{Verb: "use", Resource: "subnets", Permissions: []string{"SUBNET_ATTACH"}, Why: "make an address in a subnet"})
	}
	return list
}

// Text is the statement in the policy language. A plain one gives all that the verb stands for.
func (s Statement) Text(who Subject, plain bool) string {
	kind := "dynamic-group"
	if who.User {
		kind = "group"
	}
	text := fmt.Sprintf("Allow %s %s to %s %s in %s", kind, who.Group, s.Verb, s.Resource, who.where())
	if plain {
		return text
	}
	conditions := make([]string, len(s.Permissions))
	for i, p := range s.Permissions {
		conditions[i] = fmt.Sprintf("request.permission = '%s'", p)
	}
	if len(conditions) == 1 {
		return text + " where " + conditions[0]
	}
	return text + " where any {" + strings.Join(conditions, ", ") + "}"
}

func (s Subject) where() string {
	switch {
	case s.Compartment == "":
		return "tenancy"
	case strings.HasPrefix(s.Compartment, "ocid1."):
		return "compartment id " + s.Compartment
	}
	return "compartment " + s.Compartment
}

// MatchingRule is the rule of the dynamic group; empty for users.
func (s Subject) MatchingRule() string {
	switch {
	case s.User:
		return ""
	case len(s.Instances) > 0:
		ids := slices.Clone(s.Instances)
		slices.Sort(ids)
		for i, id := range ids {
			ids[i] = fmt.Sprintf("instance.id = '%s'", id)
		}
		return "Any {" + strings.Join(ids, ", ") + "}"
	}
	return fmt.Sprintf("All {instance.compartment.id = '%s'}", s.InstanceCompartment)
}
