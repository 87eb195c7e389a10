// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ocfRoot makes a directory with agents; a name that ends in - is a file that
// cannot be executed.
func ocfRoot(t *testing.T, agents ...string) OCFRoot {
	t.Helper()
	root := t.TempDir()
	for _, agent := range agents {
		mode := os.FileMode(0o755)
		name, plain := strings.CutSuffix(agent, "-")
		if plain {
			mode = 0o644
		}
		path := filepath.Join(root, "resource.d", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	return OCFRoot(root)
}

func TestProviders(t *testing.T) {
	root := ocfRoot(t, "heartbeat/Dummy", "pacemaker/Dummy", "pacemaker/ping", "oci/IPaddr2", "linbit/x-", "heartbeat/.ocf-shellfuncs")
	for typ, want := range map[string][]string{
		"Dummy": {"heartbeat", "pacemaker"}, "ping": {"pacemaker"}, "IPaddr2": {"oci"},
		"x": nil, "nix": nil, "*": nil, "../heartbeat/Dummy": nil, ".ocf-shellfuncs": nil, "": nil, "[": nil,
	} {
		if got := root.Providers(typ); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", typ, got, want)
		}
	}
}

func TestProviderOfAgentWithoutOne(t *testing.T) {
	root := ocfRoot(t, "heartbeat/Dummy", "pacemaker/Dummy", "pacemaker/ping", "oci/ping", "zzz/only", "aaa/only")
	for _, tt := range []struct {
		agents Agents
		name   string
		want   string
	}{
		{nil, "ping", "heartbeat"}, {nil, "ocf:ping", "heartbeat"}, {nil, "ocf:x:ping", "x"},
		{root, "Dummy", "heartbeat"}, {root, "ping", "pacemaker"}, {root, "only", "aaa"}, {root, "nix", "heartbeat"},
		{root, "ocf:pacemaker:Dummy", "pacemaker"}, {root, "ocf:nix:Dummy", "nix"},
	} {
		cfg, err := Parse("f", []byte("primitive p "+tt.name), Options{Agents: tt.agents})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := cfg.Element().FindElement("resources/primitive").SelectAttrValue("provider", ""); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestCheckAgents(t *testing.T) {
	opt := Options{Agents: ocfRoot(t, "heartbeat/Dummy"), CheckAgents: true}
	for name, want := range map[string]string{
		"Dummy": "", "ocf:heartbeat:Dummy": "", "systemd:nix": "", "stonith:nix": "",
		"nix":           "f:1:13: there is no OCF agent nix on this machine",
		"ocf:oci:Dummy": "f:1:13: there is no agent ocf:oci:Dummy on this machine; there is ocf:heartbeat:Dummy",
	} {
		_, err := Parse("f", []byte("primitive p "+name), opt)
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}

// TestRolesOfOldSchemas: before pacemaker-3.7 there are no Promoted and Unpromoted.
func TestRolesOfOldSchemas(t *testing.T) {
	const text = "primitive a Dummy op monitor role=Promoted\nms m a\nlocation l m rule role=Unpromoted x eq y\ncolocation c inf: m:Promoted a:Started\nlocation k { m:Unpromoted } inf: n"
	for schema, want := range map[string]string{
		"": "Promoted", "pacemaker-3.7": "Promoted", "pacemaker-4.0": "Promoted", "pacemaker-next": "Promoted",
		"pacemaker-3.6": "Master", "pacemaker-2.10": "Master", "pacemaker-1.2": "Master",
	} {
		cfg, err := Parse("f", []byte(text), Options{Schema: schema})
		if err != nil {
			t.Fatal(err)
		}
		xml := string(cfg.XML())
		if strings.Contains(xml, "romoted") != (want == "Promoted") || strings.Contains(xml, `"Slave"`) != (want == "Master") {
			t.Errorf("%s: got\n%s", schema, xml)
		}
		if warned := len(cfg.Warnings) > 0; warned != (want == "Master") {
			t.Errorf("%s: warnings %v", schema, cfg.Warnings)
		}
	}
}

// TestFencingForEveryNode: a topology without targets is for the nodes of the
// file, or else for those that are told.
func TestFencingForEveryNode(t *testing.T) {
	for _, tt := range []struct {
		text  string
		nodes []string
		want  string
	}{
		{"primitive a Dummy\nprimitive b Dummy\nfencing_topology a b\nnode 1: sp1\nnode 2: sp2", nil, "sp1 1 a, sp1 2 b, sp2 1 a, sp2 2 b"},
		{"primitive a Dummy\nfencing_topology a", []string{"x", "y"}, "x 1 a, y 1 a"},
		{"primitive a Dummy\nnode 1: sp1\nfencing_topology a", []string{"x"}, "sp1 1 a"},
		{"primitive a Dummy\nnode 1: sp1\nfencing_topology a sp1: a", nil, "sp1 1 a, sp1 1 a"},
	} {
		cfg, err := Parse("f", []byte(tt.text), Options{Nodes: tt.nodes})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, level := range cfg.Element().FindElements("fencing-topology/fencing-level") {
			got = append(got, level.SelectAttrValue("target", "")+" "+level.SelectAttrValue("index", "")+" "+level.SelectAttrValue("devices", ""))
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("got %v, want %s", got, tt.want)
		}
	}
}
