// SPDX-License-Identifier: Apache-2.0

// Package metadata describes a resource agent as the OCF resource agent API
// 1.1 does (parameters, actions, their defaults) and writes that description
// as the XML which pacemaker, pcs, crmsh and ocf-tester read.
//
// The model holds text and numbers only. Nothing in this package touches the
// machine, so an agent can answer "meta-data" without rights or environment.
package metadata

import "time"

// Type is the type of a parameter's value.
type Type int

// The value types. Time is a string such as "20s"; the official 1.1 schema
// knows no type for it, so it is announced as a string.
const (
	String Type = iota
	Integer
	Boolean
	Time
)

// String returns the word that the XML uses.
func (t Type) String() string {
	switch t {
	case Integer:
		return "integer"
	case Boolean:
		return "boolean"
	default:
		return "string"
	}
}

// Agent is everything that an agent tells about itself.
type Agent struct {
	Name     string // resource type, for example "IPaddr2"
	Provider string // OCF provider, for example "oci"
	Version  string // the agent's own version, not the API's
	Short    string // one line
	Long     string // paragraphs, separated by an empty line

	Parameters []Parameter
	Actions    []Action

	// PCS and CRM are complete commands for the manual page, one line per
	// element. They are not part of the XML.
	PCS, CRM []string
	// SeeAlso lists manual pages ("pcs(8)") and addresses for the manual page.
	SeeAlso []string
}

// Parameter is one instance parameter, OCF_RESKEY_<Name> in the environment.
type Parameter struct {
	Name       string
	Type       Type
	Default    string // used when the parameter is not set at all
	HasDefault bool   // whether Default is announced; an empty default is one too

	Required    bool
	Reloadable  bool   // a change calls reload-agent instead of stop and start
	UniqueGroup string // parameters of one group are unique together over all resources

	Deprecated   bool
	ReplacedWith []string // names of the parameters to use instead

	Short string
	Long  string

	Hidden bool // accepted, but never printed (aliases such as "netmask")
}

// Action is one operation that the agent advertises.
type Action struct {
	Name     string
	Timeout  time.Duration
	Interval time.Duration // 0: not announced
	Depth    int           // OCF_CHECK_LEVEL of a monitor
	HasDepth bool          // announce Depth even if it is 0
	Role     string        // empty: not announced
}

// Parameter returns the parameter of that name, hidden ones included.
func (a *Agent) Parameter(name string) (Parameter, bool) {
	for _, p := range a.Parameters {
		if p.Name == name {
			return p, true
		}
	}
	return Parameter{}, false
}

// Timeout returns the timeout that the agent advertises for an action, the
// shortest one if there are several (monitors of different depth), and 0 for
// an action that is not declared.
func (a *Agent) Timeout(action string) time.Duration {
	var shortest time.Duration
	for _, x := range a.Actions {
		if x.Name == action && (shortest == 0 || x.Timeout < shortest) {
			shortest = x.Timeout
		}
	}
	return shortest
}
