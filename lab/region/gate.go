// SPDX-License-Identifier: Apache-2.0

package region

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"ocf-oci/lab/region/control"
	"ocf-oci/lab/region/fault"
	"ocf-oci/lab/region/vcn"
)

// applyGate tells the Gate which sources are refused at which service, where that has
// changed. It runs after every change of the faults, and of the owners while a node is refused.
func (r *Region) applyGate() {
	r.gateMu.Lock()
	defer r.gateMu.Unlock()
	state, faults := r.current(), r.faults.List()
	for _, service := range []Service{API, Auth, IMDS} {
		sources := refused(state, faults, service)
		if slices.Equal(sources, r.gateShut[service]) {
			continue
		}
		r.gateShut[service] = sources
		if len(sources) > 0 {
			r.conns.reset(func(s Service, from netip.Addr) bool {
				return s == service && (!sources[0].IsValid() || slices.Contains(sources, from))
			})
		}
		if r.opt.Gate == nil {
			continue
		}
		if err := r.opt.Gate.Refuse(service, sources); err != nil {
			err = fmt.Errorf("refuse connections to %s: %w", service, err)
			r.gateShut[service] = nil
			r.log.Error("gate", "error", err)
			r.network.fail(err)
		}
	}
}

// refused lists the sources that faults refuse at a service, sorted; one invalid address
// stands for everybody.
func refused(state *vcn.State, faults []fault.Fault, service Service) []netip.Addr {
	var sources []netip.Addr
	for _, f := range faults {
		if f.Kind != fault.Refuse || f.Target != fault.All && f.Target != string(service) {
			continue
		}
		if f.Node == "" {
			return []netip.Addr{{}}
		}
		sources = append(sources, sourcesOf(state, f.Node)...)
	}
	slices.SortFunc(sources, netip.Addr.Compare)
	return slices.Compact(sources)
}

// gateFollows is called after a commit that changed owners: a refused node is refused from
// the addresses that it holds.
func (r *Region) gateFollows() {
	if slices.ContainsFunc(r.faults.List(), func(f fault.Fault) bool { return f.Kind == fault.Refuse && f.Node != "" }) {
		r.applyGate()
	}
}

// sourcesOf returns the addresses that a node's VNICs hold.
func sourcesOf(state *vcn.State, node string) []netip.Addr {
	var out []netip.Addr
	for _, a := range state.Addresses {
		if node != "" && a.VNIC != "" && state.Instances[state.VNICs[a.VNIC].Instance].Name == node {
			out = append(out, a.IP)
		}
	}
	return out
}

// refuses says whether a fault refuses a source at a service.
func (r *Region) refuses(service Service, source netip.Addr) bool {
	who := r.caller(source)
	return len(r.faults.Match(fault.Request{Service: string(service), Node: who.node}, fault.Refuse)) > 0
}

// Refused records that connections of a source were refused at a service: whoever
// realises the Gate calls it with what it counted.
func (r *Region) Refused(service Service, source netip.Addr, count int) {
	who := r.caller(source)
	for range count {
		hits := r.faults.Strike(fault.Request{Service: string(service), Node: who.node}, fault.Refuse)
		c := control.Call{
			Seq: r.journal.Begin(), Time: time.Now(), Service: string(service), Node: who.node, Source: source,
			Floating: who.floating, Operation: "connect", Outcome: "refused",
		}
		for _, f := range hits {
			c.Faults = append(c.Faults, f.Name())
		}
		r.journal.End(c)
	}
}

// SetFault sets a fault; see package fault for targets, kinds and values.
func (r *Region) SetFault(f fault.Fault) (fault.Fault, error) {
	if f.Node != "" {
		if _, ok := r.current().InstanceByName(f.Node); !ok {
			return fault.Fault{}, noNode(f.Node)
		}
	}
	return r.faults.Set(f)
}

// ClearFaults removes a fault by its number, or all of them with 0; it returns how many.
func (r *Region) ClearFaults(id int) int { return r.faults.Clear(id) }

// Faults returns the faults in force.
func (r *Region) Faults() []fault.Fault { return r.faults.List() }
