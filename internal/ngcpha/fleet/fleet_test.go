// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ocf-oci/internal/ngcpha/activity"
)

var platform = Hosts(map[string][]string{"sp": {"sp1", "sp2"}, "prx01": {"prx01a", "prx01b"}})

func names(hosts []Host) string {
	var all []string
	for _, h := range hosts {
		all = append(all, h.Name)
	}
	return strings.Join(all, " ")
}

func TestSelect(t *testing.T) {
	for selector, want := range map[string]string{"all": "prx01a prx01b sp1 sp2", "sp": "sp1 sp2", "pair:prx01": "prx01a prx01b", "sp2": "sp2", "sp2,prx01,sp2": "sp2 prx01a prx01b"} {
		s, err := Select(selector, platform)
		if err != nil || names(s.Decide(nil).Run) != want || s.State != "" {
			t.Errorf("%s: %v %+v", selector, err, s)
		}
	}
	for _, bad := range []string{"", "sp3", "sp1,", "ALL"} {
		if s, err := Select(bad, platform); err == nil {
			t.Errorf("%q selects %+v", bad, s)
		}
	}
}

// Unknown is never inactive, nor active.
func TestDecide(t *testing.T) {
	said := map[string]activity.Verdict{"sp1": {Activity: activity.Active}, "sp2": {Activity: activity.Standby}, "prx01a": {Activity: activity.Unknown, Reason: "no route"}}
	for selector, want := range map[string]string{"active": "sp1", "inactive": "sp2"} {
		s, err := Select(selector, platform)
		if err != nil {
			t.Fatal(err)
		}
		p := s.Decide(said)
		if names(p.Run) != want || len(p.Left) != 2 || p.Left[0].Reason != "no route" || p.Left[1].Name != "prx01b" {
			t.Errorf("%s: %+v", selector, p)
		}
		if Worst(nil, p.Left) != NotReached {
			t.Error("a host that cannot be told counts 255")
		}
	}
	said["prx01a"] = activity.Verdict{Activity: activity.Transition}
	if s, _ := Select("inactive", platform); names(s.Decide(said).Run) != "sp2" {
		t.Error("one in transition is not inactive")
	}
}

func TestWord(t *testing.T) {
	for _, c := range []struct {
		out  string
		code int
		want activity.Activity
	}{
		{"active\n", 0, activity.Active}, {"standby\n", 1, activity.Standby}, {"transition\n", 2, activity.Transition}, {"transition\n", 1, activity.Transition},
		{"unknown\n", 3, activity.Unknown}, {"", 0, activity.Unknown}, {"", 1, activity.Unknown}, {"", 255, activity.Unknown}, {"", 127, activity.Unknown},
		{"standby\n", 0, activity.Unknown}, {"active\n", 1, activity.Unknown}, {"active\nactive\n", 0, activity.Unknown},
	} {
		if got := Word(c.out, c.code, nil); got.Activity != c.want {
			t.Errorf("%q %d: %+v", c.out, c.code, got)
		}
	}
}

func TestEach(t *testing.T) {
	var running, most atomic.Int32
	var lock sync.Mutex
	perPair := map[string]int{}
	do := func(_ context.Context, h Host) int {
		lock.Lock()
		perPair[h.Pair]++
		if perPair[h.Pair] > 1 {
			t.Errorf("both nodes of %s at once", h.Pair)
		}
		lock.Unlock()
		n := running.Add(1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		time.Sleep(10 * time.Millisecond)
		running.Add(-1)
		lock.Lock()
		perPair[h.Pair]--
		lock.Unlock()
		return map[string]int{"sp1": 7}[h.Name]
	}
	got := Each(t.Context(), platform, Options{Jobs: 9, SerialPairs: true}, do)
	if most.Load() != 2 {
		t.Errorf("%d at once, two pairs should", most.Load())
	}
	var codes []int
	for _, r := range got {
		codes = append(codes, r.Code)
	}
	if !slices.Equal(codes, []int{0, 0, 7, NotReached}) || got[3].Skipped != "it failed on sp1" || Worst(got, nil) != NotReached {
		t.Errorf("%+v", got)
	}
	if got = Each(t.Context(), platform, Options{Jobs: 9, SerialPairs: true, KeepGoing: true}, do); Worst(got, nil) != 7 {
		t.Errorf("%+v", got)
	}
	most.Store(0)
	Each(t.Context(), platform[2:], Options{Jobs: 1}, do)
	if most.Load() != 1 {
		t.Errorf("%d at once, one was allowed", most.Load())
	}
}

// Without SerialPairs all run at once: each waits for all the others.
func TestEachAtOnce(t *testing.T) {
	var all sync.WaitGroup
	all.Add(len(platform))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	got := Each(ctx, platform, Options{Jobs: 9}, func(ctx context.Context, _ Host) int {
		all.Done()
		met := make(chan struct{})
		go func() { all.Wait(); close(met) }()
		select {
		case <-met:
			return 0
		case <-ctx.Done():
			return 1
		}
	})
	if Worst(got, nil) != 0 {
		t.Errorf("they waited for each other: %+v", got)
	}
}

func TestRemote(t *testing.T) {
	// ssh is a program that gets host and command line; here a shell that knows one host.
	r := Remote{SSH: []string{"sh", "-c", `test "$0" = far || exit 255; eval "$1"`}, Local: "here"}
	for _, c := range []struct {
		host, line string
		code       int
		out        string
	}{{"here", "echo a; exit 3", 3, "a\n"}, {"far", "echo b >&2; echo c", 0, "c\n"}, {"lost", "true", 255, ""}} {
		var out, errs bytes.Buffer
		code, err := r.Run(t.Context(), c.host, c.line, &out, &errs)
		if code != c.code || out.String() != c.out || err != nil {
			t.Errorf("%+v: %d %q %q %v", c, code, out.String(), errs.String(), err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if code, err := r.Run(ctx, "far", "sleep 60", &bytes.Buffer{}, &bytes.Buffer{}); code != NotReached || err == nil || time.Since(begin) > 10*time.Second {
		t.Errorf("%d %v after %s", code, err, time.Since(begin))
	}
}

func TestPrefixer(t *testing.T) {
	var b bytes.Buffer
	p := &Prefixer{Prefix: "sp1: ", To: &b, Lock: &sync.Mutex{}}
	for _, piece := range []string{"a", "b\nc\n", "\n", "end"} {
		_, _ = p.Write([]byte(piece))
	}
	_ = p.Close()
	if diff := cmp.Diff("sp1: ab\nsp1: c\nsp1: \nsp1: end\n", b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestRoles(t *testing.T) {
	got := Named(Roles([]byte("# x\nNGCP_TYPE=\"carrier\"\nexport NGCP_HOSTS=\"prx01a prx01b,sp1\"\n")))
	if diff := cmp.Diff([]Host{{"prx01a", "prx01"}, {"prx01b", "prx01"}, {"sp1", "sp"}}, got); diff != "" {
		t.Error(diff)
	}
}
