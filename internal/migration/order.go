// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"context"
	"fmt"
)

// Verb is what a node is told to do.
type Verb string

// The verbs. Do and Undo concern a step; Release lets go of the resources and reports Released when no address is left;
// Ready does all that can be done before Take, which starts the resources that this node has been kept from; Await waits until the node and its stack are well.
const (
	Do      Verb = "do"
	Undo    Verb = "undo"
	Release Verb = "release"
	Ready   Verb = "ready"
	Take    Verb = "take"
	Await   Verb = "await"
	Forget  Verb = "forget" // the run is over: clear the journal, keep what was saved
)

// Released is the event of Release at the moment when the other node may take.
const Released = "released"

// Order is what a node is told to do.
type Order struct {
	Verb      Verb      `json:"verb"`
	Step      Step      `json:"step,omitempty"`
	Direction Direction `json:"direction"`
	Held      bool      `json:"held,omitempty"` // the new stack must not start resources yet
	Alone     bool      `json:"alone,omitempty"`
	Ask       bool      `json:"ask,omitempty"` // Take: only if nobody in the network answers for an address
	Peer      string    `json:"peer"`
}

// String is the order in words, such as "sp1 4/8 stop Heartbeat ...".
func (o Order) String() string {
	switch o.Verb {
	case Do:
		return fmt.Sprintf("%d/%d %s", o.Step, Steps, o.Step.Title())
	case Undo:
		return fmt.Sprintf("%d/%d %s", o.Step, Steps, o.Step.Undo())
	case Release:
		return "let go of services and addresses"
	case Ready:
		return "get ready to take them"
	case Take:
		return "take addresses and services"
	case Await:
		return "wait until all is well"
	}
	return string(o.Verb)
}

// Node is one of the pair, here or over there.
type Node interface {
	Name() string
	Facts(ctx context.Context, q Question) (Facts, error)
	// Carry carries an order out. event gets what happens meanwhile: Released, or a line for the log.
	Carry(ctx context.Context, o Order, event func(string)) error
}
