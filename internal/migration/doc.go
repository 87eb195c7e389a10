// SPDX-License-Identifier: Apache-2.0

// Package migration moves a pair from Heartbeat to corosync and pacemaker, and back.
//
// The first node is the standby one, the second holds the shared addresses. The first goes through the eight steps
// (step.go) alone; its pacemaker then knows all resources and is held, so that it starts none. The second goes through
// the first two, lets go of the resources (release), and at that moment the first takes them (take); then it goes
// through the rest. So at every moment at most one stack manages the resources, and no address is on two nodes. The way
// back is the same with the steps undone in reverse order.
//
// What is decided is pure: steps and their order (step.go, plan.go), findings (preflight.go). What is done on a node is
// behind Node: package machine on the node itself, and Remote, which has the same program do it there by ssh. Each
// node keeps its own journal (journal.go), so that a run that was interrupted anywhere continues where it was.
package migration
