// SPDX-License-Identifier: Apache-2.0

package region

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ocf-oci/lab/region/vcn"
)

// imdsHandler is the instance metadata service, version 2 (and 1 if the quirk is on).
// https://docs.oracle.com/iaas/Content/Compute/Tasks/gettingmetadata.htm
func (r *Region) imdsHandler() http.Handler { return http.HandlerFunc(r.serveIMDS) }

func (r *Region) serveIMDS(w http.ResponseWriter, req *http.Request) {
	x := r.begin(w, req, IMDS, "GetMetadata")
	if x == nil {
		return
	}
	defer x.end()
	x.call.Target = req.URL.Path
	if !x.misbehave(0) {
		return
	}
	// "Neither a secondary private IP address nor an IP CIDR address can query the IMDS
	// endpoint" (managingIPaddresses.htm): there is no answer at all.
	if x.caller.instance == "" || x.caller.floating {
		x.hang()
		return
	}
	v1 := strings.HasPrefix(req.URL.Path, "/opc/v1/")
	switch {
	case req.Method != http.MethodGet && req.Method != http.MethodHead:
		x.plain(http.StatusMethodNotAllowed, "Method Not Allowed")
		return
	case v1 && !r.spec.Quirks.IMDSv1, !v1 && !strings.HasPrefix(req.URL.Path, "/opc/v2/"):
		x.plain(http.StatusNotFound, "404 Not Found")
		return
	case !v1 && req.Header.Get("Authorization") != "Bearer Oracle", forwarded(req):
		x.plain(http.StatusForbidden, "403 Forbidden: version 2 needs the header Authorization: Bearer Oracle")
		return
	}
	path := strings.Split(strings.Trim(req.URL.Path[len("/opc/v2"):], "/"), "/")
	if path[0] == "identity" {
		x.identity(path[1:])
		return
	}
	x.metadata(path)
}

// forwarded requests came through a proxy; version 2 rejects them.
func forwarded(req *http.Request) bool {
	return req.Header.Get("Forwarded") != "" || req.Header.Get("X-Forwarded-For") != "" || req.Header.Get("X-Forwarded-Host") != ""
}

func (x *exchange) plain(status int, text string) {
	if status >= 400 {
		x.call.Message = text
	}
	x.answer(status, "text/plain", []byte(text))
}

func (x *exchange) identity(path []string) {
	leaf, err := x.r.leaf(x.caller.instance)
	if err != nil {
		x.plain(http.StatusInternalServerError, err.Error())
		return
	}
	switch strings.Join(path, "/") {
	case "cert.pem":
		x.plain(http.StatusOK, string(leaf.Certificate))
	case "key.pem":
		x.plain(http.StatusOK, string(leaf.Key))
	case "intermediate.pem":
		x.plain(http.StatusOK, string(x.r.ca.IntermediatePEM()))
	default:
		x.plain(http.StatusNotFound, "404 Not Found")
	}
}

// metadata walks from the root of the documents along the path; a leaf is plain text, a
// branch is JSON.
func (x *exchange) metadata(path []string) {
	state := x.read()
	inst, ok := state.Instances[x.caller.instance]
	if !ok {
		x.plain(http.StatusNotFound, "404 Not Found")
		return
	}
	// Through JSON, so that what is walked is what is shown.
	raw, err := json.Marshal(object{"instance": x.r.instanceDocument(state, inst), "vnics": x.r.vnicDocument(state, inst)})
	if err != nil {
		x.plain(http.StatusInternalServerError, err.Error())
		return
	}
	var at any
	if err := json.Unmarshal(raw, &at); err != nil {
		x.plain(http.StatusInternalServerError, err.Error())
		return
	}
	for _, name := range path {
		if at = step(at, name); at == nil {
			x.plain(http.StatusNotFound, "404 Not Found")
			return
		}
	}
	switch v := at.(type) {
	case string:
		x.plain(http.StatusOK, v)
	case map[string]any, []any:
		body, _ := json.MarshalIndent(v, "", "  ")
		x.answer(http.StatusOK, "application/json", body)
	default:
		x.plain(http.StatusOK, fmt.Sprint(v))
	}
}

func step(at any, name string) any {
	switch v := at.(type) {
	case map[string]any:
		return v[name]
	case []any:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(v) {
			return v[i]
		}
	}
	return nil
}

func (r *Region) instanceDocument(state *vcn.State, inst vcn.Instance) object {
	return object{
		"availabilityDomain": availabilityDomain(state.Region), "faultDomain": "FAULT-DOMAIN-1", "compartmentId": state.Compartment,
		"displayName": inst.Name, "hostname": inst.Name, "id": inst.ID, "image": state.Named("image", "lab"), "metadata": object{},
		"region": state.Region, "canonicalRegionName": state.Region, "ociAdName": strings.ToLower(r.spec.RegionKey) + "-ad-1",
		"shape": shapeOf(inst), "state": imdsState(inst.State), "timeCreated": inst.Created.UnixMilli(), "tenantId": r.TenancyID(),
		"agentConfig": object{"monitoringDisabled": false, "managementDisabled": false},
		"regionInfo": object{
			"realmKey": r.spec.Realm, "realmDomainComponent": r.spec.Domain, "regionKey": r.spec.RegionKey, "regionIdentifier": state.Region,
		},
	}
}

// imdsState spells the state as IMDS does ("Running").
func imdsState(s string) string { return s[:1] + strings.ToLower(s[1:]) }

// vnicDocument lists the VNICs with their primary addresses only: secondary private IPs
// are not in it. MAC addresses are upper case on virtual machines, and a VNIC without IPv4
// has the text "<null>" for its IPv4 subnet.
func (r *Region) vnicDocument(state *vcn.State, inst vcn.Instance) []object {
	var cards []vcn.VNIC
	for _, v := range state.VNICs {
		if v.Instance == inst.ID && v.State == "AVAILABLE" {
			cards = append(cards, v)
		}
	}
	slices.SortFunc(cards, func(a, b vcn.VNIC) int { return a.Index - b.Index })
	if r.spec.Quirks.ReverseVNICs {
		slices.Reverse(cards)
	}
	out := []object{}
	for _, v := range cards {
		subnet := state.Subnets[v.Subnet]
		o := object{"vnicId": v.ID, "vlanTag": vlanTag(v), "macAddr": strings.ToUpper(v.MAC), "nicIndex": 0, "subnetCidrBlock": "<null>"}
		if inst.BareMetal {
			o["macAddr"] = strings.ToLower(v.MAC)
		}
		if v.IP.IsValid() {
			o["privateIp"], o["virtualRouterIp"], o["subnetCidrBlock"] = v.IP, subnet.Router, subnet.CIDR
		}
		var ipv6 []string
		for _, a := range state.Addresses {
			if a.VNIC == v.ID && a.IP.Is6() {
				ipv6 = append(ipv6, a.IP.String())
			}
		}
		if len(ipv6) > 0 {
			slices.Sort(ipv6)
			o["ipv6Addresses"], o["ipv6SubnetCidrBlock"], o["ipv6VirtualRouterIp"] = ipv6, subnet.IPv6, subnet.IPv6Router
		}
		out = append(out, o)
	}
	return out
}
