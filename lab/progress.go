// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
)

// progress is one line from the daemon to the process that started it.
type progress struct {
	Step  string `json:"step,omitempty"`
	Error string `json:"error,omitempty"`
	Ready bool   `json:"ready,omitempty"`
}

func (p progress) write(w io.Writer) {
	// Nobody may be listening any more; the daemon goes on.
	_ = json.NewEncoder(w).Encode(p)
}

// silence is how long a reporter says nothing before it says that work goes on.
const silence = 10 * time.Second

// reporter writes steps with the time since the beginning.
type reporter struct {
	out   io.Writer
	begin time.Time
	mu    sync.Mutex
	last  string
	timer *time.Timer // nil after stop
}

func newReporter(out io.Writer) *reporter {
	r := &reporter{out: out, begin: time.Now()}
	r.timer = time.AfterFunc(silence, r.remind)
	return r
}

// step reports that something begins or is done.
func (r *reporter) step(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.timer == nil {
		return
	}
	r.last = fmt.Sprintf(format, args...)
	r.say(r.last)
	r.timer.Reset(silence)
}

func (r *reporter) remind() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.timer != nil {
		r.say("  ... " + r.last)
		r.timer.Reset(silence)
	}
}

func (r *reporter) say(text string) {
	progress{Step: fmt.Sprintf("%5.1fs  %s", time.Since(r.begin).Seconds(), text)}.write(r.out)
}

// stop ends the reminders; it may be called twice.
func (r *reporter) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.timer != nil {
		r.timer.Stop()
		r.timer = nil
	}
}
