// SPDX-License-Identifier: Apache-2.0

package iampolicy_test

import (
	"slices"
	"strings"
	"testing"

	"ocf-oci/internal/iampolicy"
	"ocf-oci/lab/region/iam"
)

const compartment = "ocid1.compartment.oc1..net"

// operations are those that the agent sends, by need.
func operations(n iampolicy.Needs) []string {
	ops := []string{"GetVnic"}
	if n.IPv4 {
		ops = append(ops, "ListPrivateIps", "GetPrivateIp", "UpdatePrivateIp")
		if n.Create {
			ops = append(ops, "CreatePrivateIp")
		}
		if n.Detach {
			ops = append(ops, "PrivateIpVnicDetach")
		}
	}
	if n.IPv6 {
		ops = append(ops, "ListIpv6s", "GetIpv6", "UpdateIpv6")
		if n.Create {
			ops = append(ops, "CreateIpv6")
		}
		if n.Detach {
			ops = append(ops, "Ipv6VnicDetach")
		}
	}
	return ops
}

func refused(t *testing.T, lines []string, ops []string) []string {
	t.Helper()
	p, err := iam.Parse(strings.Join(lines, "\n"), iam.Directory{Tenancy: "ocid1.tenancy.oc1..t", DynamicGroups: []string{"nodes"},
		Compartments: map[string]string{"net": compartment}})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, op := range ops {
		r := iam.Request{Principal: iam.Principal{Type: "instance", Groups: []string{"nodes"}}, Operation: op, Permissions: iam.Operations[op],
			Compartment: compartment, CompartmentName: "net", Tenancy: "ocid1.tenancy.oc1..t"}
		if _, ok := p.Allows(r); !ok {
			out = append(out, op)
		}
	}
	return out
}

// For every combination of needs the statements suffice, and neither a statement nor a permission can be left out.
func TestStatementsAreEnoughAndTheLeast(t *testing.T) {
	who := iampolicy.Subject{Group: "nodes", Compartment: compartment}
	for bits := 1; bits < 16; bits++ {
		n := iampolicy.Needs{IPv4: bits&1 != 0, IPv6: bits&2 != 0, Create: bits&4 != 0, Detach: bits&8 != 0}
		list := iampolicy.Statements(n)
		if !n.IPv4 && !n.IPv6 {
			if list != nil {
				t.Errorf("%+v: %v", n, list)
			}
			continue
		}
		texts := func(list []iampolicy.Statement, plain bool) []string {
			var lines []string
			for _, s := range list {
				lines = append(lines, s.Text(who, plain))
			}
			return lines
		}
		for _, plain := range []bool{true, false} {
			if no := refused(t, texts(list, plain), operations(n)); len(no) > 0 {
				t.Errorf("%+v plain=%v: refused %v", n, plain, no)
			}
			for i := range list {
				if no := refused(t, texts(slices.Delete(slices.Clone(list), i, i+1), plain), operations(n)); len(no) == 0 {
					t.Errorf("%+v plain=%v: %s %s is not needed", n, plain, list[i].Verb, list[i].Resource)
				}
			}
		}
		for i, s := range list {
			for j, p := range s.Permissions {
				less := slices.Clone(list)
				less[i].Permissions = slices.Delete(slices.Clone(s.Permissions), j, j+1)
				if len(less[i].Permissions) == 0 {
					less = slices.Delete(less, i, i+1)
				}
				if no := refused(t, texts(less, false), operations(n)); len(no) == 0 {
					t.Errorf("%+v: %s is not needed", n, p)
				}
			}
		}
	}
}

// The conditions keep out what a verb gives beyond the need.
func TestConditionsDenyTheRest(t *testing.T) {
	who := iampolicy.Subject{Group: "nodes", Compartment: "net"}
	var lines []string
	for _, s := range iampolicy.Statements(iampolicy.Needs{IPv4: true, IPv6: true, Create: true, Detach: true}) {
		lines = append(lines, s.Text(who, false))
	}
	for _, op := range []string{"DeletePrivateIp", "DeleteIpv6", "UpdateVnic", "GetSubnet", "UpdateRouteTable"} {
		if no := refused(t, lines, []string{op}); len(no) == 0 {
			t.Errorf("%s is allowed", op)
		}
	}
}

func TestSubject(t *testing.T) {
	for _, c := range []struct {
		who  iampolicy.Subject
		rule string
		text string
	}{
		{iampolicy.Subject{Group: "g", Instances: []string{"ocid1.instance.b", "ocid1.instance.a"}, Compartment: "net"},
			"Any {instance.id = 'ocid1.instance.a', instance.id = 'ocid1.instance.b'}", "Allow dynamic-group g to use vnics in compartment net"},
		{iampolicy.Subject{Group: "g", InstanceCompartment: "ocid1.c", Compartment: "ocid1.c"},
			"All {instance.compartment.id = 'ocid1.c'}", "Allow dynamic-group g to use vnics in compartment id ocid1.c"},
		{iampolicy.Subject{Group: "g", User: true}, "", "Allow group g to use vnics in tenancy"},
	} {
		if got := c.who.MatchingRule(); got != c.rule {
			t.Errorf("rule %q, want %q", got, c.rule)
		}
		if got := (iampolicy.Statement{Verb: "use", Resource: "vnics"}).Text(c.who, true); got != c.text {
			t.Errorf("%q, want %q", got, c.text)
		}
	}
}

func TestTerraform(t *testing.T) {
	who := iampolicy.Subject{Group: "nodes", Compartment: compartment, Instances: []string{"ocid1.instance.a${x}"}}
	got := iampolicy.Terraform(iampolicy.Statements(iampolicy.Needs{IPv4: true}), who, true)
	for _, want := range []string{
		`matching_rule  = "Any {instance.id = 'ocid1.instance.a$${x}'}"`,
		`"Allow dynamic-group nodes to use private-ips in compartment id ` + compartment + `",`,
		`compartment_id = "` + compartment + `"`, "depends_on = [oci_identity_dynamic_group.floating_addresses]",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	users := iampolicy.Terraform(nil, iampolicy.Subject{Group: "ops", User: true}, true)
	if strings.Contains(users, "dynamic_group") || strings.Count(users, "{") != strings.Count(users, "}") {
		t.Error(users)
	}
}
