// SPDX-License-Identifier: Apache-2.0

// Package monit talks to the monit daemon of this machine (https://mmonit.com/monit/) by its HTTP interface, on a unix
// socket or TCP, and reads its control file: for the credentials, and for what is known of its services when the daemon
// does not answer (pidfiles, start and stop programs).
//
//	config, err := monit.ReadConfig("/etc/monit/monitrc")
//	client, err := monit.NewClient(config.Access)
//	status, err := client.Status(ctx)
//	err = client.Do(ctx, monit.Start, "lb", "proxy")   // only queued; ask Status until it is done
//
// The daemon accepts an action at once and carries all of them out one after another, in the order of dependencies: a
// service that is slow to start delays all behind it. A service's data is of the last time that the daemon looked at it
// (Service.Collected), which is never while it carries out actions.
//
// Measured with monit 5.33; the interface is the same since 5.20, which brought the security token.
package monit
