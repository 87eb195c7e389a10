// SPDX-License-Identifier: Apache-2.0

package manual

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ocf-oci/metadata"
)

func sample() (*metadata.Agent, Options) {
	a := &metadata.Agent{
		Name: "Sample", Provider: "oci", Version: "1", Short: "Floating address \"x\" & more",
		Long: ".starts with a dot. It's a\nsecond line with \\backslash.\n\n'quoted at the start'\n\n* first\n  goes on\n* second\n\n  kept -- as it is\n    deeper\n\nLast.",
		Parameters: []metadata.Parameter{
			{Name: "ip", Required: true, UniqueGroup: "address", Short: "Address", Long: "The address.\n\nA second paragraph."},
			{Name: "settle", Type: metadata.Time, Default: "3s", HasDefault: true, Reloadable: true, Short: "Settle", Long: "How long."},
			{Name: "nic", HasDefault: true, Short: "Interface", Long: "Which."},
			{Name: "old", Deprecated: true, ReplacedWith: []string{"nic"}, Short: "Old", Long: "Was."},
			{Name: "hidden", Hidden: true},
		},
		Actions: []metadata.Action{
			{Name: "start", Timeout: 120 * time.Second},
			{Name: "monitor", Timeout: 20 * time.Second, Interval: 20 * time.Second, HasDepth: true},
			{Name: "monitor", Timeout: 20 * time.Second, Interval: 60 * time.Second, Depth: 10},
		},
	}
	return a, Options{
		Date: time.Unix(1700000000, 0), Package: "ocf-oci 1.0",
		Reasons: []Reason{{"no-vnic", "no VNIC has %s, %d%% sure", "set \"vnic\""}, {"gone", "it is gone", ""}},
	}
}

const wantMarkdown = "# ocf_oci_Sample(7)\n" + `
## NAME

ocf_oci_Sample - floating address "x" &amp; more

## SYNOPSIS

Sample \[start \| monitor\]

## DESCRIPTION

.starts with a dot. It's a second line with \\backslash.

'quoted at the start'

* first goes on
* second

` + "```\nkept -- as it is\n  deeper\n```" + `

Last.

## SUPPORTED PARAMETERS

* **` + "`ip`" + `** Address (required, string, unique)

  The address.

  A second paragraph.

* **` + "`settle`" + `** Settle (optional, time, default "3s", reloadable)

  How long.

* **` + "`nic`" + `** Interface (optional, string, empty by default)

  Which.

* **` + "`old`" + `** Old (optional, string, deprecated, use nic)

  Was.

## SUPPORTED ACTIONS

* **` + "`start`" + `** (suggested timeout 120s)

  Starts the resource.

* **` + "`monitor`" + `** (suggested timeout 20s, interval 20s, depth 0)

  Tells whether the resource runs.

* **` + "`monitor`" + `** (suggested timeout 20s, interval 60s, depth 10)

  Tells whether the resource runs.

## EXAMPLE PCS

` + "```" + `
pcs resource create my_sample ocf:oci:Sample \
    ip=VALUE \
    op monitor interval=20s timeout=20s \
    op monitor interval=60s timeout=20s OCF_CHECK_LEVEL=10
` + "```" + `

## EXAMPLE CRM SHELL

` + "```" + `
crm configure primitive my_sample ocf:oci:Sample \
    params ip=VALUE \
    op monitor interval=20s timeout=20s \
    op monitor interval=60s timeout=20s OCF_CHECK_LEVEL=10
` + "```" + `

## EXIT REASONS

* **` + "`no-vnic`" + `** no VNIC has ..., ...% sure

  set "vnic"

* **` + "`gone`" + `** it is gone

## SEE ALSO

pacemaker(7), pcs(8), crm(8)
`

func TestMarkdown(t *testing.T) {
	if d := cmp.Diff(wantMarkdown, string(Markdown(sample()))); d != "" {
		t.Error(d)
	}
}

func TestEscape(t *testing.T) {
	for text, want := range map[string]string{
		"arp_count": "arp_count", "_x_": `\_x\_`, "a _b": `a \_b`, "1. x": `1\. x`, "- x": `\- x`, "a*b*": `a\*b\*`, "<x> & `y`": "\\<x\\> &amp; \\`y\\`",
	} {
		if got := escape(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// rendered has man(1) show a page without a single warning and returns its text.
func rendered(t interface {
	Fatalf(string, ...any)
	Fatal(...any)
}, dir string, page []byte) string {
	file := filepath.Join(dir, "page.7")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", file)
	cmd.Env = append(os.Environ(), "MANWIDTH=1000", "LC_ALL=C.UTF-8", "MAN_KEEP_FORMATTING=", "GROFF_NO_SGR=1", "MANROFFSEQ=")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil || stderr.Len() > 0 {
		t.Fatalf("man: %v %s\n%s", err, stderr.String(), page)
	}
	// Overstriking, should the formatter still use it.
	var plain []rune
	for _, r := range stdout.String() {
		if r == '\b' {
			plain = plain[:len(plain)-1]
			continue
		}
		plain = append(plain, r)
	}
	return string(plain)
}

func needMan(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("man"); err != nil {
		t.Skip("man(1) is not installed (Debian packages man-db and groff-base)")
	}
}

func TestMan(t *testing.T) {
	needMan(t)
	text := rendered(t, t.TempDir(), Man(sample()))
	position := 0
	for _, want := range []string{
		"ocf_oci_Sample(7)", "OCF resource agents",
		"\nNAME\n", `ocf_oci_Sample - floating address "x" & more`,
		"\nSYNOPSIS\n", "Sample [start | monitor]",
		"\nDESCRIPTION\n", `.starts with a dot. It's a second line with \backslash.`, "'quoted at the start'",
		"•  first goes on", "•  second", "\n           kept -- as it is\n             deeper\n", "Last.",
		"\nSUPPORTED PARAMETERS\n", "Address (required, string, unique)", "The address.\n\n", "A second paragraph.", `default "3s"`,
		"\nSUPPORTED ACTIONS\n", "suggested timeout 120s",
		"\nEXAMPLE PCS\n", `pcs resource create my_sample ocf:oci:Sample \` + "\n",
		"\nEXAMPLE CRM SHELL\n", "params ip=VALUE",
		"\nEXIT REASONS\n", "no-vnic", "no VNIC has ..., ...% sure", `set "vnic"`,
		"\nSEE ALSO\n", "pacemaker(7), pcs(8), crm(8)",
		"ocf-oci 1.0", "2023-11-14",
	} {
		i := strings.Index(text[position:], want)
		if i < 0 {
			t.Fatalf("no %q in its place:\n%s", want, text)
		}
		position += i
	}
	if strings.Contains(text, "hidden") {
		t.Error("a hidden parameter is shown")
	}
	file := filepath.Join(t.TempDir(), "ocf_oci_Sample.7")
	if err := os.WriteFile(file, Man(sample()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("lexgrog", file).CombinedOutput()
	if err != nil || !strings.Contains(string(out), `ocf_oci_Sample - floating address "x" & more`) {
		t.Errorf("mandb could not index it: %v %s", err, out)
	}
}

// TestManKeepsText checks that any text comes out of man(1) as it went in.
func TestManKeepsText(t *testing.T) {
	needMan(t)
	dir := t.TempDir()
	word := rapid.StringOfN(rapid.RuneFrom([]rune(`ab.'\-"~^%$&<>{}()[]*+#@!;:,/|=_`+"`")), 1, 6, -1)
	seen := 0
	rapid.Check(t, func(t *rapid.T) {
		if seen++; seen > 15 { // one process each
			return
		}
		text := strings.Join(rapid.SliceOfN(word, 1, 5).Draw(t, "words"), " ")
		example := strings.Join(rapid.SliceOfN(word, 1, 5).Draw(t, "example"), "  ")
		a, o := sample()
		a.Long = "Begin\n\nx" + text + "\n\n" + text + "y\n\nEnd"
		a.PCS = []string{example}
		out := rendered(t, dir, Man(a, o))
		for _, want := range []string{"x" + text, text + "y", example} {
			if strings.HasPrefix(want, "* ") {
				continue // a list, which is not what this is about
			}
			if !strings.Contains(out, want) {
				t.Fatalf("%q is not in\n%s", want, out)
			}
		}
	})
}

func TestOwnExamples(t *testing.T) {
	a, o := sample()
	a.PCS, a.CRM, a.SeeAlso = []string{"pcs one", "pcs two"}, []string{"crm one"}, []string{"oci-vip(8)"}
	text := string(Markdown(a, o))
	for _, want := range []string{"```\npcs one\npcs two\n```", "```\ncrm one\n```", "\noci-vip(8)\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(text, "VALUE") {
		t.Error("made-up example beside the agent's own")
	}
}
