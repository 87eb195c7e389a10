// SPDX-License-Identifier: Apache-2.0

// Package lab puts a whole lab together: the network (package fabric), the cloud region (package region), and
// nodes with a real corosync and pacemaker (package cluster). It is what the command ocf-lab is made of, and
// what a scenario test uses.
//
//	l, err := lab.Up(ctx, lab.Options{Name: "demo", Nodes: 3, Scenario: lab.Router, Progress: os.Stderr})
//	defer l.Down(context.WithoutCancel(ctx))
//	times, err := l.SetupCluster(ctx)                       // unless Options.Cluster did it
//	out, err := l.Output(ctx, "vrouter1", "pcs", "status")  // any command, in a node or a host
//	err = l.Region().SetFault(ctx, ...)                     // the operator's side of the region
//	err = l.Crash(ctx, "vrouter1")                          // then l.Boot, l.Cut, l.Join, l.Freeze, l.Thaw, l.Partition, l.Heal
//	status, err := l.Status(ctx)                            // region, fabric, operating systems and pacemaker side by side
//	err = l.WaitAgree(ctx)                                  // until these four views agree on every floating address
//
// # Processes
//
// A lab is one daemon (the hidden command "ocf-lab serve", started by Up, ended by Down) that holds the region,
// whose listeners are sockets of the fabric's network namespace, and programs the fabric. Everybody else talks to
// its control socket. The nodes are process trees of their own and outlive it. Packet recorders (package probe)
// are processes in the hosts' namespaces.
//
// # What a lab leaves on the machine
//
// Folder /run/ocf-lab/NAME with state.json, lock, control.sock, daemon.log, cluster/ and probe/; network
// namespaces NAME-vcn and NAME-HOST; cgroup ocf-lab/NAME. state.json is written before anything is made and lists
// the namespaces; Down removes what it lists and nothing else. The daemon holds the lock as long as it lives; a lab
// whose lock is free is stale and is removed by the next Up.
package lab
