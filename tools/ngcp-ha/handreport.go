// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/ngcpha/takeover"
	"ocf-oci/internal/pacemaker/simulate"
)

// handReport tells of a hand-over while it happens, or as JSON when it has ended.
type handReport struct {
	Result     string               `json:"result"` // done, already, begun, dry-run, refused, failed, timeout, interrupted
	Node       string               `json:"node,omitempty"`
	From       string               `json:"from,omitempty"`
	DurationMS int64                `json:"duration_ms"`
	Error      string               `json:"error,omitempty"`
	Objections []takeover.Objection `json:"objections,omitempty"`
	Actions    []simulate.Action    `json:"actions,omitempty"` // as foreseen by the scheduler
	Steps      []handStep           `json:"steps"`

	c       *cli.Context
	began   time.Time
	audited bool // its beginning is in syslog
}

type handStep struct {
	MS   int64  `json:"ms"`
	Text string `json:"text"`
}

func newHandReport(c *cli.Context) *handReport {
	return &handReport{c: c, began: time.Now(), Steps: []handStep{}}
}

// step is a line of progress.
func (r *handReport) step(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.Steps = append(r.Steps, handStep{time.Since(r.began).Milliseconds(), text})
	r.print(text)
}

// detail is kept for the JSON.
func (r *handReport) detail(format string, args ...any) {
	r.Steps = append(r.Steps, handStep{time.Since(r.began).Milliseconds(), fmt.Sprintf(format, args...)})
}

// remind shows that nothing has changed, which is no step.
func (r *handReport) remind(text string) {
	if text != "" {
		r.print("still: " + text)
	}
}

func (r *handReport) print(text string) {
	if !r.c.Bool("json") {
		fmt.Fprintf(r.c.App.Writer, "%6.1f s  %s\n", time.Since(r.began).Seconds(), text)
	}
}

// end prints the JSON, or a dry run's foresight, and returns the error.
func (r *handReport) end(result string, err error) error {
	r.Result, r.DurationMS = result, time.Since(r.began).Milliseconds()
	if err != nil {
		r.Error = err.Error()
	}
	if r.audited {
		auditLog(r.c, "make %s active: %s %s", r.Node, result, r.Error)
	}
	if r.c.Bool("json") {
		if err2 := commandline.PrintJSON(r.c, r); err2 != nil {
			return errors.Join(err, err2)
		}
		if err != nil {
			return commandline.Exit(commandline.Code(err))
		}
		return nil
	}
	if result == "dry-run" {
		fmt.Fprintf(r.c.App.Writer, "%s would become active. The cluster would:\n", r.Node)
		for _, a := range r.Actions {
			fmt.Fprintf(r.c.App.Writer, "  %s\n", actionText(a))
		}
		if len(r.Actions) == 0 {
			fmt.Fprintln(r.c.App.Writer, "  (this pacemaker cannot tell, or there is nothing to do)")
		}
	}
	return err
}

func actionText(a simulate.Action) string {
	text := a.Action + " " + a.Resource
	switch {
	case a.From != "" && a.To != "":
		text += " from " + a.From + " to " + a.To
	case a.From != "":
		text += " on " + a.From
	case a.To != "":
		text += " on " + a.To
	}
	if a.Blocked {
		text += " (blocked)"
	}
	if a.Reason != "" {
		text += " (because of " + a.Reason + ")"
	}
	return text
}

// listed puts objections below each other.
func listed(objections []takeover.Objection, always bool) string {
	var lines []string
	for _, o := range objections {
		lines = append(lines, "\n - "+o.Reason+"\n     "+o.Fix)
	}
	text := strings.Join(lines, "")
	if !always {
		text += "\n   (--force does it in spite of that)"
	}
	return text
}
