// SPDX-License-Identifier: Apache-2.0

package region_test

import (
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/core"

	"ocf-oci/lab/region"
)

func TestPolicyDecides(t *testing.T) {
	l := start(t, nil, region.Options{})
	c := l.network(must(l.instancePrincipal("127.1.0.11"))(t), "127.1.0.11")
	get := func() error {
		_, err := c.GetPrivateIp(l.ctx(), core.GetPrivateIpRequest{PrivateIpId: common.String(l.owner(floating).ID)})
		return err
	}
	move := func() error {
		to := "vrouter1"
		if l.owner(floating).Node == to {
			to = "vrouter2"
		}
		_, err := l.move(c, floating, l.vnic(to, "ens3"), nil)
		return err
	}
	vnic := func() error {
		_, err := c.GetVnic(l.ctx(), core.GetVnicRequest{VnicId: l.vnic("vrouter1", "ens3")})
		return err
	}
	remove := func() error {
		_, err := c.DeletePrivateIp(l.ctx(), core.DeletePrivateIpRequest{PrivateIpId: common.String(l.owner(second).ID), IfMatch: common.String("never")})
		if err != nil && strings.Contains(err.Error(), "NoEtagMatch") {
			return nil // it was allowed to try
		}
		return err
	}
	const net = " in compartment network"
	both := "allow dynamic-group routers to use private-ips" + net + "\nallow dynamic-group routers to use vnics" + net
	tests := []struct {
		name, policy            string
		get, move, vnic, remove bool
	}{
		{"nothing", "", false, false, false, false},
		{"the minimum", both, true, true, true, false},
		{"no use vnics", "allow dynamic-group routers to use private-ips" + net, true, false, false, false},
		{"inspect vnics is not use", "allow dynamic-group routers to use private-ips" + net + "\nallow dynamic-group routers to inspect vnics" + net, true, false, true, false},
		{"read is not use", "allow dynamic-group routers to read private-ips" + net + "\nallow dynamic-group routers to use vnics" + net, true, false, true, false},
		{"delete needs subnets", both + "\nallow dynamic-group routers to use subnets" + net, true, true, true, true},
		{"the family", "allow dynamic-group routers to use virtual-network-family" + net, true, true, true, true},
		{"everything", "allow dynamic-group routers to manage all-resources in tenancy", true, true, true, true},
		{"the compartment's OCID", strings.ReplaceAll(both, "compartment network", "compartment id "+l.CompartmentID()), true, true, true, false},
		{"any user", "allow any-user to use virtual-network-family" + net, true, true, true, true},
		{"a group of users is no dynamic group", "allow group admins to manage virtual-network-family" + net, false, false, false, false},
		{"one operation", "allow dynamic-group routers to use virtual-network-family" + net + " where request.operation = 'UpdatePrivateIp'", false, true, false, false},
		{"any of two", both + " where any {request.operation='GetVnic', request.operation='UpdatePrivateIp'}", true, true, true, false},
		{"private-ips only by get", strings.Replace(both, net, net+" where any {request.operation='GetPrivateIp', request.operation='ListPrivateIps'}", 1), true, false, true, false},
		{"all of two", both + " where all {request.operation='GetVnic', target.compartment.name='network'}", true, false, true, false},
		{"all fails", both + " where all {request.operation='GetVnic', target.compartment.name='other'}", true, false, false, false},
		{"not", "allow dynamic-group routers to use virtual-network-family" + net + " where request.operation != 'DeletePrivateIp'", true, true, true, false},
		{"a pattern", "allow dynamic-group routers to use virtual-network-family" + net + " where request.operation = /Get*/", true, false, true, false},
		{"in", "allow dynamic-group routers to use virtual-network-family" + net + " where request.operation in ('GetVnic', 'UpdatePrivateIp')", false, true, true, false},
		{"a permission", "allow dynamic-group routers to manage virtual-network-family" + net + " where request.permission != 'VNIC_ASSIGN'", true, false, true, true},
		{"permissions", "allow dynamic-group routers to {PRIVATE_IP_READ, VNIC_READ} in tenancy", true, false, true, false},
		{"a variable that does not apply", both + " where target.resource.tag.a.b = 'c'", true, false, false, false},
		{"this instance", both + "\n", true, true, true, false},
		{"another instance", strings.ReplaceAll(both, net, net+" where request.principal.id = '"+l.Nodes()[1].ID+"'"), false, false, false, false},
		{"case does not matter", "ALLOW Dynamic-Group ROUTERS TO Use Private-IPs IN Compartment NETWORK", true, false, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := l.SetPolicy(test.policy); err != nil {
				t.Fatal(err)
			}
			for name, ask := range map[string]struct {
				allowed bool
				do      func() error
			}{"get": {test.get, get}, "move": {test.move, move}, "vnic": {test.vnic, vnic}, "delete": {test.remove, remove}} {
				err := ask.do()
				if ask.allowed && err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if !ask.allowed && err == nil {
					t.Errorf("%s was allowed", name)
				} else if !ask.allowed {
					wantError(t, err, 404, "NotAuthorizedOrNotFound")
				}
			}
		})
	}
}

func TestDynamicGroupRules(t *testing.T) {
	for rule, allowed := range map[string]bool{
		"Any {instance.id = '${instance:vrouter1}', instance.id = '${instance:vrouter2}'}":           true,
		"instance.id = '${instance:vrouter2}'":                                                       false,
		"All {instance.compartment.id = '${compartment}', instance.id = '${instance:vrouter1}'}":     true,
		"All {instance.compartment.id = '${compartment}', instance.id != '${instance:vrouter1}'}":    false,
		"any {instance.compartment.id = 'ocid1.compartment.oc1..other', instance.id = 'ocid1.gone'}": false,
	} {
		l := start(t, func(s *region.Spec) { s.DynamicGroups[0].Rule = rule }, region.Options{})
		c := l.network(must(l.instancePrincipal("127.1.0.11"))(t), "127.1.0.11")
		_, err := c.GetVnic(l.ctx(), core.GetVnicRequest{VnicId: l.vnic("vrouter1", "ens3")})
		if allowed != (err == nil) {
			t.Errorf("%s: %v", rule, err)
		}
	}
	spec := testSpec()
	spec.DynamicGroups[0].Rule = "Any {instance.id 'x'}"
	if _, err := region.New(spec, region.Options{}); err == nil || !strings.Contains(err.Error(), "routers") {
		t.Errorf("a bad rule: %v", err)
	}
}

func TestUserWithoutRightsAndRevokedKey(t *testing.T) {
	l := start(t, nil, region.Options{})
	bob := l.network(l.keyProvider("bob"), "127.1.0.11")
	_, err := bob.GetVnic(l.ctx(), core.GetVnicRequest{VnicId: l.vnic("vrouter1", "ens3")})
	wantError(t, err, 404, "NotAuthorizedOrNotFound")
	// The journal tells the operator what the answer hides from the caller.
	if c := l.last("GetVnic"); !strings.Contains(c.Message, "VNIC_READ") || c.Principal == "" {
		t.Errorf("journal %+v", c)
	}
	p := l.keyProvider("alice")
	alice := l.network(p, "127.1.0.11")
	fingerprint := must(p.KeyFingerprint())(t)
	l.RevokeAPIKey("alice", fingerprint)
	_, err = alice.GetVnic(l.ctx(), core.GetVnicRequest{VnicId: l.vnic("vrouter1", "ens3")})
	wantError(t, err, 401, "NotAuthenticated")
}
