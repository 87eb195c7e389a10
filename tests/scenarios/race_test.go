// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/region/control"
)

// lane is one of several addresses over which two nodes race at a time.
type lane struct {
	ip     netip.Addr
	name   string          // of the resource
	failed map[string]bool // nodes whose last start failed: pacemaker does not try again there
}

// racers start the same address at the same moment; the third node of the lab holds it before.
var racers = []string{"vrouter2", "vrouter3"}

// raceCheck is the cloud_check of every try.
const raceCheck = time.Second

func (l *lane) words(more ...string) []string {
	return append([]string{"ip=" + l.ip.String(), "@name=" + l.name, fmt.Sprintf("cloud_check=%v", raceCheck), "arp_count=1"}, more...)
}

// Two nodes start the same address at the same moment: one owner at rest, and whoever is not learns it within one
// cloud_check. The tries differ in what the nodes remember (nothing, an earlier start, a readiness check), which decides how
// many requests lie between the look and the write, and in the time that the API takes.
func sameMoment(ctx context.Context, t *testing.T, l *lab.Lab) {
	tries, watch := 10, 10*time.Second
	if soak {
		tries, watch = 500, 3*time.Minute
	}
	lanes := makeLanes(ctx, t, l)
	latencies := []time.Duration{150 * time.Millisecond, 0, 50 * time.Millisecond}
	before := []string{"cold", "warm", "ready"}
	seen := map[string]int{}
	began := time.Now()
	done := 0
	round := func(n int, latency time.Duration) {
		d := control.Duration(latency)
		check(t, l.Region().Change(ctx, control.Settings{Latency: &d}))
		var group sync.WaitGroup
		outcomes := make([]string, len(lanes))
		for i, at := range lanes {
			group.Go(func() { outcomes[i] = race(ctx, t, l, at, before[(n+i)%len(before)]) })
		}
		group.Wait()
		for _, o := range outcomes {
			seen[o]++
			done++
		}
	}
	for n := 0; done < tries; n++ {
		round(n, latencies[n%len(latencies)])
	}
	// On a busy machine two starts may be too far apart: a slower API brings them together.
	for n := 0; n < 6 && seen["refused"] == 0 && seen["failed"] == 0; n++ {
		round(n, time.Duration(n+1)*500*time.Millisecond)
	}
	t.Logf("%d tries in %v: %v", done, time.Since(began).Round(time.Second), seen)
	if seen["refused"] == 0 || seen["failed"] > 0 {
		t.Errorf("outcomes %v: no try met at the write, so nothing was shown, or some had no owner", seen)
	}
	zero := control.Duration(0)
	check(t, l.Region().Change(ctx, control.Settings{Latency: &zero}))
	atRest(ctx, t, l, lanes, watch)
	for _, at := range lanes {
		for _, node := range racers {
			runAgent(ctx, t, l, node, "stop", at.words()...)
		}
		check(t, l.Region().Delete(ctx, at.ip))
	}
}

func makeLanes(ctx context.Context, t *testing.T, l *lab.Lab) []*lane {
	t.Helper()
	var lanes []*lane
	for i := range 5 {
		at := &lane{ip: netip.MustParseAddr(fmt.Sprintf("10.0.0.%d", 221+i)), name: fmt.Sprintf("race%d", i)}
		must(t)(l.Region().Create(ctx, control.NewAddress{Address: at.ip, Subnet: "isv", Node: "vrouter1"}))
		lanes = append(lanes, at)
	}
	return lanes
}

// race is one try. It says "refused" if one start was told that the other had been faster, "overtaken" if the second came
// when the first had its answer already, and "failed" if something was wrong.
func race(ctx context.Context, t *testing.T, l *lab.Lab, at *lane, before string) string {
	t.Helper()
	for _, node := range racers {
		runAgent(ctx, t, l, node, "stop", at.words()...)
		if before == "cold" {
			output(ctx, t, l, node, "bash", "-c", "rm -f /run/ocf-oci/"+at.name+".*")
			continue
		}
		output(ctx, t, l, node, "rm", "-f", "/run/ocf-oci/"+at.name+".lost") // of the try before
	}
	must(t)(l.Region().Give(ctx, at.ip, "vrouter1"))
	if before == "ready" {
		for _, node := range racers {
			runAgent(ctx, t, l, node, "ready", at.words()...)
		}
	}
	from := time.Now()
	codes, texts := make([]int, len(racers)), make([]string, len(racers))
	var group sync.WaitGroup
	for i, node := range racers {
		group.Go(func() { codes[i], texts[i], _ = agent(ctx, t, l, node, "start", at.words("@timeout=60s")...) })
	}
	group.Wait()
	at.failed = map[string]bool{}
	for i, node := range racers {
		at.failed[node] = codes[i] != 0
	}
	owner, err := l.Region().Owner(ctx, at.ip)
	check(t, err)
	winner := slices.Index(racers, owner.Node)
	if winner < 0 || codes[winner] != 0 {
		t.Errorf("%s, %s: the owner at rest is %q, the starts ended with %v\n%s", at.ip, before, owner.Node, codes, strings.Join(texts, "\n"))
		return "failed"
	}
	outcome := "overtaken"
	if codes[1-winner] != 0 {
		outcome = "refused"
		if codes[1-winner] != 1 || !strings.Contains(texts[1-winner], "meanwhile") {
			t.Errorf("%s, %s: the loser's start ended with %d\n%s", at.ip, before, codes[1-winner], texts[1-winner])
		}
	}
	time.Sleep(raceCheck) // after this the next monitor asks the cloud
	for i, node := range racers {
		code, text, _ := agent(ctx, t, l, node, "monitor", at.words("@interval=10s")...)
		if (code == 0) != (i == winner) {
			t.Errorf("%s, %s: %s's monitor on %s ended with %d, the owner is %s\n%s", at.ip, before, outcome, node, code, owner.Node, text)
			outcome = "failed"
		}
	}
	moves := 0
	calls, err := l.Region().Calls(ctx, from)
	check(t, err)
	for _, c := range calls {
		if c.Operation == "UpdatePrivateIp" && c.Target == owner.ID {
			if !c.IfMatch {
				t.Errorf("%s, %s: %s wrote without saying which version it had seen", at.ip, before, c.Node)
			}
			if c.Committed {
				moves++
			}
		}
	}
	if moves != map[string]int{"refused": 1, "overtaken": 2, "failed": moves}[outcome] {
		t.Errorf("%s, %s, %s: %d changes of ownership", at.ip, before, outcome, moves)
	}
	return outcome
}

// atRest has both nodes do to every address what pacemaker does: a monitor each second, after one that fails a stop and a
// start, and after a start that failed nothing more. Nobody may steal again.
func atRest(ctx context.Context, t *testing.T, l *lab.Lab, lanes []*lane, watch time.Duration) {
	t.Helper()
	holders := map[netip.Addr]string{}
	for _, at := range lanes {
		owner, err := l.Region().Owner(ctx, at.ip)
		check(t, err)
		holders[at.ip] = owner.Node
	}
	from := time.Now()
	var group sync.WaitGroup
	monitors := make([]int, len(lanes)*len(racers))
	for i, at := range lanes {
		for j, node := range racers {
			group.Go(func() {
				for failed := at.failed[node]; (time.Since(from) < watch || monitors[i*len(racers)+j] < 2) && ctx.Err() == nil; time.Sleep(time.Second) {
					monitors[i*len(racers)+j]++
					if code, _, _ := agent(ctx, t, l, node, "monitor", at.words("@interval=1s")...); code == 0 || failed {
						continue
					}
					runAgent(ctx, t, l, node, "stop", at.words()...)
					// A start that comes twice cloud_check after the loss may take the address by rights: not so late here.
					failed = runAgent(ctx, t, l, node, "start", at.words("@timeout=60s", "cloud_check=60s")...) != 0
				}
			})
		}
	}
	group.Wait()
	calls, err := l.Region().Calls(ctx, from)
	check(t, err)
	for _, c := range calls {
		if c.Committed && c.Operation == "UpdatePrivateIp" {
			t.Errorf("%s was moved by %s again", c.Target, c.Node)
		}
	}
	for _, at := range lanes {
		if owner, err := l.Region().Owner(ctx, at.ip); err != nil || owner.Node != holders[at.ip] {
			t.Errorf("%s: the owner was %s and is %q (%v)", at.ip, holders[at.ip], owner.Node, err)
		}
	}
	if slices.Min(monitors) < 2 {
		t.Errorf("monitors that ran: %v", monitors)
	}
	t.Logf("watched for %v, monitors: %v", watch, monitors)
}
