// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"ocf-oci/internal/heartbeat"
	"ocf-oci/internal/heartbeatconvert"
	"ocf-oci/internal/ngcpconfig"
)

// Peer is the other node by ha.cf, or by network.yml.
func (m *Machine) Peer() (string, error) {
	s, err := m.source()
	if err == nil {
		names := heartbeat.Nodes(s.Config)
		for i, n := range names {
			if n.Text == m.name && len(names) == 2 {
				return names[1-i].Text, nil
			}
		}
		err = fmt.Errorf("this node is %s, which is not one of the two in ha.cf", m.name)
	}
	file := filepath.Join(ngcpconfig.Dir, "network.yml")
	if text, rerr := os.ReadFile(file); rerr == nil {
		if n, perr := ngcpconfig.ParseNetwork(file, text); perr == nil {
			if p, ok := n.Peer(m.name); ok {
				return p, nil
			}
		}
	}
	return "", fmt.Errorf("find the peer of this node (or name it with --peer): %w", err)
}

// HAAddresses are the internal addresses of the nodes by name.
func (m *Machine) HAAddresses() (map[string]netip.Addr, error) {
	s, err := m.source()
	if err != nil {
		return nil, err
	}
	r, err := heartbeatconvert.Convert(s)
	if err != nil {
		return nil, err
	}
	all := map[string]netip.Addr{}
	for _, n := range r.Nodes {
		all[n.Name] = n.Address
	}
	return all, nil
}

// MergeConfig moves the settings of the pairs' own files into config.yml, once every pair has them.
func MergeConfig() (merged []string, err error) {
	file := filepath.Join(ngcpconfig.Dir, "network.yml")
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read which pairs there are: %w", err)
	}
	network, err := ngcpconfig.ParseNetwork(file, text)
	if err != nil {
		return nil, err
	}
	pairs := map[string]bool{}
	for host := range network.Hosts {
		if _, ok := network.Peer(host); ok {
			pairs[ngcpconfig.Pair(host)] = true
		}
	}
	global := filepath.Join(ngcpconfig.Dir, "config.yml")
	config, err := os.ReadFile(global)
	if err != nil {
		return nil, fmt.Errorf("read config.yml: %w", err)
	}
	texts := map[string][]byte{}
	var missing []string
	for pair := range pairs {
		path := filepath.Join(ngcpconfig.Dir, "config."+pair+".yml")
		text, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		for _, kv := range switched {
			v, ok, err := ngcpconfig.Get(path, text, "ha", kv[0])
			if err != nil {
				return nil, err
			}
			if g, gok, _ := ngcpconfig.Get(global, config, "ha", kv[0]); (!ok || v != kv[1]) && (ok || !gok || g != kv[1]) {
				missing = append(missing, fmt.Sprintf("%s (ha.%s is not %s)", pair, kv[0], kv[1]))
			}
		}
		texts[path] = text
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("not all pairs are migrated, so nothing is merged: %s", strings.Join(missing, ", "))
	}
	for _, kv := range switched {
		if config, err = ngcpconfig.Set(global, config, "ha", kv[0], kv[1]); err != nil {
			return nil, err
		}
		for path, text := range texts {
			if texts[path], err = ngcpconfig.Unset(path, text, "ha", kv[0]); err != nil {
				return nil, err
			}
		}
	}
	// config.yml first: whoever reads in between finds the value in one of the files.
	if err := writeConfig(global, config); err != nil {
		return nil, err
	}
	for path, text := range texts {
		if !exists(path) {
			continue
		}
		if err := writeConfig(path, text); err != nil {
			return merged, err
		}
		merged = append(merged, path)
	}
	return merged, nil
}
