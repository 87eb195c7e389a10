// SPDX-License-Identifier: Apache-2.0

// Package cluster runs the nodes of a lab: whole machines with systemd as process 1, pcsd, journal and a real
// corosync and pacemaker inside, made of an overlay root and their own mount, pid, uts, ipc, cgroup and network
// namespaces. Nodes outlive the process that boots them; a later process finds them again by the lab's folder.
//
//	c, err := cluster.Create(ctx, cluster.Config{
//		Lab:      "demo",                                  // folder /run/ocf-lab/demo, cgroup ocf-lab/demo
//		Nodes:    []cluster.NodeConfig{{Name: "vrouter1", Address: "10.0.0.11"}, ...},
//		Hosts:    []string{"192.0.2.10 iaas.ca-toronto-1.oraclecloud.com"},
//		CA:       pem,                                     // joins every node's trust store
//		AssetTag: cluster.OracleCloud,                     // DMI chassis asset tag; "" leaves DMI as the kernel has it
//		Files:    map[string]cluster.File{"/usr/lib/ocf/resource.d/oci/IPaddr2": {Source: "build/bin/IPaddr2", Mode: 0o755}},
//		Network:  fabric,                                  // gives a node its network namespace at each boot
//	})
//	err = c.Boot(ctx)                                      // all nodes in parallel, until systemd has finished
//	times, err := c.Setup(ctx, "virtualrouter", cluster.SetupOptions{Enable: true})
//	out, err := c.Node("vrouter1").Output(ctx, "pcs", "status")
//	err = c.Node("vrouter1").Crash(ctx)                    // every process at once, then Network.Detach
//	err = c.Node("vrouter1").Boot(ctx)                     // Network.Attach again; /run is gone, /etc and /var are kept
//	err = c.Remove(ctx)
//
// A later process: cluster.Open(dir) then Node(name).Command(ctx, argv...), Crash, Freeze, ...; it has no Network
// unless it is given one with Cluster.SetNetwork. After Crash, Freeze, Boot and Thaw, Cluster.WaitOnline returns
// when the other nodes have noticed, and Node.WaitSettled when pacemaker has nothing left to do.
//
// # What is a node's own
//
// Its files (an overlay; what the host's people keep in /root, /home, /mnt and /media is not in it), /dev, /run, /tmp,
// processes, host name, shared memory, cgroups, network and the kernel settings net.*. Other kernel settings, sysrq,
// the clock and kernel modules are the host's and cannot be changed from inside. Host names come from files only.
// pcsd and what Config.Units names are enabled; nothing that the host has enabled is, and no timer runs.
// The clock, the kernel's log and the processors are shared.
//
// # What a lab leaves on the host while it lives
//
// DIR/cluster with its state, per node a boot log, a memory file system (disk) and the mounted overlay (root); the
// cgroup ocf-lab/LAB/NODE with "machine" (the node's systemd and all below) and "exec" (commands sent in from outside,
// so that a crash or freeze meets them too). Everything carries the lab's name, so that labs run side by side, and Remove
// takes away only what the lab's own state lists.
//
// A lab whose creating process is dead is stale: its nodes still run, but region and network that the process held are
// gone. Create replaces a stale lab of the same name, Sweep removes all of a base folder.
package cluster
