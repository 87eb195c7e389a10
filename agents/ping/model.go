// SPDX-License-Identifier: Apache-2.0

package main

import (
	"time"

	"ocf-oci/metadata"
)

// model is the agent's meta-data. Parameters that every round reads anew are reloadable: a change of host_list by stop
// and start would remove the attribute for a moment, which may move resources.
func model() *metadata.Agent {
	return &metadata.Agent{
		Name: "ping", Provider: "oci", Version: "1.0",
		Short: "Node connectivity",
		Long: `Every time the monitor action runs, this agent asks all hosts of host_list at once whether they answer, and records their number (their weights, if given), times multiplier, in a node attribute. Location rules use that attribute.

It is a drop-in for ocf:pacemaker:ping with the same parameters, attribute and score. Echo requests (ICMP, IPv4 and IPv6) are sent by the agent itself, without ping or fping. A host is finished at its first answer, and no round is longer than the operation's timeout allows.

A location rule such as "rule pingd: defined pingd" is a preference for the node with the higher score. It stops nothing: when no node reaches any host, resources stay where they are.`,
		Parameters: append([]metadata.Parameter{
			{Name: "pidfile", UniqueGroup: "pidfile", Short: "State file",
				Long: `File that says that the resource is started on this node, and holds what is remembered from round to round. It contains no process ID. Without it, the file is ping-NAME in /var/run (HA_VARRUN), NAME being the attribute's name, or ping-INSTANCE for a globally unique clone.`},
			{Name: "dampen", Type: metadata.Time, Default: "5s", HasDefault: true, Reloadable: true, Short: "Dampening interval",
				Long: `How long the attribute manager waits for further changes before it writes a changed value to the cluster. A value that returns within that time is never seen by the cluster.`},
			{Name: "name", Default: "pingd", HasDefault: true, UniqueGroup: "name", Short: "Attribute name",
				Long: `Name of the node attribute. This is the name to be used in constraints.`},
			{Name: "multiplier", Type: metadata.Integer, Default: "1", HasDefault: true, Reloadable: true, Short: "Value multiplier",
				Long: `The number by which the number of answering hosts (the sum of their weights) is multiplied.`},
			{Name: "host_list", Required: true, Reloadable: true, Short: "Host list",
				Long: `The hosts to ask, separated by spaces: IPv4 addresses, IPv6 addresses (fe80::1%eth0 for link-local ones) and host names, in any mixture. tcp://host:port asks for a TCP connection instead of an echo; an IPv6 address stands in brackets there. HOST=WEIGHT lets a host count WEIGHT times; a host that is listed twice counts twice.`},
			{Name: "attempts", Type: metadata.Integer, Default: "3", HasDefault: true, Reloadable: true, Short: "Number of attempts",
				Long: `Number of echo requests (TCP connections), per host, before declaring it dead. The first is sent at once, the second after a second (sooner if timeout is short), the others spread over timeout, all of them only while none has been answered.`},
			{Name: "timeout", Type: metadata.Time, Reloadable: true, Short: "Time for a host",
				Long: `How long to wait for an answer before declaring a host dead, all its attempts together. In seconds, or with a unit (500ms, 2s, 1min).

If it is not set, it is computed: the operation's timeout in seconds, divided by the number of hosts, by attempts, and by 1.1, rounded down, for example 9 seconds for 2 hosts and 3 attempts in an operation of 60 seconds. A value of less than a second that comes out of this, and a timeout of 0, mean 5 seconds, and one of more than 1000 seconds means 300.

Whatever it is, it is cut to what the timeout of the operation leaves.`},
			{Name: "options", Default: "", HasDefault: true, Reloadable: true, Short: "Extra options",
				Long: `Options in the spelling of ping and fping. Those with a meaning for the agent are followed: -4, -6, -I interface or source address, -S source address, -s and -b size of the payload, -H and --ttl time to live, -O and -Q type of service, -m mark, and -M do (do not fragment). The others have no effect; validate-all names them.`},
			{Name: "failure_score", Type: metadata.Integer, Reloadable: true, Short: "Score below which the resource has failed",
				Long: `The resource is failed if the score is less than this. Without it, the resource never fails for its score.`},
			{Name: "use_fping", Type: metadata.Boolean, Default: "1", HasDefault: true, Reloadable: true, Short: "No effect",
				Long: `Accepted for compatibility with ocf:pacemaker:ping. It has no effect, because neither ping nor fping is used.`},
			{Name: "debug", Default: "false", HasDefault: true, Reloadable: true, Short: "Verbose logging",
				Long: `false: a line when a host changes its state. true: also every host that does not answer, each round. verbose: also those that do.`},
			{Name: "hysteresis", Type: metadata.Integer, Default: "0", HasDefault: true, Reloadable: true, Short: "Rounds before the score falls",
				Long: `A host that has answered keeps counting until it has not answered in this number of consecutive rounds. With 0 or 1 it stops counting at once. A host that answers counts at once in any case.`},
		}, metadata.TraceParameters()...),
		Actions: []metadata.Action{
			{Name: "start", Timeout: time.Minute},
			{Name: "stop", Timeout: 20 * time.Second},
			{Name: "monitor", Timeout: time.Minute, Interval: 10 * time.Second, HasDepth: true},
			{Name: "reload-agent", Timeout: 20 * time.Second},
			{Name: "validate-all", Timeout: 30 * time.Second},
			{Name: "meta-data", Timeout: 5 * time.Second},
		},
		PCS: []string{
			`pcs resource create p_ping ocf:oci:ping host_list="10.15.20.30 192.168.211.1" multiplier=1000 dampen=5s timeout=2s op monitor interval=10s timeout=60s clone`,
			`pcs constraint location g_vips rule score-attribute=pingd defined pingd`,
		},
		CRM: []string{
			`primitive p_ping ocf:oci:ping params host_list="10.15.20.30 192.168.211.1" multiplier=1000 dampen=5s timeout=2s op start timeout=60s op monitor interval=10s timeout=60s`,
			`clone c_ping p_ping`,
			`location l_vips g_vips rule pingd: defined pingd`,
		},
		SeeAlso: []string{"attrd_updater(8)", "crm_mon(8)", "pacemaker-attrd(7)"},
	}
}
