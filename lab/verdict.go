// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"fmt"
	"slices"
	"strings"

	"ocf-oci/lab/cluster"
)

// verdict is what the four views of an address come to, in a few words: agree, not managed, moving, stopped or DISAGREE,
// the last two with the reason where one is known. holders are the machines that carry it and can be reached.
func (s Status) verdict(a AddressStatus, holders []string) string {
	if a.Agree {
		return "agree"
	}
	if !a.Managed {
		return "not managed"
	}
	if s.moving(a) {
		return "moving"
	}
	if len(a.OS)+len(a.Pacemaker) == 0 {
		if why := s.whyStopped(a); why != "" {
			return "stopped: " + why
		}
		return "stopped"
	}
	return "DISAGREE (" + strings.Join(s.differences(a, holders), "; ") + ")"
}

// moving: pacemaker starts, stops or migrates it, or the network does not know yet what the region decided.
func (s Status) moving(a AddressStatus) bool {
	if s.Region != nil && s.Region.Pending > 0 && a.Region != a.Fabric {
		return true
	}
	return slices.ContainsFunc(s.resources(a), func(r Resource) bool { return r.Pending })
}

// resources are all that the nodes which can be reached say of the resources with this address.
func (s Status) resources(a AddressStatus) []Resource {
	var list []Resource
	for _, n := range s.Nodes {
		if !n.reachable() {
			continue
		}
		for _, r := range n.Pacemaker.Resources {
			if slices.Contains(r.Addresses, a.Address) {
				list = append(list, r)
			}
		}
	}
	return list
}

// reachable says whether the machine's opinion counts: not while it is cut or frozen.
func (n NodeStatus) reachable() bool { return !n.Cut && n.Up != cluster.Frozen.String() }

func (s Status) whyStopped(a AddressStatus) string {
	for _, r := range s.resources(a) {
		if r.Obstacle != "" {
			return r.Obstacle
		}
	}
	return ""
}

// differences says who is out of step with whom.
func (s Status) differences(a AddressStatus, holders []string) []string {
	var out []string
	for _, n := range s.Nodes {
		named := a.Region == n.Name || a.Fabric == n.Name || slices.Contains(a.OS, n.Name) || slices.Contains(a.Pacemaker, n.Name)
		switch {
		case !named:
		case n.Cut:
			out = append(out, n.Name+" is cut")
		case n.Up != cluster.Up.String():
			out = append(out, n.Name+" is "+n.Up)
		}
	}
	if len(out) > 0 {
		return out
	}
	switch len(holders) {
	case 0:
		return []string{"no system carries it"}
	case 1:
	default:
		return []string{strings.Join(holders, " and ") + " carry it"}
	}
	holder := holders[0]
	if s.Region != nil && a.Region != holder {
		out = append(out, fmt.Sprintf("the region has it on %s", orNobody(a.Region)))
	}
	if a.Fabric != holder {
		out = append(out, fmt.Sprintf("the network delivers to %s", orNobody(a.Fabric)))
	}
	if !slices.Equal(a.Pacemaker, holders) {
		out = append(out, fmt.Sprintf("pacemaker has it on %s", orNobody(strings.Join(a.Pacemaker, " and "))))
	}
	return out
}

func orNobody(name string) string {
	if name == "" {
		return "nobody"
	}
	return name
}
