// SPDX-License-Identifier: Apache-2.0

// Package probe is the lab's packet recorder: it sends ICMP echo requests at a steady pace from a host's network
// namespace and writes down when each was sent and answered, on the monotonic clock. It is what tells how long an
// address was out of reach.
//
// A recorder is one process per host ([Record]). It appends to HOST.log in the recorder's folder and holds a lock on
// that file while it lives; HOST.json ([Header]) is written when it is ready. [Read] and [Recording.Report] work on
// those files, while it runs or after.
package probe
