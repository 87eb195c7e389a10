// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"flag"
	"fmt"
	"math/rand"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ocf-oci/internal/crmsyntax"
)

var reloadSeed = flag.Int64("reload.seed", 0, "seed of the random reloads; 0: 1, and in make soak the clock")

// reloads is how many random reloads there are.
func reloads() int {
	if soak {
		return 200
	}
	return 20
}

// mutator writes files of crm syntax that are nearly the base.
type mutator struct {
	*rand.Rand
	n int
}

func (m *mutator) of(words ...string) string { return words[m.Intn(len(words))] }

// change puts something valid and new into the file; every file differs from the one before.
func (m *mutator) change() string {
	m.n++
	text := reloadable
	replace := func(old, new string) { text = strings.Replace(text, old, new, 1) }
	replace("resource-stickiness=100", fmt.Sprintf("resource-stickiness=%d", 200+m.n)) // always a difference
	without, cloned := false, false                                                    // p_two is gone, or in a clone
	for range 1 + m.Intn(3) {
		switch m.Intn(11) {
		case 0: // restarts p_one
			replace("p_one ocf:pacemaker:Dummy", fmt.Sprintf("p_one ocf:pacemaker:Dummy params fake=v%d", m.n))
		case 1: // p_two has a parameter that may be reloaded or restarts it
			replace("p_two ocf:pacemaker:Dummy", fmt.Sprintf("p_two ocf:pacemaker:Dummy params op_sleep=%d", m.Intn(2)))
		case 2:
			replace("p_one ocf:pacemaker:Dummy op monitor interval=10s", fmt.Sprintf("p_one ocf:pacemaker:Dummy op monitor interval=%ds timeout=30s", 7+m.n%20))
		case 3:
			text += fmt.Sprintf("primitive p_new%d ocf:pacemaker:Dummy op monitor interval=20s\n", m.Intn(3))
		case 4:
			text += "colocation k_two_one " + m.of("inf", "100", "-50") + ": p_two p_one\n"
		case 5:
			text += "order o_one_two " + m.of("Mandatory", "Optional") + ": p_one p_two\n"
		case 6: // moves p_two
			text += "location l_two p_two " + m.of("500", "inf", "10") + ": " + m.of("sp1", "sp2") + "\n"
		case 7:
			without = true
		case 8:
			text += "op_defaults op-options: timeout=" + m.of("40s", "50s") + "\ntag t_all p_one p_monit_services\n"
		case 9:
			replace("node 2: sp2", "node 2: sp2 attributes site="+m.of("a", "b")+" utilization cpu="+m.of("4", "8"))
			replace("startup-fencing=yes", "startup-fencing=yes cluster-recheck-interval="+m.of("5min", "10min"))
		case 10:
			replace("meta migration-threshold=20", "meta migration-threshold="+m.of("19", "21"))
			cloned = true
		}
	}
	if cloned { // pacemaker ignores constraints on what is inside a clone
		for _, word := range []string{"colocation", "order", "location"} {
			text = regexp.MustCompile(`(?m)^`+word+` .*$`).ReplaceAllStringFunc(text, func(line string) string { return strings.ReplaceAll(line, "p_two", "c_two") })
		}
		text += "clone c_two p_two\n"
	}
	if without {
		text = dropLines(dropLines(text, "p_two"), "c_two")
	}
	return unique(text)
}

// unique leaves each statement once.
func unique(text string) string {
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		continues := len(lines) > 0 && strings.HasSuffix(lines[len(lines)-1], `\`)
		words := strings.Fields(line)
		if !continues && len(words) > 1 && slices.ContainsFunc(lines, func(other string) bool {
			w := strings.Fields(other)
			return len(w) > 1 && w[0] == words[0] && w[1] == words[1]
		}) {
			continue
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// dropLines removes the lines that have the word.
func dropLines(text, word string) string {
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return strings.Contains(line, word) })
	return strings.Join(lines, "\n")
}

// spoil does to a file what editors, templates and full disks do.
func (m *mutator) spoil(text string) string {
	at := m.Intn(len(text))
	switch m.Intn(6) {
	case 0:
		return text[:at]
	case 1: // a character is lost
		return text[:at] + text[min(len(text), at+1):]
	case 2: // a character too many
		return text[:at] + m.of(`"`, `'`, `\`, "\n", "#", ":", "{", "=", "\x00", "ä") + text[at:]
	case 3: // a line is lost
		lines := strings.Split(text, "\n")
		i := m.Intn(len(lines))
		return strings.Join(slices.Delete(lines, i, i+1), "\n")
	case 4: // a line is there twice
		lines := strings.Split(text, "\n")
		i := m.Intn(len(lines))
		return strings.Join(slices.Insert(lines, i, lines[i]), "\n")
	}
	return ""
}

// randomReloads loads files that nobody has chosen. What runs may be started or stopped only as the preview says; a file
// that is not loaded changes nothing; a call that is killed is finished by the next.
func randomReloads(t *testing.T, p *reloadPair) {
	seed := *reloadSeed
	switch {
	case seed != 0:
	case soak:
		seed = time.Now().UnixNano()
	default: // what make test finds, it finds each time
		seed = 1
	}
	t.Logf("run again with -reload.seed=%d", seed)
	m := &mutator{Rand: rand.New(rand.NewSource(seed))}
	var loaded, killed, finished, refused, invalid, equal, both int
	for i := range reloads() {
		node, other := "sp1", "sp2"
		if m.Intn(3) == 0 {
			node, other = other, node
		}
		text := m.change()
		allow := true
		if i%2 == 1 {
			allow = m.Intn(3) == 0
			if m.Intn(3) > 0 {
				text = m.spoil(text)
			}
		}
		for _, n := range []string{node, other} {
			p.put(t, n, "/root/random.crm", text)
		}
		args := []string{"/root/random.crm"}
		if allow {
			args = append(args, "--allow-stop")
		}
		before := p.state(t)
		preview := p.reload(t, node, append([]string{"--dry-run"}, args...)...)
		p.same(t, "the preview", before)
		var a reloadAnswer
		what := fmt.Sprintf("reload %d on %s, %v", i, node, args[1:])
		switch {
		case i%4 == 2: // killed, then called again, on the same node or on the other one
			after := time.Duration(m.Intn(3500)) * time.Millisecond
			k := p.answer(t, node, append([]string{"timeout", "-s", "KILL", fmt.Sprintf("%.3f", after.Seconds()), "ngcp-ha", "crm-reload", "--json"}, args...)...)
			if k.code == 137 || k.code == -1 { // timeout(1) may die of its own signal

				killed++
			}
			what += fmt.Sprintf(", killed after %s (code %d)", after, k.code)
			if k.code == 0 { // it was faster
				preview.Steps = append(preview.Steps, k.Steps...)
			}
			a = p.reload(t, node, args...)
			if a.Finished {
				finished++
			}
			// Killed after maintenance mode had ended, it no longer saw pacemaker do what the preview said.
			p.rest(t)
		case i%10 == 4: // both nodes at once
			both++
			what += ", on both nodes at once"
			var b reloadAnswer
			var calls sync.WaitGroup
			calls.Go(func() { b = p.reload(t, other, args...) })
			a = p.reload(t, node, args...)
			calls.Wait()
			if a.Outcome == "equal" {
				a, b = b, a
			}
			if a.Outcome == "loaded" && b.Outcome != "equal" || a.code != b.code {
				t.Errorf("%s: %s and %s:\n%s\n%s", what, a.Outcome, b.Outcome, a.text, b.text)
			}
		default:
			a = p.reload(t, node, args...)
		}
		t.Logf("%s: %s (%d), %d steps", what, a.Outcome, a.code, len(a.Steps))
		if i%2 == 0 && a.Outcome == "invalid" {
			t.Fatalf("%s: a good file is invalid: %s\n%s", what, a.text, text)
		}
		now := p.state(t)
		p.marked(t, now)
		if strings.Contains(now.configuration, `name="maintenance-mode"`) {
			t.Errorf("%s: maintenance mode is left", what)
		}
		switch a.Outcome {
		case "loaded":
			loaded++
		case "refused":
			refused++
		case "invalid":
			invalid++
		case "equal":
			equal++
			if preview.Outcome == "differs" {
				loaded++ // by the call that was killed
			}
		default:
			t.Errorf("%s: %s", what, a.text)
		}
		if code := map[string]int{"loaded": 0, "equal": 0, "refused": 3, "restored": 3, "invalid": 2}[a.Outcome]; code != a.code {
			t.Errorf("%s: code %d", what, a.code)
		}
		if a.code == 0 {
			if c := p.reload(t, other, "--check", "/root/random.crm"); c.code != 0 {
				t.Errorf("%s: %s, and then the cluster is different: %s", what, a.Outcome, c.text)
			}
		} else {
			p.same(t, what, before)
		}
		for _, id := range touched(before, now) {
			said := slices.ContainsFunc(append(preview.Steps, a.Steps...), func(s struct {
				Kind     string `json:"kind"`
				Resource string `json:"resource"`
				Text     string `json:"text"`
			}) bool {
				return s.Resource == id
			})
			// What had failed, and runs nowhere, may be tried again once its definition changes.
			if !said && before.ran(id) {
				t.Errorf("%s: %s was started or stopped, and the preview did not say so:\n%s\n%s\n%s", what, id, preview.text, a.text, text)
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d, file:\n%s", seed, text)
		}
	}
	t.Logf("%d reloads: %d loaded, %d refused, %d invalid, %d equal; %d killed, %d of them finished by the next call; %d on both nodes at once",
		reloads(), loaded, refused, invalid, equal, killed, finished, both)
	if loaded < reloads()/2-1 || killed == 0 {
		t.Errorf("too few were loaded or killed")
	}
}

// same fails if the configuration is another one, or anything was started or stopped.
func (p *reloadPair) same(t *testing.T, what string, before clusterState) {
	t.Helper()
	now := p.state(t)
	if now.configuration != before.configuration {
		t.Errorf("%s: the configuration has changed", what)
	}
	if list := touched(before, now); len(list) > 0 {
		t.Errorf("%s: %v were started or stopped", what, list)
	}
}

// What change makes can be parsed, so that the reloads are about reloading.
func TestMutator(t *testing.T) {
	m := &mutator{Rand: rand.New(rand.NewSource(1))}
	for range 500 {
		text := m.change()
		if _, err := crmsyntax.Parse("change.crm", []byte(text), crmsyntax.Options{}); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	}
}
