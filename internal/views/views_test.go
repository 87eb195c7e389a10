// SPDX-License-Identifier: Apache-2.0

package views

import (
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	held := func(node string) Cloud { return Cloud{Known: true, Exists: true, Node: node} }
	for name, c := range map[string]struct {
		a    Address
		says []string
	}{
		"all agree":                  {Address{Cluster: []string{"a"}, Cloud: held("a"), OS: map[string]bool{"a": true, "b": false}}, nil},
		"stopped":                    {Address{Cloud: held("a"), OS: map[string]bool{"a": false}}, nil},
		"cloud unknown":              {Address{Cluster: []string{"a"}, OS: map[string]bool{"a": true}}, nil},
		"no cloud":                   {Address{Cluster: []string{"a"}, Cloud: Cloud{None: true}, OS: map[string]bool{"a": true}}, nil},
		"others not heard":           {Address{Cluster: []string{"a"}, Cloud: held("a"), OS: map[string]bool{"b": false}}, nil},
		"taken in the cloud":         {Address{Cluster: []string{"a"}, Cloud: held("b"), OS: map[string]bool{"a": true}}, []string{"cloud: delivers to b"}},
		"a node that is new":         {Address{Cluster: []string{"a"}, Cloud: Cloud{Known: true, Exists: true, VNIC: "v", Node: "v", Unclear: true}, OS: map[string]bool{"b": false}}, nil},
		"detached":                   {Address{Cluster: []string{"a"}, Cloud: held(""), OS: map[string]bool{"a": true}}, []string{"cloud: delivers to nobody"}},
		"deleted":                    {Address{Cluster: []string{"a"}, Cloud: Cloud{Known: true}, OS: map[string]bool{"a": true}}, []string{"cloud: there is no such"}},
		"leftover":                   {Address{Cluster: []string{"a"}, Cloud: held("a"), OS: map[string]bool{"a": true, "b": true}}, []string{"system: b carries it"}},
		"leftover, stopped":          {Address{Cloud: held("a"), OS: map[string]bool{"a": true}}, []string{"a carries it, but the cluster runs it nowhere"}},
		"removed from the OS":        {Address{Cluster: []string{"a"}, Cloud: held("a"), OS: map[string]bool{"a": false}}, []string{"a does not carry it"}},
		"two nodes":                  {Address{Cluster: []string{"a", "b"}, Cloud: held("b"), OS: map[string]bool{"a": true, "b": true}}, []string{"on 2 nodes"}},
		"network behind, new holder": {Address{Cluster: []string{"a"}, Cloud: held("a"), OS: map[string]bool{"a": true}, Network: "elsewhere", From: "a"}, []string{"network: does not deliver to a"}},
		"network behind, nobody":     {Address{Cluster: []string{"a"}, Cloud: held("a"), OS: map[string]bool{"a": true}, Network: "silent", From: "a"}, []string{"network: does not deliver to a"}},
		"network behind, old holder": {Address{Cluster: []string{"b"}, Cloud: held("b"), OS: map[string]bool{"a": false}, Network: "here", From: "a"}, []string{"network: still delivers to a, although the cloud says b"}},
		"network in step":            {Address{Cluster: []string{"a"}, Cloud: held("a"), OS: map[string]bool{"a": true}, Network: "here", From: "a"}, nil},
		"network from elsewhere":     {Address{Cluster: []string{"a"}, Cloud: held("a"), OS: map[string]bool{"b": false}, Network: "elsewhere", From: "b"}, nil},
		"network not known":          {Address{Cluster: []string{"a"}, Cloud: held("a"), OS: map[string]bool{"a": true}, Network: "unknown", From: "a"}, nil},
		"network and no cloud":       {Address{Cluster: []string{"a"}, OS: map[string]bool{"a": true}, Network: "elsewhere", From: "a"}, []string{"network: does not deliver to a, where"}},
		"everything elsewhere":       {Address{Cluster: []string{"a"}, Cloud: held("b"), OS: map[string]bool{"a": false, "b": true}}, []string{"cloud:", "a does not carry", "b carries"}},
	} {
		c.a.Compare()
		if len(c.a.Disagreements) != len(c.says) || c.a.Agree() != (len(c.says) == 0) {
			t.Errorf("%s: %q", name, c.a.Disagreements)
			continue
		}
		for i, part := range c.says {
			if !strings.Contains(c.a.Disagreements[i], part) {
				t.Errorf("%s: %q lacks %q", name, c.a.Disagreements[i], part)
			}
		}
	}
}
