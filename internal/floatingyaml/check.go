// SPDX-License-Identifier: Apache-2.0

package floatingyaml

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"ocf-oci/internal/oci"
)

// Problem is a mistake and where it stands: keys, and indexes of lists.
type Problem struct {
	Path []string
	Err  error
}

// Check finds what the syntax allows but cannot be meant.
func (f File) Check() []Problem {
	var list []Problem
	add := func(format string, args []any, path ...string) {
		list = append(list, Problem{Path: path, Err: fmt.Errorf(format, args...)})
	}
	switch f.Auth.Kind {
	case "", "instance_principal", "api_key", "resource_principal":
	default:
		add("kind %q must be one of instance_principal, api_key, resource_principal", []any{f.Auth.Kind}, "auth", "kind")
	}
	if len(f.Nodes) == 0 {
		add("no node is described", nil, "nodes")
	}
	if len(f.Addresses) == 0 {
		add("no address is described", nil, "addresses")
	}
	owners := map[oci.VNICID]string{}
	for _, node := range slices.Sorted(maps.Keys(f.Nodes)) {
		for _, network := range slices.Sorted(maps.Keys(f.Nodes[node])) {
			id := f.Nodes[node][network]
			if err := CheckVNIC(string(id)); err != nil {
				add("%w", []any{err}, "nodes", node, network)
			}
			if other, taken := owners[id]; taken && other != node {
				add("VNIC %s belongs to %s already", []any{id, other}, "nodes", node, network)
			}
			owners[id] = node
		}
	}
	seen := map[string]bool{}
	for i, a := range f.Addresses {
		at := strconv.Itoa(i)
		if seen[a.IP.String()] {
			add("%s is there twice", []any{a.IP}, "addresses", at, "ip")
		}
		seen[a.IP.String()] = true
		if !a.IP.IsValid() || a.IP.IsUnspecified() || a.IP.IsMulticast() || a.IP.Zone() != "" {
			add("%s is not an address that a host can have", []any{a.IP}, "addresses", at, "ip")
		}
		if a.Prefix < 0 || a.Prefix > max(a.IP.BitLen(), 0) {
			add("prefix %d must be 1 to %d", []any{a.Prefix, a.IP.BitLen()}, "addresses", at, "prefix")
		}
		for _, node := range slices.Sorted(maps.Keys(f.Nodes)) {
			if _, ok := f.Nodes[node][a.Network]; !ok {
				add("%s is in network %q, in which %s has no VNIC", []any{a.IP, a.Network, node}, "addresses", at, "network")
			}
		}
	}
	return list
}

// CheckVNIC accepts ocid1.vnic.REALM.[REGION][.FUTURE].UNIQUE (OCI: "Resource Identifiers").
func CheckVNIC(id string) error {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
	if !strings.HasPrefix(id, "ocid1.vnic.") || strings.Count(id, ".") < 4 || strings.HasSuffix(id, ".") || strings.Trim(id, letters) != "" {
		return fmt.Errorf("%q is not the OCID of a VNIC (ocid1.vnic....)", id)
	}
	return nil
}

// places finds where a path stands in a text.
type places struct{ root ast.Node }

func placesOf(text []byte) places {
	doc, err := parser.ParseBytes(text, 0)
	if err != nil || len(doc.Docs) == 0 {
		return places{}
	}
	return places{doc.Docs[0].Body}
}

// find returns line and column of the value at a path, or of the nearest thing around it.
func (p places) find(path []string) (line, column int) {
	line, column = 1, 1
	node := p.root
	for node != nil {
		if t := node.GetToken(); t != nil && t.Position != nil {
			line, column = t.Position.Line, t.Position.Column
		}
		if len(path) == 0 {
			break
		}
		node = child(node, path[0])
		path = path[1:]
	}
	return line, column
}

func child(n ast.Node, key string) ast.Node {
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			if v.Key.String() == key {
				return v.Value
			}
		}
	case *ast.MappingValueNode:
		if n.Key.String() == key {
			return n.Value
		}
	case *ast.SequenceNode:
		if i, err := strconv.Atoi(key); err == nil && i < len(n.Values) {
			return n.Values[i]
		}
	}
	return nil
}
