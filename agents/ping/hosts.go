// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strconv"
	"strings"

	"ocf-oci/internal/reach"
)

// host is one different entry of host_list.
type host struct {
	reach.Target
	weight int64 // what it adds to the sum; an entry that is listed twice adds twice
}

// maxWeight is pacemaker's INFINITY, which no single host can usefully exceed.
const maxWeight = 1000000

// parseHosts reads host_list; words is the number of entries, equal ones included.
func parseHosts(list string) (hosts []host, words int, err error) {
	at := map[string]int{}
	for _, word := range strings.Fields(list) {
		words++
		text, weight := word, int64(1)
		if name, number, weighted := cutLast(word, "="); weighted {
			text = name
			weight, err = strconv.ParseInt(number, 10, 64)
			if err != nil || weight < 0 || weight > maxWeight {
				return nil, words, fmt.Errorf("the weight in %q is no number from 0 to %d", word, maxWeight)
			}
		}
		if i, listed := at[text]; listed {
			hosts[i].weight += weight
			continue
		}
		target, err := reach.ParseTarget(text)
		if err != nil {
			return nil, words, err
		}
		at[text] = len(hosts)
		hosts = append(hosts, host{target, weight})
	}
	return hosts, words, nil
}

// cutLast is strings.Cut at the last separator.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
