// SPDX-License-Identifier: Apache-2.0

// Package ifaddr tells which addresses the operating system carries, and adds and removes them, by rtnetlink.
//
// An answer has three values: a [Table] that lists an address (present), a Table that does not (absent, proven by a
// complete dump), or an error (unknown). A dump that the kernel marks as interrupted (NLM_F_DUMP_INTR) is repeated
// and never read as "absent": an address that moved to another place in the kernel's list while it was dumped may be
// missing from it.
package ifaddr
