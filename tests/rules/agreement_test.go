// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"go/ast"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"ocf-oci/internal/iampolicy"
)

// agents are the resource agents, by folder; doc is the page that lists the parameters.
var agents = []struct{ dir, doc, man string }{
	{"agents/ipaddr2-oci", "docs/agents/IPaddr2.md", "docs/man/ocf_oci_IPaddr2.7"},
	{"agents/ping", "docs/agents/ping.md", "docs/man/ocf_oci_ping.7"},
	{"agents/monit-services", "docs/agents/monit-services.md", "docs/man/ocf_ngcp_monit-services.7"},
}

// parameters are the names in an agent's meta-data, as it prints it.
func parameters(t *testing.T, dir string) []string {
	t.Helper()
	out, err := exec.Command("go", "run", root+"/"+dir, "meta-data").Output()
	if err != nil {
		t.Fatalf("%s meta-data: %v", dir, err)
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(out); err != nil {
		t.Fatalf("%s meta-data: %v", dir, err)
	}
	var names []string
	for _, p := range doc.FindElements("//parameter") {
		names = append(names, p.SelectAttrValue("name", ""))
	}
	if len(names) < 5 {
		t.Fatalf("%s meta-data has only the parameters %q", dir, names)
	}
	return names
}

// Code, meta-data, manual and documentation speak of the same parameters.
func TestParametersAreTheSameEverywhere(t *testing.T) {
	for _, a := range agents {
		declared := parameters(t, a.dir)
		var texts []string // string literals of the code but its model
		for _, s := range sources() {
			if s.test || s.dir != a.dir {
				continue
			}
			ast.Inspect(s.file, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && name(call.Fun) == "Get" && len(call.Args) == 1 {
					if text, ok := constant(call.Args[0]); ok && !slices.Contains(declared, text) {
						t.Errorf("%s reads the parameter %s, which its meta-data does not have", s.set.Position(n.Pos()), text)
					}
				}
				if lit, ok := n.(*ast.BasicLit); ok && !strings.Contains(s.name, "/model") {
					if text, ok := constant(lit); ok {
						texts = append(texts, text)
					}
				}
				return true
			})
		}
		man := read(t, a.man)
		page := read(t, a.doc)
		for _, p := range declared {
			if strings.HasPrefix(p, "trace_") {
				continue // read by internal/ocf for every agent
			}
			if !slices.ContainsFunc(texts, func(s string) bool { return s == p || strings.Contains(s, p) }) && !ignored[p] {
				t.Errorf("%s has the parameter %s in its meta-data, but no code reads it", a.dir, p)
			}
			if !strings.Contains(man, `\fB`+strings.ReplaceAll(p, "-", `\-`)+`\fR`) && !ignored[p] {
				t.Errorf("%s does not describe the parameter %s", a.man, p)
			}
			if a.dir != "agents/ipaddr2-oci" && !strings.Contains(page, p) { // that of IPaddr2 refers to the manual
				t.Errorf("%s does not name the parameter %s", a.doc, p)
			}
		}
	}
}

// ignored are parameters that are taken and reported, without effect: IPaddr2 removed them.
var ignored = map[string]bool{"clusterip_hash": true, "arp_mac": true}

// The classic names are those that the program knows, and the packages have a link for each.
func TestClassicNamesAreLinks(t *testing.T) {
	var known []string
	for _, s := range sources() {
		if s.name != "tools/ngcp-ha/commands.go" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if pair, ok := n.(*ast.KeyValueExpr); ok {
				if text, ok := constant(pair.Key); ok && strings.HasPrefix(text, "ngcp-") {
					known = append(known, text)
				}
			}
			return true
		})
	}
	slices.Sort(known)
	var linked []string
	for _, m := range regexp.MustCompile(`(?m)^ngcp-ha\s+link\s+ngcp-ha\s+/usr/sbin/(\S+)$`).FindAllStringSubmatch(read(t, "packaging/files"), -1) {
		linked = append(linked, m[1])
	}
	slices.Sort(linked)
	if !slices.Equal(known, linked) {
		t.Errorf("ngcp-ha is called by the names\n%q, packaging/files links\n%q", known, linked)
	}
}

// The example's policy is what oci-vip policy would print.
func TestTerraformExampleHasTheLeastPolicy(t *testing.T) {
	example := read(t, "examples/terraform/main.tf")
	who := iampolicy.Subject{Group: "cluster-nodes", Compartment: "ocid1.X"}
	for _, s := range iampolicy.Statements(iampolicy.Needs{IPv4: true}) {
		want := strings.ReplaceAll(s.Text(who, false), "ocid1.X", "${var.compartment_ocid}")
		if !strings.Contains(example, `"`+want+`"`) {
			t.Errorf("examples/terraform/main.tf does not have the statement %s", want)
		}
	}
	if n := strings.Count(example, `"Allow `); n != len(iampolicy.Statements(iampolicy.Needs{IPv4: true})) {
		t.Errorf("examples/terraform/main.tf has %d statements", n)
	}
}

// Every manual page is troff that man(1) has nothing to say about.
func TestManualsRender(t *testing.T) {
	pages := 0
	for _, page := range files() {
		if !strings.HasPrefix(page, "docs/man/") {
			continue
		}
		pages++
		cmd := exec.Command("man", "--warnings", "-l", root+"/"+page)
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "MANWIDTH=80")
		var out, warnings strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &warnings
		if err := cmd.Run(); err != nil || warnings.Len() > 0 || strings.Count(out.String(), "\n") < 10 {
			t.Errorf("%s: %v %s, %d lines", page, err, warnings.String(), strings.Count(out.String(), "\n"))
		}
	}
	if pages < 8 {
		t.Errorf("only %d pages", pages)
	}
}
