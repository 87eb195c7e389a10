// SPDX-License-Identifier: Apache-2.0

// Package fault says which misbehaviour strikes which request of a simulated region.
// It decides only; the region's servers carry it out.
package fault

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ocf-oci/lab/region/control"
)

// Kind is a way to misbehave.
type Kind string

// The kinds. "Before" and "after" say whether the request was carried out.
const (
	Latency      Kind = "latency"       // VALUE duration, before the request is carried out, which it is even if the client leaves meanwhile
	Status       Kind = "status"        // VALUE "429" or "409:IncorrectState": answered at once, before
	Hang         Kind = "hang"          // never answered, before
	Slow         Kind = "slow"          // the body at 1 byte every VALUE (default 1s), after
	Reset        Kind = "reset"         // connection reset, before
	Refuse       Kind = "refuse"        // connections are refused; on a service, not an operation
	Truncate     Kind = "truncate"      // half of the body, then the end of the connection, after
	LostResponse Kind = "lost-response" // connection reset, after
	Stale        Kind = "stale"         // reads show the state of VALUE ago, or before the last write
	ExpiredToken Kind = "expired-token" // session tokens issued until the fault was set are refused; on auth: issued ones are expired
	ClockSkew    Kind = "clock-skew"    // VALUE duration (may be negative): the region's clock is ahead by it
)

// Kinds lists all kinds.
var Kinds = []Kind{Latency, Status, Hang, Slow, Reset, Refuse, Truncate, LostResponse, Stale, ExpiredToken, ClockSkew}

// Targets besides the operations: a service, or everything.
const (
	All  = "all"
	API  = "api"
	Auth = "auth"
	IMDS = "imds"
)

// Fault is one fault.
type Fault struct {
	ID     int
	Target string
	Kind   Kind
	Value  string
	Node   string
	Count  int
	For    time.Duration
	SetAt  time.Time
	Hits   int

	delay  time.Duration
	status int
	code   string
}

// Delay is the duration in Value: of latency, slow, stale and clock-skew.
func (f Fault) Delay() time.Duration { return f.delay }

// Answer is the status and the error code of a status fault.
func (f Fault) Answer() (status int, code string) { return f.status, f.code }

// Name is the fault in one word or two, for the journal.
func (f Fault) Name() string {
	if f.Value == "" {
		return string(f.Kind)
	}
	return string(f.Kind) + " " + f.Value
}

// check fills what follows from Kind and Value. operations are the names a target may have.
func (f *Fault) check(operations []string) error {
	known := append([]string{All, API, Auth, IMDS}, operations...)
	if i := slices.IndexFunc(known, func(s string) bool { return strings.EqualFold(s, f.Target) }); i >= 0 {
		f.Target = known[i]
	} else {
		return fmt.Errorf("fault target %q is not an operation: want one of %s", f.Target, strings.Join(known, ", "))
	}
	if !slices.Contains(Kinds, f.Kind) {
		var kinds []string
		for _, k := range Kinds {
			kinds = append(kinds, string(k))
		}
		return fmt.Errorf("fault kind %q is unknown: want one of %s", f.Kind, strings.Join(kinds, ", "))
	}
	if f.Count < 0 || f.For < 0 {
		return fmt.Errorf("fault count %d and duration %s must not be negative", f.Count, f.For)
	}
	return f.checkValue()
}

func (f *Fault) checkValue() error {
	var err error
	switch f.Kind {
	case Latency, ClockSkew:
		if f.Value == "" {
			return fmt.Errorf("fault %s needs a duration such as 300ms", f.Kind)
		}
		if f.delay, err = control.ParseDuration(f.Value); err != nil {
			return fmt.Errorf("fault %s: %w", f.Kind, err)
		}
		if f.Kind == Latency && f.delay < 0 {
			return fmt.Errorf("fault latency %s must not be negative", f.Value)
		}
	case Slow, Stale:
		if f.Kind == Slow {
			f.delay = time.Second
		}
		if f.Value != "" {
			if f.delay, err = control.ParseDuration(f.Value); err != nil {
				return fmt.Errorf("fault %s: %w", f.Kind, err)
			}
			if f.delay <= 0 {
				return fmt.Errorf("fault %s takes a positive duration or nothing, not %q", f.Kind, f.Value)
			}
		}
	case Status:
		number, code, _ := strings.Cut(f.Value, ":")
		if f.status, err = strconv.Atoi(number); err != nil || f.status < 400 || f.status > 599 {
			return fmt.Errorf("fault status needs a status from 400 to 599 such as 429 or 409:IncorrectState, not %q", f.Value)
		}
		if f.code = code; code == "" {
			f.code = DefaultCode(f.status)
		}
	case Refuse:
		if !slices.Contains([]string{All, API, Auth, IMDS}, f.Target) {
			return fmt.Errorf("a connection is refused before its operation is known: target %q must be all, api, auth or imds", f.Target)
		}
		fallthrough
	default:
		if f.Value != "" {
			return fmt.Errorf("fault %s takes no value, not %q", f.Kind, f.Value)
		}
	}
	return nil
}

// DefaultCode is the error code the service uses with a status.
// https://docs.oracle.com/iaas/Content/API/References/apierrors.htm
func DefaultCode(status int) string {
	switch status {
	case 400:
		return "InvalidParameter"
	case 401:
		return "NotAuthenticated"
	case 403:
		return "NotAllowed"
	case 404:
		return "NotAuthorizedOrNotFound"
	case 409:
		return "IncorrectState"
	case 412:
		return "NoEtagMatch"
	case 429:
		return "TooManyRequests"
	case 500:
		return "InternalServerError"
	case 501:
		return "MethodNotImplemented"
	case 503:
		return "ServiceUnavailable"
	}
	return strings.ReplaceAll(http.StatusText(status), " ", "")
}

// Table holds the faults that are set. It is safe for concurrent use.
type Table struct {
	mu         sync.Mutex
	operations []string
	next       int
	faults     []*Fault
	now        func() time.Time
	// changed is called, unlocked, whenever the set of refuse faults may have changed.
	changed func()
}

// NewTable returns an empty table. operations are the names that a target may have;
// changed is called after every change, and may be nil.
func NewTable(operations []string, changed func()) *Table {
	if changed == nil {
		changed = func() {}
	}
	return &Table{operations: operations, now: time.Now, changed: changed}
}
