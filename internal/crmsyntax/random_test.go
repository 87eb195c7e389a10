// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"flag"
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	randomFiles = flag.Int("crmsh.files", 15, "random files to compare with crmsh")
	randomSeed  = flag.Int64("crmsh.seed", 0, "seed of the random files; 0: from the clock")
)

// TestCrmshMakesTheSameOfRandomFiles compares files that nobody has chosen.
func TestCrmshMakesTheSameOfRandomFiles(t *testing.T) {
	seed := *randomSeed
	if seed == 0 {
		seed = time.Now().UnixNano()
	}
	t.Logf("run again with -crmsh.seed=%d", seed)
	var files []testCase
	for i := range *randomFiles {
		w := &writer{Rand: rand.New(rand.NewSource(seed + int64(i)))}
		files = append(files, testCase{fmt.Sprintf("random %d", i), w.file()})
	}
	theirs := crmsh(t, files)
	for _, c := range files {
		ours, err := Parse(c.name, []byte(c.text), installed)
		if err != nil {
			t.Errorf("%v\n%s", err, c.text)
			continue
		}
		if theirs[c.name].xml == nil {
			t.Errorf("crmsh refuses\n%s", c.text)
			continue
		}
		cfg, err := Read(theirs[c.name].xml)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(lines(t, cfg.Element(), false), lines(t, ours.Element(), false)); diff != "" {
			t.Errorf("crmsh (-) and we (+) differ\n%s\n%s", c.text, diff)
		}
		checkRoundTrip(t, ours)
	}
}

// writer writes random files of crm syntax that both parsers take.
type writer struct {
	*rand.Rand
	out                               strings.Builder
	n                                 int
	free, groups, resources, template []string // ids
	sets                              []string // ids of params
}

func (w *writer) of(words ...string) string { return words[w.Intn(len(words))] }

// some returns the words joined, or nothing.
func (w *writer) some(percent int, words ...string) string {
	if w.Intn(100) >= percent {
		return ""
	}
	return " " + strings.Join(words, " ")
}

func (w *writer) id(prefix string) string { w.n++; return fmt.Sprintf("%s%d", prefix, w.n) }

func (w *writer) value() string {
	return w.of("1", "x", "a.b-c_d", "10.0.0.1", `"a b"`, `'c "d"'`, `""`, `e\ f`, "/run/x", `"a\"b\\c"`, "true", "inf", "a=b", "{x}", "~@!", `x"y z"w`)
}

func (w *writer) pairs() string {
	text := ""
	for _, name := range []string{"alpha", "beta", "gamma-x", "delta_y"} {
		text += w.some(40, name+"="+w.value())
	}
	if text == "" {
		text = " omega=" + w.value()
	}
	return text
}

func (w *writer) set() string {
	switch {
	case len(w.sets) > 0 && w.Intn(8) == 0:
		return " $id-ref=" + w.of(w.sets...)
	case w.Intn(8) == 0:
		id := w.id("set")
		w.sets = append(w.sets, id)
		return " $id=" + id + w.pairs()
	}
	return w.some(15, w.of("10:", "-5:", "-INFINITY:")) + w.some(20, w.rule()) + w.pairs()
}

func (w *writer) rule() string {
	text := "rule" + w.some(15, w.of("$role=", "role=")+w.of("Master", "Started")) + w.some(60, w.of("100:", "-inf:", "inf:", "pingd:", "+7:")) + " " + w.expression()
	operator := w.of(" and ", " or ")
	for w.Intn(3) == 0 {
		text += operator + w.expression()
	}
	return text
}

func (w *writer) expression() string {
	switch w.Intn(8) {
	case 0:
		return w.of("defined", "not_defined") + " " + w.of("pingd", "#uname")
	case 1:
		return "date " + w.of("lt", "gt") + " " + w.of("2009-05-26", `"2010-01-01 10:00"`)
	case 2:
		return "date " + w.of("in", "in_range") + " start=2009-05-26 " + w.of("end=2010-05-26", "hours=3 weeks=2")
	case 3:
		return "date " + w.of("spec", "date_spec") + " " + w.of("years=2009", "hours=9-17 weekdays=1-5")
	}
	return w.of("#uname", "pingd", "site") + " " + w.of("lt", "gt", "lte", "gte", "eq", "ne", "number:gt", "string:eq") + " " + w.of("sp1", "3", "a.b", "param{x}")
}

func (w *writer) primitive() {
	id, head := w.id("p"), ""
	if len(w.template) > 0 && w.Intn(6) == 0 {
		head = "@" + w.of(w.template...)
	} else {
		head = w.of("Dummy", "ocf:pacemaker:Dummy", "IPaddr2", "stonith:null", "systemd:cron", "ocf:pacemaker:Stateful")
	}
	w.line("primitive %s %s%s%s", id, head, w.some(15, `description="some text"`), w.clauses())
	w.free, w.resources = append(w.free, id), append(w.resources, id)
}

func (w *writer) clauses() string {
	text := ""
	for range w.Intn(3) {
		text += w.of(" params", " meta", " utilization") + w.set0()
	}
	for range w.Intn(3) {
		text += " op " + w.of("monitor", "start", "stop") + w.some(70, "interval="+w.of("0", "10", "20s", "1min")) + w.some(60, "timeout="+w.of("20", "60s")) +
			w.some(30, "on-fail="+w.of("restart", "ignore")) + w.some(20, "role="+w.of("Master", "Started"))
		if strings.Contains(text[strings.LastIndex(text, " op "):], "interval=") {
			text += w.some(30, "depth="+w.value())
		}
		text += w.some(20, "op_params"+w.set0()) + w.some(20, "op_meta"+w.set0())
	}
	return text
}

// set0 is a set that is no reference: those go by sort of set.
func (w *writer) set0() string {
	return w.some(10, "$id="+w.id("own")) + w.some(10, w.of("10:", "-5:", "-INFINITY:")) + w.some(15, w.rule()) + w.pairs()
}

func (w *writer) takeFree(from *[]string) string {
	i := w.Intn(len(*from))
	id := (*from)[i]
	*from = append((*from)[:i:i], (*from)[i+1:]...)
	return id
}

func (w *writer) containers() {
	for len(w.free) > 2 && w.Intn(3) > 0 {
		id := w.id("g")
		members := w.takeFree(&w.free) + " " + w.takeFree(&w.free)
		w.line("group %s %s%s", id, members, w.some(40, w.of("meta", "params")+w.set0()))
		w.groups, w.resources = append(w.groups, id), append(w.resources, id)
	}
	for len(w.free) > 1 && w.Intn(3) > 0 {
		from := &w.free
		if len(w.groups) > 0 && w.Intn(2) == 0 {
			from = &w.groups
		}
		id := w.id("c")
		w.line("%s %s %s%s", w.of("clone", "ms", "master"), id, w.takeFree(from), w.some(50, "meta"+w.set0()))
		w.resources = append(w.resources, id)
	}
}

func (w *writer) sets3(qualifiers ...string) string {
	text := ""
	for range w.Intn(2) + 2 {
		member := func() string {
			return w.of(w.resources...) + strings.TrimSpace(w.some(30, ":"+w.of(qualifiers...)))
		}
		switch w.Intn(4) {
		case 0:
			text += " ( " + member() + " " + member() + w.some(20, "require-all=false") + " )"
		case 1:
			text += " [ " + member() + " " + member() + w.some(20, "sequential=true") + " ]"
		default:
			text += " " + member() + " " + member()
		}
	}
	return text
}

func (w *writer) constraint() {
	score := w.of("inf:", "-inf:", "100:", "+5:", "INFINITY:", "mandatory:", "advisory:")
	a, b := w.of(w.resources...), w.of(w.resources...)
	switch w.Intn(6) {
	case 0:
		what := w.of(a, a, "/^p.*/", "{"+w.sets3("Master", "Started")+" }")
		options := w.some(20, "role="+w.of("Master", "Started")) + w.some(20, "resource-discovery="+w.of("never", "always"))
		if w.Intn(2) == 0 {
			w.line("location %s %s%s %s %s", w.id("l"), what, options, score, w.of("sp1", "sp2"))
		} else {
			w.line("location %s %s%s %s%s", w.id("l"), what, options, w.rule(), w.some(30, w.rule()))
		}
	case 1:
		w.line("%s %s %s %s%s %s%s%s", w.of("colocation", "collocation"), w.id("k"), score, a, w.qualifier(":Master"), b, w.qualifier(":Started"), w.some(20, "node-attribute=rack"))
	case 2:
		w.line("colocation %s %s%s", w.id("k"), score, w.sets3("Master", "Slave"))
	case 3:
		w.line("order %s%s %s%s %s%s%s", w.id("o"), w.some(80, w.of("Mandatory:", "Optional:", "serialize:", "inf:", "0:", "5:")), a, w.qualifier(":promote"), b, w.qualifier(":stop"), w.some(30, "symmetrical="+w.of("yes", "false")))
	case 4:
		w.line("order %s%s%s%s", w.id("o"), w.some(80, w.of("Mandatory:", "Optional:", "inf:")), w.sets3("start", "promote"), w.some(30, "symmetrical=no"))
	case 5:
		w.line("rsc_ticket %s T: %s%s%s", w.id("t"), a, w.of("", ":Master", " "+b), w.some(40, "loss-policy="+w.of("stop", "fence")))
	}
}

func (w *writer) qualifier(text string) string {
	if w.Intn(3) == 0 {
		return text
	}
	return ""
}

func (w *writer) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if w.Intn(3) == 0 { // continue it somewhere
		words := strings.SplitAfter(text, " op ")
		text = strings.ReplaceAll(strings.Join(words, ""), " op ", " \\\n\top ")
		text = strings.ReplaceAll(text, " meta ", "  \\  \n  meta ")
	}
	w.out.WriteString(w.of("", "", "", "# a comment\n", "\n", "  ") + text + "\n")
}

func (w *writer) file() string {
	for i := range w.Intn(3) {
		w.line("node %d: sp%d%s%s", i+1, i+1, w.some(30, "attributes"+w.set0()), w.some(30, "utilization"+w.set0()))
	}
	for range w.Intn(2) {
		id := w.id("tmpl")
		w.line("rsc_template %s Dummy%s", id, w.clauses())
		w.template = append(w.template, id)
	}
	for range w.Intn(6) + 3 {
		w.primitive()
	}
	for range 2 {
		id := w.id("p")
		w.line("primitive %s Dummy params%s", id, w.set())
		w.resources = append(w.resources, id)
	}
	w.containers()
	for range w.Intn(8) {
		w.constraint()
	}
	if w.Intn(2) == 0 {
		w.line("property stonith-enabled=false%s", w.pairs())
		w.line("rsc_defaults%s", w.pairs())
		w.line("op_defaults %s:%s%s", w.id("opt"), w.some(40, w.rule()), w.pairs())
	}
	if w.Intn(3) == 0 {
		w.line("tag %s %s %s", w.id("tag"), w.of(w.resources...), w.of(w.resources...))
		w.line("fencing_topology sp1: %s %s pattern:sp.* %s", w.of(w.resources...), w.of(w.resources...), w.of(w.resources...))
		w.line("alert %s /bin/alert%s%s to %s", w.id("al"), w.some(50, "attributes"+w.set0()), w.some(40, "select nodes fencing attributes { a b }"), w.of("x", "{ y meta timeout=3s }"))
		role := w.id("role")
		w.line("role %s read cib write meta:%s:x deny ref:%s read type:node attr:y", role, w.of(w.resources...), w.of(w.resources...))
		w.line("acl_target joe%d %s", w.n, role)
	}
	return w.out.String()
}
