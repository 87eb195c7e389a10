// SPDX-License-Identifier: Apache-2.0

package main

import (
	"time"

	"ocf-oci/internal/ocf"
	"ocf-oci/metadata"
)

// agent is the resource agent with its effects.
func agent() *ocf.Agent {
	return &ocf.Agent{Meta: model(), Handlers: map[string]ocf.Handler{
		"start":        start,
		"stop":         stop,
		"monitor":      monitor,
		"status":       monitor,
		"reload-agent": reload,
		"validate-all": validate,
	}}
}

// model is the agent's meta-data.
func model() *metadata.Agent {
	return &metadata.Agent{
		Name: "monit-services", Provider: "ngcp", Version: "1.0",
		Short: "Services run by monit or systemd",
		Long: `Starts, stops and watches the services of a monit service group as one resource: all of them run on the node where the resource is started, and none on the others. Without monit, the services are the units that a systemd target wants.

Start returns when every service runs, and stop when every process has ended. When monit is dead or hangs, stop ends the services itself, by their stop programs and then by signals.

In monit, the services of the group must be defined with "onreboot nostart", so that only the cluster starts them.`,
		Parameters: append([]metadata.Parameter{
			{Name: "group", Default: "ha", HasDefault: true, Short: "Service group",
				Long: `Name of the monit service group. With systemd, the units wanted by GROUP.target.`},
			{Name: "services", Short: "List of services",
				Long: `Names of the services, separated by blanks or commas, instead of those of the group.`},
			{Name: "monitor_services", Reloadable: true, Short: "What monitor looks at",
				Long: `none: a recurring monitor succeeds once the resource has been started, and monit alone looks after the services. full: all services must run. Without it, ha.monitor_services in /etc/ngcp-config/config.yml decides, and none if there is no such file.

A probe always looks at the services.`},
			{Name: "start_grace", Type: metadata.Time, Default: "60s", HasDefault: true, Reloadable: true, Short: "Time for a restart",
				Long: `For monitor_services=full: how long a service may be down while monit (or systemd) restarts it. Make it longer than monit's cycle and the service's start together. A service that nobody restarts gets no time.`},
			{Name: "backend", Default: "auto", HasDefault: true, Short: "Who runs the services",
				Long: `monit, systemd, or auto: monit if one of the monit_ parameters is set, or its control file or its socket exists, else systemd.`},
			{Name: "monit_control_file", Reloadable: true, Short: "monit's control file",
				Long: `Where the daemon's socket and credentials, and the services' pidfiles and programs, are read. Without it, /etc/monit/monitrc or /etc/monitrc.`},
			{Name: "monit_socket", Reloadable: true, Short: "monit's unix socket",
				Long: `Path of the unix socket, instead of the one in the control file.`},
			{Name: "monit_url", Reloadable: true, Short: "monit's address",
				Long: `Address of the HTTP interface over TCP, such as http://127.0.0.1:2812, instead of the one in the control file. The credentials come from the control file, so the address must not hold any.`},
		}, metadata.TraceParameters()...),
		Actions: []metadata.Action{
			{Name: "start", Timeout: 120 * time.Second},
			{Name: "stop", Timeout: 120 * time.Second},
			{Name: "monitor", Timeout: 60 * time.Second, Interval: 20 * time.Second, HasDepth: true},
			{Name: "reload-agent", Timeout: 20 * time.Second},
			{Name: "validate-all", Timeout: 20 * time.Second},
			{Name: "meta-data", Timeout: 5 * time.Second},
		},
		PCS: []string{
			`pcs resource create p_monit_services ocf:ngcp:monit-services group=ha op monitor interval=20s timeout=60s meta migration-threshold=20 failure-timeout=800`,
		},
		CRM: []string{
			`primitive p_monit_services ocf:ngcp:monit-services params group=ha meta migration-threshold=20 failure-timeout=800 op start timeout=120 op stop timeout=120 op monitor interval=20 timeout=60`,
		},
		SeeAlso: []string{"monit(1)", "systemctl(1)", "crm_mon(8)"},
	}
}
