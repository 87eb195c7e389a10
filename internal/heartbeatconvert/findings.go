// SPDX-License-Identifier: Apache-2.0

package heartbeatconvert

import (
	"fmt"

	"ocf-oci/internal/heartbeat"
)

// Outcome is what became of a directive.
type Outcome string

// The outcomes. Dropped is a directive without counterpart; Changed has one that does not quite do the same.
const (
	Translated Outcome = "translated"
	Changed    Outcome = "changed"
	Dropped    Outcome = "no counterpart"
)

// Finding is what became of one directive, or a thing to know about the conversion.
type Finding struct {
	Place     heartbeat.Place `json:"place"`
	Directive string          `json:"directive"`
	Outcome   Outcome         `json:"outcome"`
	Text      string          `json:"text"`
}

// String is FILE:LINE:COLUMN: directive: outcome: text.
func (f Finding) String() string {
	where := ""
	if f.Place.File != "" {
		where = f.Place.String() + ": "
	}
	return fmt.Sprintf("%s%s: %s: %s", where, f.Directive, f.Outcome, f.Text)
}

func (r *Result) note(at heartbeat.Place, directive string, o Outcome, format string, args ...any) {
	r.Findings = append(r.Findings, Finding{at, directive, o, fmt.Sprintf(format, args...)})
}

// verdict is what is said of a directive that needs no look at its arguments.
type verdict struct {
	outcome Outcome
	text    string
}

var verdicts = map[string]verdict{
	"node":          {Translated, "corosync nodelist"},
	"ping":          {Translated, "p_ping host_list"},
	"ping6":         {Translated, "p_ping host_list"},
	"hbaping":       {Dropped, "no Fibre Channel ping in pacemaker; watch the storage by a resource of its own"},
	"udpport":       {Changed, "corosync uses UDP port 5405: open it between the nodes"},
	"keepalive":     {Dropped, "corosync's token replaces it"},
	"warntime":      {Dropped, "corosync does not warn of late packets"},
	"initdead":      {Dropped, "pacemaker waits dc-deadtime (20 s) for its peer after a boot"},
	"hopfudge":      {Dropped, "there are no hops"},
	"baud":          {Dropped, "corosync has no serial links"},
	"serial":        {Dropped, "corosync has no serial links: a second network as link 1 would be its replacement"},
	"bcast":         {Changed, "corosync sends unicast to the addresses of the nodes"},
	"mcast":         {Changed, "corosync sends unicast to the addresses of the nodes"},
	"mcast6":        {Changed, "corosync sends unicast to the addresses of the nodes"},
	"deadping":      {Dropped, "p_ping counts a host as dead after its own attempts"},
	"watchdog":      {Dropped, "pacemaker uses a watchdog through sbd only: without it a hung node is not reset"},
	"stonith":       {Dropped, "configure a fence_* or stonith: resource in place of st-null: without it a split brain runs everything twice"},
	"stonith_host":  {Dropped, "configure a fence_* or stonith: resource in place of st-null: without it a split brain runs everything twice"},
	"apiauth":       {Dropped, "pacemaker's clients are authorised by group haclient and by ACLs"},
	"realtime":      {Dropped, "corosync runs with real-time priority by itself"},
	"rtprio":        {Dropped, "corosync chooses its priority"},
	"use_logd":      {Dropped, "there is no logging daemon"},
	"debugfile":     {Dropped, "corosync and pacemaker write debug messages to their own logs"},
	"hbgenmethod":   {Dropped, "corosync keeps its ring number itself"},
	"uuidfrom":      {Dropped, "nodes have numbers, in nodelist"},
	"cluster":       {Changed, "the handbook's name of the cluster is sp"},
	"nice_failback": {Changed, "an old word for auto_failback off, which is what resource-stickiness=100 does"},
}

// directives says of every directive what became of it, and refuses what makes this no haresources cluster.
func (r *Result) directives(s Source, errs *heartbeat.Errors) {
	for _, d := range s.Config {
		if v, ok := verdicts[d.Name]; ok {
			r.note(d.At, d.Text(), v.outcome, "%s", v.text)
			continue
		}
		switch d.Name {
		case "crm":
			if on, ok := heartbeat.Truth(d.Args[0].Text); !ok || on {
				fail(errs, d.At, "%s: this cluster has a CIB already, and its resources are not in haresources: upgrade the CIB instead (cibadmin --upgrade)", d.Text())
				continue
			}
			r.note(d.At, d.Text(), Translated, "haresources is what is converted")
		case "ucast", "ucast6":
			r.note(d.At, d.Text(), Translated, "corosync nodelist")
		case "ping_group":
			r.note(d.At, d.Text(), Changed, "each member is in p_ping's host_list and counts by itself, where the group counted once")
		case "auto_failback", "failback":
			r.failback(d, errs)
		case "respawn":
			r.respawn(d)
		case "deadtime":
			t, err := heartbeat.ParseTime(d.Args[0].Text)
			if err != nil {
				fail(errs, d.Args[0].At, "deadtime: %v", err)
				continue
			}
			r.note(d.At, d.Text(), Translated, "totem.token %d", token(t))
		case "logfacility":
			r.note(d.At, d.Text(), Translated, "logging.syslog_facility; set PCMK_logfacility in /etc/default/pacemaker if pacemaker is to use it too")
		case "logfile":
			r.note(d.At, d.Text(), Translated, "logging.logfile of corosync; pacemaker writes /var/log/pacemaker/pacemaker.log")
		case "debug":
			r.note(d.At, d.Text(), Translated, "logging.debug")
		default:
			text := "has no counterpart in corosync and pacemaker"
			if !heartbeat.Known(d.Name) {
				text = "Heartbeat does not know it either"
			}
			r.note(d.At, d.Text(), Dropped, "%s", text)
		}
	}
}

func (r *Result) failback(d heartbeat.Directive, errs *heartbeat.Errors) {
	on, ok := heartbeat.Truth(d.Args[0].Text)
	switch {
	case d.Args[0].Text == "legacy":
		r.note(d.At, d.Text(), Changed, "as on: a location with a score above the stickiness")
	case !ok:
		fail(errs, d.Args[0].At, "auto_failback %s: use on, off or legacy", d.Args[0].Text)
	case on:
		r.note(d.At, d.Text(), Translated, "a location with a score above the stickiness")
	default:
		r.note(d.At, d.Text(), Translated, "resource-stickiness=100")
	}
}

// respawn programs are clients of Heartbeat. ipfail is what the rules on pingd do.
func (r *Result) respawn(d heartbeat.Directive) {
	program := d.Args[1].Text
	if len(program) >= 7 && program[len(program)-7:] == "/ipfail" || program == "ipfail" {
		r.note(d.At, d.Text(), Translated, "the location rules on pingd")
		return
	}
	r.note(d.At, d.Text(), Dropped, "run it by a systemd unit, or as a clone in pacemaker")
}
