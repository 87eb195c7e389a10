// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"strings"
	"testing"
)

var directory = Directory{
	Tenancy:      "ocid1.tenancy.oc1..t",
	Compartments: map[string]string{"network": "ocid1.compartment.oc1..n"},
	Groups:       []string{"admins"}, DynamicGroups: []string{"routers"},
}

func TestMistakesAreReportedWithLineAndColumn(t *testing.T) {
	tests := []struct{ statement, says string }{
		{"permit group admins to use vnics in tenancy", `line 3: column 1: want "allow", not "permit"`},
		{"allow service x to use vnics in tenancy", `line 3: column 7: "service"`},
		{"allow group admin to use vnics in tenancy", `line 3: column 13: there is no group "admin"`},
		{"allow dynamic-group admins to use vnics in tenancy", `line 3: column 21: there is no dynamic-group "admins"`},
		{"allow group to use vnics in tenancy", `column 13: there is no group "to"`},
		{"allow group admins to abuse vnics in tenancy", `line 3: column 23: verb "abuse"`},
		{"allow group admins to use vnic in tenancy", `line 3: column 27: resource type "vnic"`},
		{"allow group admins to use vnics", `line 3: column 32: want "in", not ""`},
		{"allow group admins to use vnics in compartment net", `line 3: column 48: there is no compartment "net"`},
		{"allow group admins to use vnics in compartment id ocid1.compartment.oc1..x", `no compartment "ocid1.compartment.oc1..x"`},
		{"allow group admins to use vnics in region", `"region": want tenancy or compartment`},
		{"allow group admins to use vnics in tenancy if x", `line 3: column 44: want "where", not "if"`},
		{"allow group admins to use vnics in tenancy where", "want a condition"},
		{"allow group admins to use vnics in tenancy where any {request.operation='a'", "want , or }"},
		{"allow group admins to use vnics in tenancy where request.operation=UpdatePrivateIp", "must stand in quotes"},
		{"allow group admins to use vnics in tenancy where request.operation 'x'", "want =, != or in"},
		{"allow group admins to use vnics in tenancy where request.operation = 'x", "the quote is not closed"},
		{"allow group admins to use vnics in tenancy where request.operation = /x", "the pattern is not closed"},
		{"allow group admins to use vnics in tenancy where request.operation = 'x' y", `"y" after the end`},
		{"allow group admins to use vnics in tenancy where a in ('x' 'y')", "want , or )"},
		{"allow group admins to {VNIC_REED} in tenancy", `permission "VNIC_REED" is unknown`},
		{"allow group admins to {VNIC_READ in tenancy", "want , or }"},
		{"allow !", "does not belong here"},
	}
	for _, test := range tests {
		p, err := Parse("# comment\n\n"+test.statement, directory)
		if err == nil || !strings.Contains(err.Error(), test.says) || len(p.Statements) != 0 {
			t.Errorf("%s:\n got  %v\n want %s", test.statement, err, test.says)
		}
	}
	_, err := Parse("allow x\nallow any-user to use vnics in tenancy\nallow y", directory)
	if err == nil || strings.Count(err.Error(), "line ") != 2 || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("two mistakes: %v", err)
	}
}

func TestGoodStatements(t *testing.T) {
	for _, s := range []string{
		"Allow dynamic-group routers to use private-ips in compartment network",
		"Allow dynamic-group 'Default'/'routers' to use private-ips in compartment 'network'",
		"allow group admins, admins to manage all-resources in tenancy",
		"allow any-user to inspect instance-family in tenancy where any { all { request.operation = 'a', request.region != 'b' }, request.permission = /VNIC_*/ }",
		"allow dynamic-group routers to use private-ips in compartment network where any {request.operation='UpdatePrivateIp', request.operation='GetPrivateIp', request.operation='ListPrivateIps'}",
	} {
		p, err := Parse(s, directory)
		if err != nil || len(p.Statements) != 1 {
			t.Errorf("%s: %v", s, err)
		}
	}
}

// TestVerbsAreCumulative holds what oci.md 6.4 quotes from Oracle's reference.
func TestVerbsAreCumulative(t *testing.T) {
	tests := []struct {
		statement string
		operation string
		allowed   bool
	}{
		{"use private-ips|use vnics", "UpdatePrivateIp", true},
		{"use private-ips", "UpdatePrivateIp", false},
		{"use vnics", "UpdatePrivateIp", false},
		{"inspect private-ips", "GetPrivateIp", true},
		{"inspect private-ips", "ListPrivateIps", true},
		{"inspect vnics", "GetVnic", true},
		{"use private-ips|use vnics", "CreatePrivateIp", false},
		{"use private-ips|use vnics|use subnets", "CreatePrivateIp", true},
		{"use private-ips|use vnics", "DeletePrivateIp", false},
		{"manage private-ips|manage vnics", "DeletePrivateIp", false},
		{"manage private-ips|manage route-tables", "UpdateRouteTable", true},
		{"use private-ips|manage route-tables", "UpdateRouteTable", false},
		{"inspect vnic-attachments|inspect instances", "ListVnicAttachments", true},
		{"inspect vnic-attachments", "ListVnicAttachments", false},
		{"inspect instance-family", "ListVnicAttachments", true},
		{"read instances", "GetInstance", true},
		{"inspect instances", "GetInstance", false},
		{"read instances", "InstanceAction", false},
		{"use instances", "InstanceAction", true},
		{"use ipv6s|use vnics", "UpdateIpv6", true},
		{"use virtual-network-family", "UpdateIpv6", true},
		{"use virtual-network-family", "UpdateRouteTable", false},
		{"manage virtual-network-family", "UpdateRouteTable", true},
		{"use virtual-network-family", "InstanceAction", false},
	}
	for _, test := range tests {
		var lines []string
		for grant := range strings.SplitSeq(test.statement, "|") {
			lines = append(lines, "allow dynamic-group routers to "+grant+" in compartment network")
		}
		p, err := Parse(strings.Join(lines, "\n"), directory)
		if err != nil {
			t.Fatal(err)
		}
		missing, ok := p.Allows(Request{
			Principal: Principal{ID: "i", Type: "instance", Groups: []string{"Routers"}}, Operation: test.operation,
			Permissions: Operations[test.operation], Compartment: "ocid1.compartment.oc1..n", Tenancy: directory.Tenancy,
		})
		if ok != test.allowed || (missing == "") != ok {
			t.Errorf("%s: %s is %v (missing %q), want %v", test.statement, test.operation, ok, missing, test.allowed)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("allow dynamic-group routers to use private-ips in compartment network where any {request.operation='GetVnic', all {a != 'b', c = /d*/}}")
	f.Add("allow any-user to {VNIC_READ} in tenancy where a in ('b', 'c')")
	f.Add("allow group 'Default'/'admins' to manage all-resources in tenancy")
	f.Fuzz(func(t *testing.T, text string) {
		p, _ := Parse(text, directory)
		for _, s := range p.Statements {
			if s.Line == 0 || s.within == "" {
				t.Errorf("%q was read as %+v", s.Text, s)
			}
			// Deciding never fails, whatever was parsed.
			p.Allows(Request{Operation: "GetVnic", Permissions: []string{"VNIC_READ"}})
		}
	})
}

// TestGroupsOfUsersAndInstancesAreApart: a group and a dynamic group may have one name.
func TestGroupsOfUsersAndInstancesAreApart(t *testing.T) {
	dir := directory
	dir.Groups, dir.DynamicGroups = []string{"both"}, []string{"both"}
	for subject, kind := range map[string]string{"group both": "user", "dynamic-group both": "instance"} {
		p, err := Parse("allow "+subject+" to use vnics in tenancy", dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, who := range []string{"user", "instance"} {
			_, ok := p.Allows(Request{Principal: Principal{Type: who, Groups: []string{"both"}}, Permissions: []string{"VNIC_READ"}, Tenancy: dir.Tenancy})
			if ok != (who == kind) {
				t.Errorf("allow %s: an %s is allowed: %v", subject, who, ok)
			}
		}
	}
	// A compartment's statement says nothing about another one.
	p, err := Parse("allow any-user to use vnics in compartment network", dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := p.Allows(Request{Permissions: []string{"VNIC_READ"}, Tenancy: dir.Tenancy, Compartment: "ocid1.compartment.oc1..other"}); ok {
		t.Error("a statement on one compartment gives rights in another")
	}
}
