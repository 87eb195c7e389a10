// SPDX-License-Identifier: Apache-2.0

// Package heartbeatconvert turns the configuration of a Heartbeat pair in haresources mode into that of corosync and
// pacemaker, in the form of the NGCP handbook's sample (chapter "Corosync/Pacemaker"). It is pure: values in, values out.
//
//	result, err := heartbeatconvert.Convert(heartbeatconvert.Source{Config: ..., Groups: ..., Key: ..., Nodes: ...})
//
// corosync.go makes corosync.conf from ha.cf, pacemaker.go makes cluster.crm from haresources and the ping directives,
// scripts.go knows which agent a resource script was and what its arguments by position are called, addresses.go splits
// IPaddr's argument, findings.go says of each directive what became of it.
package heartbeatconvert

import (
	"errors"
	"fmt"
	"net/netip"

	"ocf-oci/internal/crmsyntax"
	"ocf-oci/internal/heartbeat"
)

// Source is what is converted.
type Source struct {
	Config []heartbeat.Directive
	Groups []heartbeat.Group
	Key    heartbeat.Key // zero: none
	Nodes  []Node        // what is known of addresses; empty: from the ucast lines
	Fence  Fencing
}

// Node is a member of the pair. Names are in lower case.
type Node struct {
	Name    string
	Address netip.Addr // internal HA address
}

// Fencing is how pacemaker is kept from refusing to start without a fencing device.
type Fencing int

// NullFencing is the handbook's st-null, which needs cluster-glue's plugins (Debian); NoFencing is
// stonith-enabled=false, for systems without them.
const (
	NullFencing Fencing = iota
	NoFencing
)

// Result is the new configuration.
type Result struct {
	Corosync  string    // corosync.conf
	Cluster   string    // cluster.crm
	AuthKey   []byte    // /etc/corosync/authkey; nil: Heartbeat did not sign with a secret, and corosync will not
	Nodes     []Node    // node ids 1, 2 in this order
	Addresses []Address // the shared addresses, in the order of haresources
	Findings  []Finding
}

// Convert converts. The error is heartbeat.Errors for what cannot be translated; findings are returned even then.
func Convert(s Source) (Result, error) {
	var r Result
	var errs heartbeat.Errors
	r.directives(s, &errs)
	r.nodes(s, &errs)
	crm := r.pacemaker(s, &errs)
	if len(errs) > 0 {
		return r, errs
	}
	r.Cluster = crm
	r.AuthKey = authKey(s.Key)
	r.Corosync = corosync(r, s)
	if _, err := crmsyntax.Parse("cluster.crm", []byte(r.Cluster), crmsyntax.Options{}); err != nil {
		return r, fmt.Errorf("the converted cluster.crm is not valid, which is a mistake of this program: %w", err)
	}
	return r, nil
}

// Untranslatable returns the single errors of Convert's error.
func Untranslatable(err error) heartbeat.Errors {
	var errs heartbeat.Errors
	errors.As(err, &errs)
	return errs
}

func fail(errs *heartbeat.Errors, at heartbeat.Place, format string, args ...any) {
	*errs = append(*errs, &heartbeat.Error{Place: at, Message: fmt.Sprintf(format, args...)})
}
