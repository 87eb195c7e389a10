// SPDX-License-Identifier: Apache-2.0

// Package ipaddr2import reads an IPaddr2 script into which somebody has put calls of the OCI command line, as the blog
// "ISV Implementation Details - Part 4A - Linux Clustering with Pacemaker and Corosync" (Oracle A-Team) describes, and
// makes a floating.yaml of it.
//
// It reads the patched script, the two inserted blocks alone, or the list of sed commands that inserts them, also after
// somebody has changed them by hand. It does not run anything and does not understand all of sh: what it needs are the
// commands "oci network vnic assign-private-ip", the variables in them, and the if or case around them that tells the
// nodes apart. Whatever keeps it from being sure is a Message with a line, and then there is no file.
package ipaddr2import
