// SPDX-License-Identifier: Apache-2.0

package loader

import (
	"bytes"
	"context"
	"time"

	"ocf-oci/internal/crmreload"
)

// look is the pause between two looks at whether pacemaker has settled.
const look = 250 * time.Millisecond

// settle waits until pacemaker has nothing to do: for two looks the scheduler finds no action and no operation is
// pending. It is false if that does not come in time.
func (j *job) settle(ctx context.Context, what string) bool {
	ctx, cancel := context.WithTimeout(ctx, j.Patience)
	defer cancel()
	stop := j.progress(what)
	defer stop()
	for quiet := 0; ; {
		if j.quiet(ctx) {
			quiet++
		} else {
			quiet = 0
		}
		if quiet == 2 {
			return true
		}
		if pause(ctx, look) != nil {
			return false
		}
	}
}

func (j *job) quiet(ctx context.Context) bool {
	document, err := j.Cluster.Query(ctx)
	if err != nil || bytes.Contains(document, []byte(`op-status="-1"`)) {
		return false
	}
	graph, err := j.Cluster.Graph(ctx, document)
	if err != nil {
		return false
	}
	actions, err := crmreload.ReadGraph(graph)
	return err == nil && len(actions) == 0
}

// progress says what is waited for, once that takes longer than two seconds and then every ten, until it is stopped.
func (j *job) progress(what string) (stop func()) {
	if j.Say == nil {
		return func() {}
	}
	began, ended, gone := time.Now(), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		for wait := 2 * time.Second; ; wait = 10 * time.Second {
			select {
			case <-ended:
				return
			case <-time.After(wait):
				j.Say("waiting for %s (%s)", what, time.Since(began).Round(time.Second))
			}
		}
	}()
	return func() { close(ended); <-gone }
}
