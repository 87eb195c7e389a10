// SPDX-License-Identifier: Apache-2.0

package region

import (
	"net/http"
	"strings"

	"ocf-oci/lab/region/vcn"
)

func (x *exchange) listVnicAttachments() (reply, error) {
	q := x.req.URL.Query()
	if q.Get("compartmentId") == "" {
		return reply{}, &vcn.Refusal{Status: http.StatusBadRequest, Code: "MissingParameter", Message: "compartmentId is missing."}
	}
	state := x.read()
	if q.Get("compartmentId") != state.Compartment {
		return reply{}, vcn.NotFound(q.Get("compartmentId"))
	}
	var found []vcn.VNIC
	for _, v := range state.VNICs {
		if (q.Get("instanceId") == "" || q.Get("instanceId") == string(v.Instance)) && (q.Get("vnicId") == "" || q.Get("vnicId") == string(v.ID)) {
			found = append(found, v)
		}
	}
	found, next, err := page(x, found, func(v vcn.VNIC) string { return string(v.ID) })
	items := []object{}
	for _, v := range found {
		items = append(items, object{
			"id": state.Named("vnicattachment", v.Name), "availabilityDomain": availabilityDomain(state.Region), "compartmentId": state.Compartment,
			"displayName": v.Name, "instanceId": v.Instance, "lifecycleState": "ATTACHED", "nicIndex": 0, "subnetId": v.Subnet,
			"timeCreated": stamp(v.Created), "vlanTag": vlanTag(v), "vnicId": v.ID, "vlanId": nil,
		})
	}
	return reply{body: items, nextPage: next}, err
}

// vlanTag is what the hypervisor uses for a VNIC; it is also in IMDS.
func vlanTag(v vcn.VNIC) int { return 1000 + v.Index }

func (x *exchange) getInstance() (reply, error) {
	state := x.read()
	i, ok := state.Instances[vcn.InstanceID(x.req.PathValue("id"))]
	if !ok {
		return reply{}, vcn.NotFound(x.req.PathValue("id"))
	}
	return reply{body: showInstance(state, i), etag: i.ETag}, nil
}

func shapeOf(i vcn.Instance) string {
	if i.BareMetal {
		return "BM.Standard3.64"
	}
	return "VM.Standard.E5.Flex"
}

func showInstance(s *vcn.State, i vcn.Instance) object {
	return object{
		"id": i.ID, "availabilityDomain": availabilityDomain(s.Region), "compartmentId": s.Compartment, "displayName": i.Name,
		"faultDomain": "FAULT-DOMAIN-1", "lifecycleState": i.State, "region": s.Region, "shape": shapeOf(i), "timeCreated": stamp(i.Created),
		"metadata": object{},
	}.tags(vcn.Tags{})
}

// actions maps each power action to the states an instance goes through: those it may
// start from, the one it has meanwhile, and the one it ends in.
var actions = map[string]struct{ from, during, to string }{
	"STOP":      {"RUNNING", "STOPPING", "STOPPED"},
	"SOFTSTOP":  {"RUNNING", "STOPPING", "STOPPED"},
	"START":     {"STOPPED", "STARTING", "RUNNING"},
	"RESET":     {"RUNNING", "STARTING", "RUNNING"},
	"SOFTRESET": {"RUNNING", "STARTING", "RUNNING"},
}

func (x *exchange) instanceAction() (reply, error) {
	name := strings.ToUpper(x.req.URL.Query().Get("action"))
	action, ok := actions[name]
	if !ok {
		return reply{}, vcn.Invalid("action %q is not known.", name)
	}
	var out reply
	var inst vcn.Instance
	id := vcn.InstanceID(x.req.PathValue("id"))
	x.call.Target = string(id) + " " + name
	err := x.write(func(s *vcn.State) (err error) {
		if have, ok := s.Instances[id]; ok && have.State != action.from {
			return &vcn.Refusal{Status: http.StatusConflict, Code: "IncorrectState", Message: "The instance is " + have.State + ", not " + action.from + "."}
		}
		inst, err = s.SetInstanceState(id, x.ifMatch(), action.during)
		out = reply{body: showInstance(s, inst), etag: inst.ETag}
		return err
	})
	if err == nil {
		go x.r.power(inst, name, action.to)
	}
	return out, err
}

// power does what an InstanceAction asked for and then shows its end in the API.
func (r *Region) power(inst vcn.Instance, action, end string) {
	if r.opt.Power != nil {
		if err := r.opt.Power.InstanceAction(r.life, inst.Name, action); err != nil {
			r.log.Error("instance action", "instance", inst.Name, "action", action, "error", err)
			r.network.fail(err)
			end = "RUNNING"
		}
	}
	_ = r.commit(func(s *vcn.State) error {
		_, err := s.SetInstanceState(inst.ID, "", end)
		return err
	})
}
