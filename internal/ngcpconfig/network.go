// SPDX-License-Identifier: Apache-2.0

package ngcpconfig

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"ocf-oci/internal/yamllimit"
)

// Network is what network.yml says, as far as it matters here.
type Network struct {
	Hosts map[string]map[string]any `yaml:"hosts"`
}

// ParseNetwork reads network.yml.
func ParseNetwork(name string, text []byte) (Network, error) {
	var n Network
	if err := yamllimit.Check(name, text); err != nil {
		return n, err
	}
	if err := yaml.Unmarshal(text, &n); err != nil {
		return n, fmt.Errorf("%s: %s", name, strings.TrimSpace(yaml.FormatError(err, false, false)))
	}
	return n, nil
}

// HAAddress is a host's address on its interface of type ha_int.
func (n Network) HAAddress(host string) (netip.Addr, bool) {
	for _, v := range n.Hosts[host] {
		card, ok := v.(map[string]any)
		if !ok {
			continue
		}
		types, _ := card["type"].([]any)
		if !slices.Contains(types, any("ha_int")) {
			continue
		}
		if a, err := netip.ParseAddr(fmt.Sprint(card["ip"])); err == nil {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// Peer is the other node of a host's pair: hosts.HOST.peer, else by name: sp1 and sp2, Xa and Xb.
func (n Network) Peer(host string) (string, bool) {
	if p, ok := n.Hosts[host]["peer"].(string); ok && p != "" {
		return p, true
	}
	other := map[string]string{"sp1": "sp2", "sp2": "sp1"}[host]
	if stem, ok := strings.CutSuffix(host, "a"); ok && other == "" {
		other = stem + "b"
	} else if stem, ok := strings.CutSuffix(host, "b"); ok && other == "" {
		other = stem + "a"
	}
	_, known := n.Hosts[other]
	return other, known
}
