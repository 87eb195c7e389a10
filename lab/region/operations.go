// SPDX-License-Identifier: Apache-2.0

package region

import (
	"net/http"

	"ocf-oci/lab/region/fault"
	"ocf-oci/lab/region/iam"
	"ocf-oci/lab/region/vcn"
)

// reply is the answer of an operation that was carried out.
type reply struct {
	status   int // 0 is 200
	body     any // nil is no body
	etag     string
	nextPage string
}

// operation is one operation of the core services API.
type operation struct {
	name, method, path string
	run                func(*exchange) (reply, error)
}

// operations lists the API. Paths are below /20160918, as in the SDKs.
var operations = []operation{
	{"GetVnic", "GET", "/vnics/{id}", (*exchange).getVnic},
	{"UpdateVnic", "PUT", "/vnics/{id}", (*exchange).updateVnic},
	{"ListPrivateIps", "GET", "/privateIps", (*exchange).listPrivateIps},
	{"CreatePrivateIp", "POST", "/privateIps", (*exchange).createPrivateIP},
	{"GetPrivateIp", "GET", "/privateIps/{id}", (*exchange).getPrivateIP},
	{"UpdatePrivateIp", "PUT", "/privateIps/{id}", (*exchange).updatePrivateIP},
	{"DeletePrivateIp", "DELETE", "/privateIps/{id}", (*exchange).deletePrivateIP},
	{"PrivateIpVnicDetach", "POST", "/privateIps/{id}/actions/detach", (*exchange).detachPrivateIP},
	{"ListIpv6s", "GET", "/ipv6", (*exchange).listIPv6s},
	{"CreateIpv6", "POST", "/ipv6", (*exchange).createIPv6},
	{"GetIpv6", "GET", "/ipv6/{id}", (*exchange).getIPv6},
	{"UpdateIpv6", "PUT", "/ipv6/{id}", (*exchange).updateIPv6},
	{"DeleteIpv6", "DELETE", "/ipv6/{id}", (*exchange).deleteIPv6},
	{"Ipv6VnicDetach", "POST", "/ipv6/{id}/actions/detach", (*exchange).detachIPv6},
	{"GetSubnet", "GET", "/subnets/{id}", (*exchange).getSubnet},
	{"GetRouteTable", "GET", "/routeTables/{id}", (*exchange).getRouteTable},
	{"UpdateRouteTable", "PUT", "/routeTables/{id}", (*exchange).updateRouteTable},
	{"GetPublicIp", "GET", "/publicIps/{id}", (*exchange).getPublicIP},
	{"UpdatePublicIp", "PUT", "/publicIps/{id}", (*exchange).updatePublicIP},
	{"GetPublicIpByPrivateIpId", "POST", "/publicIps/actions/getByPrivateIpId", (*exchange).publicIPOf},
	{"ListVnicAttachments", "GET", "/vnicAttachments", (*exchange).listVnicAttachments},
	{"GetInstance", "GET", "/instances/{id}", (*exchange).getInstance},
	{"InstanceAction", "POST", "/instances/{id}", (*exchange).instanceAction},
}

func operationNames() []string {
	names := make([]string, 0, len(operations))
	for _, o := range operations {
		names = append(names, o.name)
	}
	return names
}

// apiHandler is the core services API.
func (r *Region) apiHandler() http.Handler {
	mux := http.NewServeMux()
	for _, op := range operations {
		mux.HandleFunc(op.method+" /20160918"+op.path, func(w http.ResponseWriter, req *http.Request) { r.serveAPI(w, req, op) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
		r.serveAPI(w, req, operation{run: func(x *exchange) (reply, error) {
			return reply{}, &vcn.Refusal{Status: 404, Code: "NotFound", Message: "This region has no operation " + req.Method + " " + req.URL.Path + "."}
		}})
	})
	return mux
}

// serveAPI takes a request through faults, limit, signature, policy and operation.
func (r *Region) serveAPI(w http.ResponseWriter, req *http.Request, op operation) {
	x := r.begin(w, req, API, op.name)
	if x == nil {
		return
	}
	defer x.end()
	now := r.Settings()
	if !r.meter.pass(x.call.Time, now.Limit) {
		x.refuse(&vcn.Refusal{Status: http.StatusTooManyRequests, Code: "TooManyRequests", Message: "Too many requests for the user."})
		return
	}
	if !x.misbehave(now.Latency) {
		return
	}
	var err error
	if x.who, err = x.authenticate(); err != nil {
		x.refuse(&vcn.Refusal{Status: http.StatusUnauthorized, Code: "NotAuthenticated",
			Message: "The required information to complete authentication was not provided or was incorrect: " + err.Error() + "."})
		return
	}
	x.call.Principal = x.who.ID
	if err := x.authorize(iam.Operations[op.name]); err != nil {
		x.refuse(err)
		return
	}
	result, err := op.run(x)
	if err != nil {
		x.refuse(err)
		return
	}
	x.send(result)
}

// read is the state that a read operation sees: the current one unless a fault is stale.
func (x *exchange) read() *vcn.State {
	if f := x.strike(fault.Stale); len(f) > 0 {
		return x.r.past(f[0].Delay())
	}
	return x.r.current()
}

// write commits a change.
func (x *exchange) write(change func(*vcn.State) error) error {
	err := x.r.commit(change)
	x.call.Committed = err == nil
	return err
}
