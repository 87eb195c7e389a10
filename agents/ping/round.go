// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"ocf-oci/internal/ocf"
	"ocf-oci/internal/pacemaker/attrd"
	"ocf-oci/internal/reach"
	"ocf-oci/internal/statefile"
)

const (
	// patience is how long a failed attribute update is repeated; see attrd.Updater.
	patience = 2 * time.Second
	// reserve is the part of the budget that asking the hosts leaves for the attribute.
	reserve = 2 * time.Second
)

func updater(call *ocf.Call) attrd.Updater {
	return attrd.Updater{Env: call.Environ(), Patience: patience}
}

// round asks all hosts, says what has changed, and records the score.
func round(ctx context.Context, call *ocf.Call, s settings) ocf.Result {
	file := statefile.File(s.stateFile)
	before, stored := recall(call, file)
	outcomes := ask(ctx, call, s, before)
	if err := unable(outcomes); err != nil {
		if call.Action == "start" {
			return reasonSocket.Result(ocf.ErrPerm, err)
		}
		return reasonSocket.Result(ocf.ErrGeneric, err)
	}
	if on, err := file.Exists(); call.Action != "start" && err == nil && !on {
		return ocf.NotRunningQuiet() // a stop was there meanwhile, and has deleted the attribute
	}
	v := judge(s, before, outcomes)
	report(ctx, call, s, before, v)
	remember(call, file, v.memory, stored)
	switch err := updater(call).Set(ctx, s.name, strconv.FormatInt(v.score, 10), s.dampen); {
	case errors.Is(err, attrd.ErrMissing) && call.Action == "start":
		return reasonNoUpdater.Result(ocf.ErrInstalled)
	case errors.Is(err, attrd.ErrMissing):
		return reasonNoUpdater.Result(ocf.ErrGeneric)
	case err != nil:
		return reasonAttribute.Result(ocf.ErrGeneric, v.score, err)
	}
	if s.debug > 0 {
		call.Log.Debug(fmt.Sprintf("Updated %s = %d", s.name, v.score))
	}
	if s.failureScore != nil && v.score < *s.failureScore {
		return reasonScore.Result(ocf.ErrGeneric, s.name, v.score, *s.failureScore, strings.Join(v.silent, " "))
	}
	return ocf.OK()
}

// ask lets every host have the time the parameters say, and all of them together no more than the operation can spare.
func ask(ctx context.Context, call *ocf.Call, s settings, before memory) []reach.Outcome {
	left := call.Budget.Remaining()
	left -= min(reserve, left/4)
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	plan := s.plan
	plan.Timeout = min(plan.Timeout, left)
	targets := make([]reach.Target, len(s.hosts))
	for i, h := range s.hosts {
		targets[i] = h.Target
	}
	return reach.Survey(ctx, targets, plan, reach.Options{
		Options: s.sockets.Options, Family: s.sockets.family, Lookup: min(plan.Timeout, left/2),
		Known: func(name string) netip.Addr {
			for _, h := range s.hosts {
				if h.Name == name {
					addr, _ := netip.ParseAddr(before.Hosts[h.Text].Address)
					return addr
				}
			}
			return netip.Addr{}
		},
	})
}

// report logs what has changed; with debug also what has not, and to the trace everything.
func report(ctx context.Context, call *ocf.Call, s settings, before memory, v verdict) {
	for _, c := range v.changes {
		call.Log.Log(ctx, ocf.LevelTrace, "host", "host", c.host, "address", c.outcome.Addr, "alive", c.outcome.Alive,
			"sent", c.outcome.Sent, "lost", c.outcome.Lost, "rtt", c.outcome.RTT, "error", c.outcome.Err, "lookup", c.outcome.Lookup)
		switch {
		case c.what == falls, c.what == steady && !c.outcome.Alive && s.debug > 0:
			call.Log.Warn(c.text())
		case c.what == answers, c.what == stillCounts, c.what == steady && c.outcome.Alive && s.debug > 1:
			call.Log.Info(c.text())
		}
		if c.stale {
			call.Log.Warn(c.outcome.Lookup.Error() + "; its last known address is used")
		}
	}
	if before.Score != nil && *before.Score != v.score {
		call.Log.Info(fmt.Sprintf("%s changes from %d to %d", s.name, *before.Score, v.score))
	}
	call.Log.Log(ctx, ocf.LevelTrace, "score", "name", s.name, "value", v.score, "dampen", s.dampen)
}

// recall reads what the last round remembered, as far as it can, and its text.
func recall(call *ocf.Call, file statefile.File) (m memory, stored []byte) {
	stored, err := file.Read()
	if err == nil && len(bytes.TrimSpace(stored)) > 0 {
		err = json.Unmarshal(stored, &m)
	}
	if err != nil {
		call.Log.Debug("nothing is remembered of the last round: " + err.Error())
		return memory{}, nil
	}
	return m, stored
}

// remember stores what the next round needs. A failure costs log lines and hysteresis, not the score.
func remember(call *ocf.Call, file statefile.File, m memory, stored []byte) {
	text, err := json.Marshal(m)
	if err == nil && !bytes.Equal(text, stored) {
		err = file.Write(text)
	}
	if err != nil {
		call.Log.Warn(err.Error() + "; changes of hosts may be logged again")
	}
}
