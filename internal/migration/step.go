// SPDX-License-Identifier: Apache-2.0

package migration

// Step is one of the eight, as the handbook numbers them.
type Step int

// The steps.
const (
	Save Step = 1 + iota
	Prefetch
	Disarm
	RemoveHeartbeat
	InstallPacemaker
	SwitchConfig
	Rebuild
	Start
)

// Steps is their number.
const Steps = 8

// Title says what a step does.
func (s Step) Title() string {
	return [...]string{
		Save:             "save the packages of Heartbeat and /etc/ha.d",
		Prefetch:         "fetch the packages of corosync and pacemaker",
		Disarm:           "take haresources away",
		RemoveHeartbeat:  "stop Heartbeat and remove it with its configuration",
		InstallPacemaker: "install corosync and pacemaker",
		SwitchConfig:     "switch ha.gcs and ha.crm in the configuration",
		Rebuild:          "build corosync.conf and cluster.crm",
		Start:            "start corosync and pacemaker",
	}[s]
}

// Undo says what undoing a step does; empty if there is nothing to undo.
func (s Step) Undo() string {
	return [...]string{
		Save:             "",
		Prefetch:         "",
		Disarm:           "bring haresources back and start Heartbeat",
		RemoveHeartbeat:  "install Heartbeat from the saved packages and restore /etc/ha.d",
		InstallPacemaker: "remove corosync and pacemaker",
		SwitchConfig:     "switch ha.gcs and ha.crm back",
		Rebuild:          "take corosync.conf and cluster.crm away",
		Start:            "stop pacemaker and corosync",
	}[s]
}

// Direction is where a run goes.
type Direction string

// The directions.
const (
	Forward  Direction = "migrate"
	Backward Direction = "rollback"
)
