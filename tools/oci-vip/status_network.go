// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/netip"
	"sync"

	"ocf-oci/internal/delivery"
	"ocf-oci/internal/readiness"
	"ocf-oci/internal/views"
)

// delivered asks the network for all addresses at once.
func delivered(ctx context.Context, records []readiness.Record) map[netip.Addr]delivery.Answer {
	answers := map[netip.Addr]delivery.Answer{}
	var mu sync.Mutex
	var group sync.WaitGroup
	metadata := vnicsHere(ctx)
	for _, r := range records {
		for _, t := range r.Targets {
			n, ok := network(t, metadata)
			if !ok {
				continue
			}
			group.Go(func() {
				answer, _ := delivery.Ask(ctx, delivery.Question{IP: n.IP, NIC: n.NIC, Own: n.Primary, Router: n.Gateway}) // Unknown says it
				mu.Lock()
				defer mu.Unlock()
				answers[n.IP] = answer
			})
		}
	}
	group.Wait()
	return answers
}

// networkWord is where the network delivers, as far as this node can tell.
func networkWord(a views.Address) string {
	switch a.Network {
	case delivery.Here:
		return a.From
	case delivery.Elsewhere:
		return "not here"
	case delivery.Silent:
		return "silent"
	}
	return "?"
}
