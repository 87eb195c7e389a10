// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"ocf-oci/internal/announce"
	"ocf-oci/internal/floating"
	"ocf-oci/internal/ifaddr"
)

// announcerArg is the argument by which the program becomes the announcer. It is no action: pacemaker never calls it.
const announcerArg = "announcer"

// afterRound is the pause before the last announcement. Linux ignores a change of a neighbour within a second of the
// last one (arp locktime), so that one announcement has to come later than that.
const afterRound = 1100 * time.Millisecond

// errand is what is still to be announced after the first time.
type errand struct {
	Addresses []announce.Address `json:"addresses"`
	Times     int                `json:"times"`
	Interval  time.Duration      `json:"interval"`
	Again     bool               `json:"again"` // once more after the pause
}

// tell announces the addresses times times. The first goes out before it returns, unless nobody listens there; the rest
// is left to a process of its own, or sent here if the definition asks for that. It never fails an action.
func (a *action) tell(ctx context.Context, t ifaddr.Table, targets []floating.Target, times int, again bool) {
	e := errand{Times: times - 1, Interval: a.cfg.options.announce.interval, Again: again}
	for _, target := range targets {
		if link, ok := t.ByName(target.NIC); !ok || link.Loopback || link.NoARP {
			continue
		}
		e.Addresses = append(e.Addresses, announce.Address{Interface: target.NIC, IP: target.IP, Targets: a.cfg.options.announce.targets})
	}
	if times < 1 || len(e.Addresses) == 0 {
		return
	}
	for _, address := range e.Addresses {
		if err := announce.Send(address); err != nil {
			a.Log.Warn("neighbours were not told", "address", address.IP, "error", err)
		}
	}
	switch {
	case e.Times == 0 && !e.Again:
	case a.cfg.options.announce.foreground:
		e.run(ctx)
	default:
		if err := a.send(e); err != nil {
			a.Log.Warn("neighbours were told only once", "error", err)
		}
	}
}

// run announces until it is done, ctx ends, or none of the addresses is here any more: announcing one that has moved on
// would draw its traffic back.
func (e errand) run(ctx context.Context) {
	wait := func(d time.Duration) bool {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(d):
			return e.once(ctx)
		}
	}
	for range e.Times {
		if !wait(e.Interval) {
			return
		}
	}
	if e.Again {
		wait(afterRound)
	}
}

func (e errand) once(ctx context.Context) bool {
	h, err := ifaddr.Open(nil)
	if err != nil {
		return false
	}
	defer h.Close()
	t, err := h.Table(ctx)
	if err != nil {
		return false
	}
	here := false
	for _, address := range e.Addresses {
		for _, found := range t.Find(address.IP) {
			if found.LinkName == address.Interface && announce.Send(address) == nil {
				here = true
			}
		}
	}
	return here
}

// send starts the announcer: in a session of its own, so that whoever ends this action's process group does not end it,
// and without any of our files, so that nobody waits for it at the other end of a pipe.
func (a *action) send(e errand) error {
	a.endAnnouncer()
	text, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("describe what is to be announced: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.Command(self, announcerArg, string(text))
	cmd.Env, cmd.Dir = []string{}, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the announcer: %w", err)
	}
	a.note(a.marks.SetAnnouncer(cmd.Process.Pid))
	return cmd.Process.Release()
}

// endAnnouncer ends an announcer that still runs: the address is about to go.
func (a *action) endAnnouncer() {
	if err := a.marks.EndAnnouncer(); err != nil {
		a.Log.Warn("the process that announces the address could not be ended; it ends by itself when the address is gone", "error", err)
	}
}

// runAnnouncer is the whole life of the announcer.
func runAnnouncer(text string) int {
	var e errand
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		fmt.Fprintln(os.Stderr, "announcer: what is to be announced cannot be read:", err)
		return 1
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(e.Times)*(e.Interval+time.Second)+time.Minute)
	defer cancel()
	e.run(ctx)
	return 0
}
