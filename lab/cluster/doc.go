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
// unless it passes one with Cluster.SetNetwork.
//
// Everything a lab makes carries its name: the folder (DIR/cluster), the cgroup (ocf-lab/LAB/NODE) and the mounts
// below the folder. Remove takes away only what the lab's own state lists.
package cluster
