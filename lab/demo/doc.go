// SPDX-License-Identifier: Apache-2.0

// Package demo shows a floating address moving between the nodes of a real cluster: it brings up a lab, sets the
// cluster up with pcs as an administrator would, sends a packet every 5 ms to the address and through the routers, and
// meanwhile moves the resource, lets the cloud's API fail, and takes a node's power away and gives it back.
//
//	o, err := demo.Run(ctx, demo.Options{Progress: os.Stdout})  // brings a lab up, and takes it down whatever happens
//	files, err := demo.Write("build/demo", o)                    // report.html for people, report.json for programs
//	fmt.Print(demo.Timeline(o, style), demo.Summary(o, style))   // the same for a terminal
//	broken := demo.Check(o)                                      // the promises that did not hold
//
// # What is measured
//
// A [Recording] holds every packet: when it was sent, and how long the answer took or that none came. An [Event]
// owns the packets from its beginning to the beginning of the next one, so that no loss falls between two events; what
// came before the first event is checked too. The duration of an event runs from the command or fault to the
// moment at which the region, the network, every node's kernel and pacemaker agree on each address.
package demo
