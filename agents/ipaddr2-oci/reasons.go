// SPDX-License-Identifier: Apache-2.0

package main

import "ocf-oci/internal/ocf"

// The exit reasons. Says tells what is wrong, Remedy what to do about it.
var (
	// What is true of the address.
	reasonAbsent = ocf.NewReason("address-absent", "%s is not configured here", "start the resource where it should run")
	reasonWrong  = ocf.NewReason("address-wrong", "%s is not usable here: %s",
		"let pacemaker restart the resource; if it comes back, look for another program that configures this address")
	reasonHeldElsewhere = ocf.NewReason("held-elsewhere", "the VCN delivers %s to VNIC %s, not to this node's %s",
		"nothing if the cluster moves it; else find out who took it ('oci-vip status') and configure fencing")
	reasonNoSuchAddress = ocf.NewReason("no-such-private-ip", "the VCN has no private IP %s in this node's subnet",
		"a start creates it; find out who deleted it, since route rules to the old object are dead")
	reasonCloudUnknown = ocf.NewReason("cloud-unknown", "the VCN API has not said who holds %s %d times in a row: %s",
		"the address is left where it is; look at the API, the policy and the route to the API from this node ('oci-vip check --cloud')")
	reasonOSUnknown = ocf.NewReason("os-unknown", "the kernel did not say which addresses this node has: %s",
		"look for a stuck rtnetlink lock in the kernel log; the next monitor asks again")
	reasonDegradedStart = ocf.NewReason("not-verified", "%s was configured but is not usable: %s", "see the kernel log and 'ip address show'")

	reasonDuplicate = ocf.NewReason("duplicate-address", "%s is in use on this network %s",
		"find out who has it; if that host is dead to the cluster but not to the network, configure fencing")

	// Parameters, the same on every node.
	reasonBadParameter = ocf.NewReason("bad-parameter", "parameter %s=%q: %s", "correct it with 'pcs resource update RESOURCE NAME=VALUE'")
	reasonNoIP         = ocf.NewReason("ip-missing", "parameter ip is not set", "set it with 'pcs resource update RESOURCE ip=ADDRESS'")

	reasonNamespace = ocf.NewReason("no-namespace", "network namespace %s cannot be entered: %s", "create it on this node with 'ip netns add', or correct network_namespace")
	reasonClusterIP = ocf.NewReason("cluster-ip", "a clone with globally-unique=true would share one address among nodes (cluster IP), which the kernel no longer does",
		"use a load balancer for shared load, unique_clone_address=true for one address per instance, or no clone for a floating address")

	// This node.
	reasonNoNIC   = ocf.NewReason("no-interface", "no interface for %s: %s", "configure the interface on this node, or set nic")
	reasonNoRoute = ocf.NewReason("no-route", "no connected network contains %s",
		"configure a base address of its network on this node, or set both nic and cidr_netmask")
	reasonNoVNIC = ocf.NewReason("no-vnic", "no VNIC of this instance can carry %s: %s",
		"attach a VNIC in the address's subnet to this instance and configure it in the operating system, or set vnic")
	reasonIMDS = ocf.NewReason("no-instance-metadata", "the instance metadata service did not answer: %s",
		"look at the route to 169.254.169.254, or set vnic and region")
	reasonKeyMissing    = ocf.NewReason("credentials-missing", "credentials cannot be used: %s", "create the file on this node as the manual describes")
	reasonKeyUnreadable = ocf.NewReason("credentials-unsafe", "credentials are refused: %s",
		"make the file belong to root and readable by nobody else (chown root FILE; chmod 600 FILE)")
	reasonKeyMalformed = ocf.NewReason("credentials-malformed", "credentials cannot be read: %s", "correct the file on this node")
	reasonState        = ocf.NewReason("state-directory", "cannot use /run/ocf-oci: %s", "make it a directory of root with mode 0700")
	reasonNotRoot      = ocf.NewReason("not-root", "must run as root to change addresses", "run it as root; pacemaker does")
	reasonOSChange     = ocf.NewReason("os-change-failed", "the kernel refused: %s", "see the kernel log")

	// The cloud, while taking an address over.
	reasonDenied = ocf.NewReason("not-authorized", "the VCN API refuses to move %s: %s",
		"allow the dynamic group of these instances 'use private-ips' and 'use vnics' in the compartment ('oci-vip policy' prints the statements)")
	reasonUnauthenticated = ocf.NewReason("not-authenticated", "the VCN API does not accept this node's identity for %s: %s",
		"look at this node's clock, its dynamic group, and the key or certificate")
	reasonOutOfTime = ocf.NewReason("cloud-out-of-time", "%s could not be moved within the operation's timeout: %s",
		"the next start tries again; look at the API and the route to it from this node")
	reasonTaken = ocf.NewReason("taken-meanwhile", "%s was taken by VNIC %s meanwhile", "nothing if another node runs the resource; else configure fencing")
	reasonTug   = ocf.NewReason("taken-recently", "VNIC %s took %s from this node %s ago and still holds it",
		"configure fencing: two parts of the cluster want this address; 'pcs resource cleanup' after both agree again")
	reasonPrimary = ocf.NewReason("primary-address", "%s is the primary address of VNIC %s, which cannot move", "choose a secondary address for ip")
	reasonRefused = ocf.NewReason("cloud-refused", "the VCN API rejects moving %s: %s", "read the service's message; a private IP moves only within its subnet")
)
