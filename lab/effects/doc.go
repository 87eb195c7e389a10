// SPDX-License-Identifier: Apache-2.0

// Package effects runs a command under ptrace(2) and sees every system call by which it changes something outside of
// itself: rtnetlink requests that change addresses or links, bytes on TCP connections, packets, and files created,
// written, renamed or removed below one folder. It can kill the command right before the n-th of them, or hold it there
// while something else happens. Nothing of it is in the command: what is tried is the program that is shipped.
package effects
