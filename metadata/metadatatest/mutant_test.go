// SPDX-License-Identifier: Apache-2.0

package metadatatest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const good = `<?xml version="1.0"?>
<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd" [
<!ATTLIST parameter unique-group CDATA #IMPLIED reloadable (1|0) "0">
<!ATTLIST action name (start|stop|monitor|reload-agent|meta-data) #REQUIRED>
]>
<resource-agent name="Mutant" version="1">
<version>1.1</version>
<longdesc lang="en">Long.</longdesc>
<shortdesc lang="en">Short</shortdesc>
<parameters>
<parameter name="ip" unique-group="address" reloadable="1"><longdesc lang="en">L</longdesc><shortdesc lang="en">S</shortdesc><content type="string"/></parameter>
</parameters>
<actions>
<action name="start" timeout="20s"/><action name="stop" timeout="20s"/><action name="monitor" timeout="20s" interval="10s"/>
<action name="reload-agent" timeout="20s"/><action name="meta-data" timeout="5s"/>
</actions>
</resource-agent>
`

// TestMutants shows that every check can fail: each mutant is a mistake that an
// agent's meta-data had in the field, with the checks that must see it.
func TestMutants(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root for a mount namespace")
	}
	mutants := []struct {
		name     string
		old, new string
		seenBy   []string
	}{
		{"none", "", "", nil},
		{"no DOCTYPE", good[strings.Index(good, "<!DOCTYPE"):strings.Index(good, "<resource-agent")], "", []string{"ocf-tester DTD"}},
		{"DOCTYPE without internal subset", good[strings.Index(good, " [\n") : strings.Index(good, "]>")+1], "", []string{"ocf-tester DTD"}},
		{"version 1.0 with 1.1 attributes", "<version>1.1", "<version>1.0", []string{"empty environment", "schema of this project", "pcs"}},
		{"encoding declared", `version="1.0"?>`, `version="1.0" encoding="UTF-8"?>`, []string{"crmsh"}},
		{"element deprecated", `"1"><longdesc lang="en">L<`, `"1"><deprecated/><longdesc lang="en">L<`, []string{"ocf-tester DTD", "schema of this project"}},
		{"type time", `type="string"`, `type="time"`, []string{"schema of this project"}},
		{"attribute private", `reloadable="1"`, `reloadable="1" private="1"`, []string{"ocf-tester DTD", "schema of this project", "schema of pcs", "pcs"}},
		{"timeout without unit", `"stop" timeout="20s"`, `"stop" timeout="20"`, []string{"schema of this project"}},
		{"no timeout", `"stop" timeout="20s"`, `"stop"`, []string{"ocf-tester DTD", "schema of this project"}},
	}
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			text := strings.Replace(good, m.old, m.new, 1)
			if m.old != "" && text == good {
				t.Fatal("the mutant is the original")
			}
			for _, name := range faults(t, "#!/bin/sh\ncat <<'EOF'\n"+text+"EOF\n", m.seenBy) {
				if !slices.Contains(m.seenBy, name) {
					t.Errorf("%s fails too", name)
				}
				m.seenBy = slices.DeleteFunc(slices.Clone(m.seenBy), func(s string) bool { return s == name })
			}
			if len(m.seenBy) > 0 {
				t.Errorf("not seen by %q", m.seenBy)
			}
		})
	}
	t.Run("behaviour", func(t *testing.T) {
		const needsTools = "#!/bin/sh\n[ \"$OCF_TESTER_FAIL_HAVE_BINARY\" ] && exit 5\ncat <<'EOF'\n" + good + "EOF\n"
		const needsRoot = "#!/bin/sh\n[ -w / ] || exit 4\ncat <<'EOF'\n" + good + "EOF\n"
		if got := faults(t, needsTools, nil); !slices.Equal(got, []string{"without tools"}) {
			t.Errorf("an agent that needs tools: %q", got)
		}
		if got := faults(t, needsRoot, nil); !slices.Equal(got, []string{"user nobody"}) {
			t.Errorf("an agent that needs root: %q", got)
		}
	})
}

// faults returns the names of the checks that an agent script does not pass. pcs
// and crmsh take long to start, so for a mutant they run only if it is theirs.
func faults(t *testing.T, script string, expected []string) []string {
	t.Helper()
	dir := t.TempDir()
	binary := filepath.Join(dir, "agent")
	// PATH for cat, which an agent in a shell needs.
	script = strings.Replace(script, "\n", "\nPATH=/bin:/usr/bin\n", 1)
	if err := os.WriteFile(binary, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	v, err := install(filepath.Join(dir, "installed"), binary, "oci", "Mutant")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range checks {
		slow := c.name == "pcs" || c.name == "crmsh"
		if slow && len(expected) > 0 && !slices.Contains(expected, c.name) {
			continue
		}
		if err := c.run(v); err != nil {
			names = append(names, c.name)
		}
	}
	return names
}
