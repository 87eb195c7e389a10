// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"context"
	"sync"
	"time"
)

// NotReached is the code of a host that could not be reached, as ssh(1) has it.
const NotReached = 255

// Result is how the command ended on a host.
type Result struct {
	Host
	Code       int    `json:"code"`
	Skipped    string `json:"skipped,omitempty"` // why it did not run
	DurationMS int64  `json:"duration_ms"`
}

// Options are how the command is spread.
type Options struct {
	Jobs        int  // at most so many at once
	SerialPairs bool // never on both nodes of a pair at once, and not on the second if the first has failed
	KeepGoing   bool // on the second as well
}

// Each runs do for each host, and returns the results in the order of the hosts. do returns the command's exit code,
// or NotReached.
func Each(ctx context.Context, hosts []Host, o Options, do func(context.Context, Host) int) []Result {
	results := make([]Result, len(hosts))
	slots := make(chan struct{}, max(1, o.Jobs))
	var wg sync.WaitGroup
	for _, line := range lines(hosts, o.SerialPairs) {
		wg.Go(func() {
			failed := ""
			for _, i := range line {
				h := hosts[i]
				results[i] = Result{Host: h, Code: NotReached}
				if failed != "" && !o.KeepGoing {
					results[i].Skipped = "it failed on " + failed
					continue
				}
				select {
				case slots <- struct{}{}:
				case <-ctx.Done():
					results[i].Skipped = context.Cause(ctx).Error()
					continue
				}
				begin := time.Now()
				results[i].Code = do(ctx, h)
				results[i].DurationMS = time.Since(begin).Milliseconds()
				<-slots
				if results[i].Code != 0 {
					failed = h.Name
				}
			}
		})
	}
	wg.Wait()
	return results
}

// lines are what runs one after another: each host alone, or the nodes of a pair.
func lines(hosts []Host, serial bool) [][]int {
	var all [][]int
	pair := map[string]int{}
	for i, h := range hosts {
		at, ok := pair[h.Pair]
		if !serial || !ok {
			pair[h.Pair] = len(all)
			all = append(all, []int{i})
			continue
		}
		all[at] = append(all[at], i)
	}
	return all
}

// Worst is the exit code: that of the worst host.
func Worst(results []Result, left []Left) int {
	code := 0
	for _, r := range results {
		code = max(code, r.Code)
	}
	if len(left) > 0 {
		code = NotReached
	}
	return code
}
