// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ocf-oci/metadata/manual/manualtest"
)

// reason is a call of ocf.NewReason in the code.
type reason struct {
	id, says, remedy string
	variable         string // that holds it
	dir              string
	codes            []string // of the results that are made of it
}

// reasons reads all exit reasons, and with which codes they are used.
func reasons(t *testing.T) []reason {
	t.Helper()
	var all []reason
	for _, s := range sources() {
		if s.test {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Names) != 1 || len(spec.Values) != 1 {
				return true
			}
			call, ok := spec.Values[0].(*ast.CallExpr)
			if !ok || name(call.Fun) != "NewReason" {
				return true
			}
			if len(call.Args) != 3 {
				t.Errorf("%s: NewReason with %d arguments", s.set.Position(call.Pos()), len(call.Args))
				return true
			}
			r := reason{variable: spec.Names[0].Name, dir: s.dir}
			for i, to := range []*string{&r.id, &r.says, &r.remedy} {
				if *to, ok = constant(call.Args[i]); !ok {
					t.Errorf("%s: argument %d of NewReason is not a constant text", s.set.Position(call.Pos()), i+1)
				}
			}
			all = append(all, r)
			return true
		})
	}
	for _, s := range sources() {
		if !s.test {
			ast.Inspect(s.file, func(n ast.Node) bool { return codeOf(n, s.dir, all) })
		}
	}
	return all
}

// codeOf notes the code of a call VARIABLE.Result(ocf.CODE, ...).
func codeOf(n ast.Node, dir string, all []reason) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 || name(call.Fun) != "Result" {
		return true
	}
	variable := name(call.Fun.(*ast.SelectorExpr).X)
	code := codes[name(call.Args[0])]
	for i := range all {
		if all[i].variable == variable && (all[i].dir == dir || ast.IsExported(variable)) && code != "" && !slices.Contains(all[i].codes, code) {
			all[i].codes = append(all[i].codes, code)
		}
	}
	return true
}

// codes are the names of internal/ocf for exit codes.
var codes = map[string]string{
	"ErrGeneric": "1", "ErrArgs": "2", "ErrUnimplemented": "3", "ErrPerm": "4", "ErrInstalled": "5", "ErrConfigured": "6",
	"NotRunning": "7", "Degraded": "190",
}

// name is the last part of an identifier.
func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// constant is the value of a text that may be put together with +.
func constant(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		a, ok := constant(e.X)
		b, okay := constant(e.Y)
		return a + b, ok && okay && e.Op == token.ADD
	case *ast.ParenExpr:
		return constant(e.X)
	}
	return "", false
}

func TestExitReasonsAreUnique(t *testing.T) {
	ids, texts := map[string]string{}, map[string]string{}
	all := reasons(t)
	for _, r := range all {
		if before := ids[r.id]; before != "" {
			t.Errorf("exit reason %s is declared in %s and in %s", r.id, before, r.dir)
		}
		ids[r.id] = r.dir
		if before := texts[r.dir+r.says]; before != "" {
			t.Errorf("exit reasons %s and %s say the same: %s", before, r.id, r.says)
		}
		texts[r.dir+r.says] = r.id
	}
	if len(all) < 50 {
		t.Errorf("only %d exit reasons were found", len(all))
	}
}

// manualPages are where the reasons of each agent are described.
var sections = []struct{ dir, title string }{
	{"agents/ipaddr2-oci", "ocf:oci:IPaddr2"},
	{"agents/ping", "ocf:oci:ping"},
	{"agents/monit-services", "ocf:ngcp:monit-services"},
	{"internal/ocf", "Any agent"},
}

func TestManual(t *testing.T) {
	var out strings.Builder
	out.WriteString(`# When something is wrong

Whatever an agent cannot do it says in one line, the exit reason: ` + "`pcs status`, `crm_mon` and `ngcp-ha status`" + ` show its first
128 bytes, the whole of it is in the log (` + "`journalctl -u pacemaker`" + `). Look the words up here: what they mean, and what mends it.
Then, in this order:

` + "```" + `
oci-vip check --cloud           # what is wrong with this node, with the command that mends it
oci-vip status                  # who has the address, in the eyes of cluster, cloud and operating systems
oci-vip ready                   # would a start succeed on this node? it changes no address
pcs resource debug-start R      # only while R runs on NO node, since it takes the address from its holder: the agent by hand, with all it says (crmsh: crm_resource --force-start -r R)
pcs resource update R trace_ra=1   # every decision, netlink operation and API request, in /var/lib/heartbeat/trace_ra
pcs resource cleanup R          # when it is mended: forget the failures
` + "```" + `

This page is made from the program's own texts by ` + "`make generate`" + `. Words in *italics* are filled in. The code is the one that the
action ends with; where the cell is empty it depends on the action: [IPaddr2](agents/IPaddr2.md#exit-codes), [ping](agents/ping.md#exit-codes),
[monit-services](agents/monit-services.md#exit-codes). ` + "`" + `not-ready` + "`" + `, ` + "`" + `source-dest-check` + "`" + `, ` + "`" + `may-not-create` + "`" + ` and ` + "`" + `throttled` + "`" + ` come from ` + "`" + `oci-vip ready` + "`" + ` and
` + "`" + `oci-vip check --cloud` + "`" + `, never from pacemaker.
`)
	known := map[string]bool{}
	all := reasons(t)
	for _, section := range sections {
		known[section.dir] = true
		fmt.Fprintf(&out, "\n## %s\n\n| it says | code | what to do | |\n|---|---|---|---|\n", section.title)
		for _, r := range all {
			if r.dir != section.dir {
				continue
			}
			remedy := r.remedy
			if remedy == "" {
				remedy = "nothing by hand: pacemaker restarts it"
			}
			says, detail, _ := strings.Cut(r.says, " -- ")
			if detail != "" {
				detail = ", and in brackets: " + detail
			}
			slices.Sort(r.codes)
			fmt.Fprintf(&out, "| %s | %s | %s | <a id=\"%s\"></a>`%[4]s` |\n", cell(says+detail), strings.Join(r.codes, ", "), cell(remedy), r.id)
		}
	}
	for _, r := range all {
		if !known[r.dir] {
			t.Errorf("exit reason %s of %s is in no section of the page", r.id, r.dir)
		}
	}
	manualtest.CheckFile(t, root+"/docs/when-something-is-wrong.md", []byte(out.String()))
}

// cell makes text fit into a table: what fmt fills in becomes a word.
func cell(text string) string {
	words := strings.NewReplacer("%[1]s", "*…*", "%[2]s", "*…*", "%[3]s", "*…*", "%[1]v", "*…*", "%[2]dth", "*n*th",
		"%s", "*…*", "%q", "*…*", "%v", "*…*", "%d", "*n*", "|", `\|`, "<", "&lt;")
	return words.Replace(text)
}
