// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"ocf-oci/internal/command"
	"ocf-oci/internal/crmsyntax"
)

const cib = `<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">` +
	`<configuration><crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>`

func needCrmVerify(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("crm_verify"); err != nil {
		t.Skip("crm_verify is not installed: nothing to ask")
	}
}

func check(t *testing.T, text string) Report {
	t.Helper()
	cfg, err := crmsyntax.Parse("cluster.crm", []byte(text), crmsyntax.Options{})
	if err != nil {
		t.Fatal(err)
	}
	report, err := Check(t.Context(), command.Run, cfg, []byte(cib))
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestHandbookIsValid: the CIB takes the handbook's configuration.
func TestHandbookIsValid(t *testing.T) {
	needCrmVerify(t)
	for _, name := range []string{"cluster.crm", "everything.crm"} {
		text, err := os.ReadFile("../testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if report := check(t, string(text)); len(report.Schema) > 0 {
			t.Errorf("%s: the schema refuses: %v", name, report.Schema)
		}
	}
}

// TestSchemaViolation: what the schema refuses is told with the line of the file.
func TestSchemaViolation(t *testing.T) {
	needCrmVerify(t)
	for _, tt := range []struct{ text, want string }{
		{"primitive a Dummy\n\nxml <rsc_order id=\"o\" first=\"a\" then=\"a\" first-action=\"jump\"/>\n", "cluster.crm:3:1: <rsc_order o>"},
		{"property a=b\nnode 1: sp1\n# two\n# lines\nprimitive a Dummy meta requires=x\nuser joe read xpath:/cib\n", "cluster.crm:6:6: <acl_user joe>: not what the schema allows"},
		{"primitive a Dummy\nxml <tag id=\"t\"/>\n", "cluster.crm:2:1: <tag t>: not what the schema allows"},
		{"primitive a Dummy op monitor interval=10 op_meta requires=fencing", "cluster.crm:1:11: <nvpair requires> in <meta_attributes a-monitor-10-meta_attributes>"},
	} {
		report := check(t, tt.text)
		if len(report.Schema) == 0 {
			t.Errorf("%q: the schema takes it", tt.text)
			continue
		}
		var found []string
		for _, f := range report.Schema {
			found = append(found, f.String())
		}
		if all := strings.Join(found, "\n"); !strings.Contains(all, tt.want) {
			t.Errorf("%q:\n got %s\nwant %s", tt.text, all, tt.want)
		}
	}
}

// TestWithoutPlaces: pacemaker 3 (this is what 3.0.0 prints) does not say where; the only element that it can mean is found.
func TestWithoutPlaces(t *testing.T) {
	const said = "\nInvalid attribute %s for element %s\n\nInvalid sequence in interleave\n\nElement bundle failed to validate content\n\n" +
		"Element resources has extra content: bundle\n\nInvalid sequence in interleave\n\nElement configuration failed to validate content\n\n" +
		"error: CIB did not pass schema validation\nConfiguration invalid (with errors)"
	cfg, err := crmsyntax.Parse("cluster.crm", []byte("primitive a Dummy params x=1 y=2\nbundle b docker image=x replicas=many\n"), crmsyntax.Options{})
	if err != nil {
		t.Fatal(err)
	}
	document, err := cfg.ReplaceIn([]byte(cib))
	if err != nil {
		t.Fatal(err)
	}
	for message, want := range map[string]string{
		fmt.Sprintf(said, "replicas", "docker"): "cluster.crm:2:8: <docker> in <bundle b> is not what the schema allows: Invalid attribute replicas for element docker",
		fmt.Sprintf(said, "value", "nvpair"):    "Invalid attribute value for element nvpair", // there are two
	} {
		report, err := sortFindings(message, invalid, newPlaces(cfg, document))
		if err != nil || len(report.Schema) != 1 || !strings.HasPrefix(report.Schema[0].String(), want) {
			t.Errorf("%v %v, want %s", err, report.Schema, want)
		}
	}
}

// TestNoConsequences: libxml2 knows no id of a section in which it has found an error, and says so of every reference.
func TestNoConsequences(t *testing.T) {
	needCrmVerify(t)
	report := check(t, "primitive a Dummy\nlocation l a 1: n\nbundle b docker image=x replicas=many\n")
	if len(report.Schema) != 1 || !strings.Contains(report.Schema[0].String(), "cluster.crm:3:8: <docker> in <bundle b>") {
		t.Errorf("%d findings: %v", len(report.Schema), report.Schema)
	}
}

// TestSchedulerIsNoSchema: what only the scheduler complains about would be
// taken by the CIB.
func TestSchedulerIsNoSchema(t *testing.T) {
	needCrmVerify(t)
	report := check(t, "primitive a Dummy\n")
	if len(report.Schema) > 0 {
		t.Errorf("schema: %v", report.Schema)
	}
	if len(report.Scheduler) == 0 || !strings.Contains(report.Scheduler[0].Text, "no STONITH resources") || report.Scheduler[0].Warning {
		t.Errorf("scheduler: %v", report.Scheduler)
	}
	report = check(t, "primitive a Dummy\nproperty stonith-enabled=false\n")
	if len(report.Schema) > 0 {
		t.Errorf("schema: %v", report.Schema)
	}
}

// TestSmallFilesPassTheSchema: ids are unique and values are as the schema
// wants them in all that Parse makes, but for what says so.
func TestSmallFilesPassTheSchema(t *testing.T) {
	needCrmVerify(t)
	text, err := os.ReadFile("../testdata/everything.crm")
	if err != nil {
		t.Fatal(err)
	}
	for _, extra := range []string{
		"", "node a attributes x=1\nprimitive a Dummy params state=1\nprimitive a-instance_attributes Dummy params state=1\n",
		"node 77: nx attributes a/b=1 \"c d=2\" a.b=3\n", "primitive x Dummy op monitor interval=\"1 min\"\n",
		"node 3: sp3:normal\n",
		"primitive x-monitor-10 Dummy\nprimitive x Dummy op monitor interval=10 op monitor interval=10 role=Master\n",
		"order ox inf: p_ip p_fs symmetrical=yes\nlocation lx p_ip rule 1: x GT 3 OR DEFINED y\nlocation ly p_ip role=started inf: sp1\n",
	} {
		if report := check(t, string(text)+extra); len(report.Schema) > 0 {
			t.Errorf("%q: the schema refuses: %v", extra, report.Schema)
		}
	}
}

func TestCannotAsk(t *testing.T) {
	cfg, err := crmsyntax.Parse("f", []byte("primitive a Dummy"), crmsyntax.Options{})
	if err != nil {
		t.Fatal(err)
	}
	fails := func(err error) Program {
		return func(context.Context, command.Command) (command.Output, error) {
			return command.Output{ExitCode: -1}, &command.Error{Command: "crm_verify", ExitCode: -1, Err: err}
		}
	}
	for _, tt := range []struct {
		run  Program
		cib  string
		want string
	}{
		{fails(exec.ErrNotFound), cib, "install pacemaker's command line tools"},
		{fails(context.DeadlineExceeded), cib, "deadline"},
		{command.Run, strings.Replace(cib, "pacemaker-3.9", "none", 1), "names no schema"},
		{command.Run, "<cib/>", "no element cib with a configuration"},
		{command.Run, "nonsense", "empty"},
	} {
		if _, err := Check(t.Context(), tt.run, cfg, []byte(tt.cib)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
	if _, err := Check(t.Context(), fails(exec.ErrNotFound), cfg, []byte(cib)); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("the cause is lost: %v", err)
	}
}

// TestConsequencesAreLeftOut: of a cascade of messages, as pacemaker 2.1.5
// writes it, only the causes are told.
func TestConsequencesAreLeftOut(t *testing.T) {
	const written = `Entity: line 15: element rsc_colocation: Relax-NG validity error : Invalid attribute score-attribute for element rsc_colocation
Entity: line 14: element rsc_location: Relax-NG validity error : Element constraints has extra content: rsc_location
Relax-NG validity error : Extra element constraints in interleave
Entity: line 15: element rsc_colocation: Relax-NG validity error : Invalid attribute score-attribute for element rsc_colocation
element rsc_location: validity error : IDREF attribute rsc references an unknown ID "nix"
(main) 	error: CIB did not pass schema validation
crm_verify: Errors found during check: config not valid
`
	report, err := sortFindings(written, invalid, places{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range report.Schema {
		got = append(got, f.String())
	}
	want := "<rsc_colocation>: Invalid attribute score-attribute for element rsc_colocation\n" +
		`<rsc_location>: IDREF attribute rsc references an unknown ID "nix"`
	if strings.Join(got, "\n") != want || len(report.Scheduler) > 0 {
		t.Errorf("got\n%s\n%v\nwant\n%s", strings.Join(got, "\n"), report.Scheduler, want)
	}
}
