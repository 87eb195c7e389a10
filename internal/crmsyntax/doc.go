// SPDX-License-Identifier: Apache-2.0

// Package crmsyntax reads and writes the language in which crmsh shows and
// loads the configuration of a pacemaker cluster, such as cluster.crm:
//
//	primitive p_vip IPaddr2 \
//	    params ip=10.0.0.100 cidr_netmask=24 \
//	    op monitor interval=10s timeout=20s
//	location l_vip p_vip rule pingd: defined pingd
//
// Parse turns it into the configuration section of a CIB, with the ids that
// crmsh makes. Text is the way back: parsing what it writes gives the same
// configuration. Neither runs a program or needs a cluster.
//
// # The language
//
// A file consists of logical lines. A physical line that ends in a backslash
// goes on in the next one. A logical line that begins with # is a comment and
// belongs to the object below it. Words are separated by blanks; '…' and "…"
// quote, and a backslash outside of '…' takes the next character literally.
// The first word of a line is the keyword of an object. Keywords may be in
// upper or lower case. The order of the objects does not matter.
//
// Each kind of object has a file in this package that begins with its syntax:
//
//	node                            node.go
//	primitive rsc_template          primitive.go, agent.go (class:provider:type)
//	op operations monitor           operation.go
//	group clone ms                  group.go
//	bundle                          bundle.go
//	location                        location.go
//	colocation                      colocation.go
//	order                           order.go
//	rsc_ticket                      ticket.go
//	property rsc_defaults op_defaults  property.go
//	fencing_topology                fencing.go
//	tag                             tag.go
//	role acl_target acl_group user  acl.go, aclshortcut.go
//	alert                           alert.go
//	xml                             xmlstatement.go
//
// and so have the parts that objects share:
//
//	params meta utilization …       attributes.go
//	rule                            rule.go, date.go
//	SCORE:                          score.go
//	( a b ) [ c d ]                 resourceset.go
//
// How the ids of parts are made is in ids.go, what the objects are turned into
// in kinds.go and assemble.go.
//
// # Where it differs from crmsh 4.4
//
// All of it is shown by a test next to the installed crmsh
// (differences_test.go).
//
// Refused, although crmsh takes it and makes something that cannot be meant:
// a comment inside an object (its words would become parameters); a word that
// is nearly a keyword of the object (met for meta); a continuation without a
// blank before the backslash; two backslashes at the end of a line; two
// members in a clone; members, templates, roles and sets that do not exist; a
// right without anything it is for, or for two XPaths; an id for two things; a
// node that is there twice.
//
// Refused, because no schema since pacemaker-3.0 allows it: a node attribute in
// place of a score outside of rules, unknown classes of agents, a provider for
// other classes than ocf, single instances of a clone, unknown options of
// locations and containers, date parts without a value. Refused although the
// schema allows it: names of parameters that are no names of XML attributes,
// since pacemaker makes such attributes of them and then cannot read its own
// list of actions.
//
// Written as the schema wants it, where crmsh copies the file: keywords and
// enumerated values in the wrong case, nodes of type normal, truth values, ids
// with characters that XML does not allow.
//
// Mistakes of crmsh that are not repeated: letters beyond ASCII become &#228;,
// the value of node-attribute becomes lower case, $ID:NAME=VALUE is split at
// the last equals sign, the levels of a fencing topology are counted per
// attribute instead of per value, a topology without targets is empty when the
// nodes come with the same file (and has their ids, not their names), a second
// select or meta is lost, defaults cannot be references, made ids may be taken
// by others.
//
// Understood, although crmsh refuses it or dies of it: podman and rkt, op with
// a parameter but no interval, values with blanks in rules, brackets that
// touch names, minutes, seconds, days and yeardays in dates, comments with two
// dashes, TARGET: with the same node twice.
//
// Not done, since it takes the agents' meta-data: crmsh renames a parameter
// foo-bar to foo_bar if the agent knows only that. Which provider an agent
// without one has is looked up only if Options.Agents is given.
//
// Text writes agents in full (ocf:heartbeat:IPaddr2, where crmsh leaves
// ocf:heartbeat out), so that the text means the same on every machine, and
// writes the ids of sets and rules that Parse would not make, which crmsh
// loses. Neither writes ids of operations, and of name-value pairs only those
// that something refers to.
package crmsyntax
