// SPDX-License-Identifier: Apache-2.0

package main

import "ocf-oci/internal/ocf"

// The exit reasons. Says tells what is wrong, Remedy what to do about it; both together fit into what pacemaker shows
// (ocf.Kept), so that detail such as OCIDs and the service's own words stand behind " -- ".
var (
	// What is true of the address.
	reasonAbsent        = ocf.NewReason("address-absent", "%s is not configured here", "start the resource where it should run")
	reasonWrong         = ocf.NewReason("address-wrong", "%s is not usable here: %s", "pacemaker restarts it; look for who else configures it")
	reasonHeldElsewhere = ocf.NewReason("held-elsewhere", "the VCN delivers %s to another VNIC -- %s, not to this node's %s",
		"if the cluster did not move it, configure fencing")
	reasonNoSuchAddress = ocf.NewReason("no-such-private-ip", "the VCN has no private IP %s here", "a start creates it; find out who deleted it")
	reasonCloudUnknown  = ocf.NewReason("cloud-unknown", "unknown for the %[2]dth time who holds %[1]s -- %[3]s",
		"check the VCN API, the policy and the route to it")
	reasonOSUnknown     = ocf.NewReason("os-unknown", "the kernel does not say which addresses are here -- %s", "see the kernel log; asked again soon")
	reasonDegradedStart = ocf.NewReason("not-verified", "%s was configured but is not usable: %s", "see the kernel log and 'ip address show'")

	reasonDuplicate = ocf.NewReason("duplicate-address", "%s is in use on this network %s",
		"find out who has it, and configure fencing")

	// Parameters, the same on every node.
	reasonBadParameter = ocf.NewReason("bad-parameter", "parameter %s=%q: %s", "correct it with 'pcs resource update'")
	reasonNoIP         = ocf.NewReason("ip-missing", "parameter ip is not set", "set it with 'pcs resource update RESOURCE ip=ADDRESS'")

	reasonNamespace = ocf.NewReason("no-namespace", "network namespace %s cannot be entered -- %s", "'ip netns add' it here, or correct network_namespace")
	reasonClusterIP = ocf.NewReason("cluster-ip", "a clone with globally-unique=true (cluster IP) is not supported by the kernel any more",
		"use a load balancer")

	// This node.
	reasonNoNIC   = ocf.NewReason("no-interface", "no interface here for %s -- %s", "configure the interface on this node, or set nic")
	reasonNoRoute = ocf.NewReason("no-route", "no connected network contains %s", "configure its network here, or set nic and cidr_netmask")
	reasonNoVNIC  = ocf.NewReason("no-vnic", "no VNIC of this instance can carry %s -- %s", "attach one in its subnet and configure it, or set vnic")
	reasonIMDS    = ocf.NewReason("no-instance-metadata", "the instance metadata service does not answer -- %s",
		"check the route to 169.254.169.254")
	reasonKeyMissing    = ocf.NewReason("credentials-missing", "the credentials are missing on this node -- %s", "create the file as the manual says")
	reasonKeyUnreadable = ocf.NewReason("credentials-unsafe", "the credentials are refused: unsafe owner or mode -- %s",
		"chown root FILE; chmod 600 FILE")
	reasonKeyMalformed = ocf.NewReason("credentials-malformed", "the credentials cannot be read -- %s", "correct the file on this node")
	reasonFile         = ocf.NewReason("declarative-file", "the declarative file cannot be used: %s", "correct it on this node ('oci-vip check')")
	reasonState        = ocf.NewReason("state-directory", "cannot use /run/ocf-oci -- %s", "make it a directory of root with mode 0700")
	reasonNotRoot      = ocf.NewReason("not-root", "must run as root to change addresses", "run it as root; pacemaker does")
	reasonOSChange     = ocf.NewReason("os-change-failed", "the kernel refused to change an address -- %s", "see the kernel log")

	// The cloud, while taking an address over.
	reasonDenied = ocf.NewReason("not-authorized", "not authorized to move %s -- %s",
		"allow the nodes to 'use private-ips' and 'use vnics' in the compartment")
	reasonUnauthenticated = ocf.NewReason("not-authenticated", "the VCN API rejects this node's identity (%s) -- %s",
		"check clock, dynamic group and key of this node")
	reasonOutOfTime  = ocf.NewReason("cloud-out-of-time", "%s could not be moved in time -- %s", "the next start tries again; check the VCN API and the route to it")
	reasonNotAllowed = ocf.NewReason("not-allowed-from", "%s may not be taken from its holder -- VNIC %s", "find out why it is there, or add it to allow_from")
	reasonTaken      = ocf.NewReason("taken-meanwhile", "%s was taken meanwhile -- by VNIC %s", "if not by this cluster, configure fencing")
	reasonTug        = ocf.NewReason("taken-recently", "%s was taken from this node %s ago -- by VNIC %s, which still holds it",
		"configure fencing, then 'pcs resource cleanup'")
	reasonPrimary = ocf.NewReason("primary-address", "%s is a VNIC's primary address, which cannot move -- %s", "choose a secondary address for ip")
	reasonRefused = ocf.NewReason("cloud-refused", "the VCN API rejects moving %s -- %s", "see the log; a private IP moves only within its subnet")
)
