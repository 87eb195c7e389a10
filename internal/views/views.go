// SPDX-License-Identifier: Apache-2.0

// Package views compares what the cluster, the cloud and the operating systems say of a floating address. Each may be
// wrong or late; which one stands alone is what an administrator wants to know first. It decides only; others ask.
package views

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"ocf-oci/internal/delivery"
)

// Address is what everybody says of one address.
type Address struct {
	IP netip.Addr `json:"ip"`
	// Cluster are the nodes on which pacemaker believes the resource to run.
	Cluster []string `json:"cluster"`
	Cloud   Cloud    `json:"cloud"`
	// OS tells of each node that was heard whether its operating system carries the address.
	OS map[string]bool `json:"os"`
	// Network is what the network does with its packets now, as the node From sees it: here, elsewhere, silent, or unknown.
	Network delivery.Answer `json:"network,omitempty"`
	From    string          `json:"-"`

	Disagreements []string `json:"disagreements"`
}

// Cloud is who receives the address's packets.
type Cloud struct {
	Known  bool   `json:"known"`
	Exists bool   `json:"exists"`
	VNIC   string `json:"vnic,omitempty"`
	// Node is the holder's name, or the VNIC's OCID where no node is known to have it; empty: nobody.
	Node string `json:"node,omitempty"`
	// Unclear: Node is a VNIC's OCID, and may be the very node that runs it, which has not published its VNICs yet.
	Unclear bool `json:"unclear,omitempty"`
	// None: there is no cloud.
	None bool `json:"none,omitempty"`
}

// Compare fills in the disagreements; each names the view that differs.
func (a *Address) Compare() {
	a.Disagreements = []string{}
	say := func(format string, args ...any) {
		a.Disagreements = append(a.Disagreements, fmt.Sprintf(format, args...))
	}
	if len(a.Cluster) > 1 {
		say("the cluster runs it on %d nodes: %s", len(a.Cluster), strings.Join(a.Cluster, ", "))
	}
	where := "nowhere"
	if len(a.Cluster) > 0 {
		where = "on " + strings.Join(a.Cluster, ", ")
	}
	switch c := a.Cloud; {
	case c.None, !c.Known, c.Unclear:
	case !c.Exists:
		if len(a.Cluster) > 0 {
			say("cloud: there is no such private IP, but the cluster runs it %s", where)
		}
	case len(a.Cluster) > 0 && !slices.Contains(a.Cluster, c.Node):
		say("cloud: delivers to %s, but the cluster runs it %s", nobody(c.Node), where)
	}
	a.network(say)
	for _, node := range slices.Sorted(maps.Keys(a.OS)) {
		runs := slices.Contains(a.Cluster, node)
		switch carries := a.OS[node]; {
		case runs && !carries:
			say("operating system: %s does not carry it, but the cluster runs it there", node)
		case !runs && carries:
			say("operating system: %s carries it, but the cluster runs it %s", node, where)
		}
	}
}

// network compares what the network does with what the cloud says that it should: it may be behind.
func (a *Address) network(say func(string, ...any)) {
	here := a.Cloud.Known && a.Cloud.Exists && a.Cloud.Node == a.From
	switch a.Network {
	case delivery.Here:
		if a.Cloud.Known && !here {
			say("network: still delivers to %s, although the cloud says %s", a.From, nobody(a.Cloud.Node))
		}
	case delivery.Elsewhere, delivery.Silent:
		if here {
			say("network: does not deliver to %s, although the cloud says so: it is behind", a.From)
		} else if !a.Cloud.Known && slices.Contains(a.Cluster, a.From) {
			say("network: does not deliver to %s, where the cluster runs it", a.From)
		}
	}
}

// Agree reports whether nobody contradicts.
func (a *Address) Agree() bool { return len(a.Disagreements) == 0 }

func nobody(node string) string {
	if node == "" {
		return "nobody"
	}
	return node
}
