// SPDX-License-Identifier: Apache-2.0

package heartbeatconvert

import (
	"net/netip"

	"ocf-oci/internal/heartbeat"
)

// nodes finds the two nodes, in the order of the node directives, with their addresses.
func (r *Result) nodes(s Source, errs *heartbeat.Errors) {
	names := heartbeat.Nodes(s.Config)
	at := heartbeat.Place{File: "ha.cf", Line: 1, Column: 1}
	if len(s.Config) > 0 {
		at = s.Config[0].At
	}
	if len(names) != 2 {
		fail(errs, at, "%d nodes by node directives: a pair has 2", len(names))
		return
	}
	if names[0].Text == names[1].Text {
		fail(errs, names[1].At, "node %s is there twice", names[1].Text)
		return
	}
	known := map[string]netip.Addr{}
	for _, n := range s.Nodes {
		known[n.Name] = n.Address
	}
	fromUcast := r.ucast(s)
	guessed := false
	for i, n := range names {
		a, ok := known[n.Text]
		if !ok && len(fromUcast) == 2 {
			a, ok, guessed = fromUcast[i], true, true
		}
		if !ok {
			fail(errs, n.At, "no address is known for node %s: give --node %s=ADDRESS (its internal HA address), or --network FILE", n.Text, n.Text)
			continue
		}
		r.Nodes = append(r.Nodes, Node{n.Text, a})
	}
	if guessed {
		r.note(names[0].At, "node", Changed, "addresses are taken from the ucast lines in the order of the node lines (%s %s, %s %s): check corosync.conf, or give --node NAME=ADDRESS",
			names[0].Text, fromUcast[0], names[1].Text, fromUcast[1])
	}
	if len(r.Nodes) == 2 && r.Nodes[0].Address == r.Nodes[1].Address {
		fail(errs, names[1].At, "both nodes have the address %s: give --node NAME=ADDRESS for each", r.Nodes[0].Address)
	}
	for _, g := range s.Groups {
		if g.Node.Text != names[0].Text && g.Node.Text != names[1].Text {
			fail(errs, g.Node.At, "node %s of haresources is not in ha.cf, which has %s and %s", g.Node.Text, names[0].Text, names[1].Text)
		}
	}
}

// ucast returns the addresses of the ucast lines of the first interface that has two.
func (r *Result) ucast(s Source) []netip.Addr {
	byCard := map[string][]netip.Addr{}
	var order []string
	for _, d := range s.Config {
		if d.Name != "ucast" && d.Name != "ucast6" {
			continue
		}
		card := d.Args[0].Text
		a, err := netip.ParseAddr(d.Args[1].Text)
		if err != nil {
			continue // a host name: only its own resolver knows
		}
		if len(byCard[card]) == 0 {
			order = append(order, card)
		}
		byCard[card] = append(byCard[card], a)
	}
	for _, card := range order {
		if len(byCard[card]) == 2 {
			return byCard[card]
		}
	}
	return nil
}
