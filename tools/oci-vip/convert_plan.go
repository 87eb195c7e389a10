// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"ocf-oci/internal/adoption"
	"ocf-oci/internal/commandline"
	"ocf-oci/internal/floatingyaml"
	"ocf-oci/internal/ifaddr"
	"ocf-oci/internal/ipaddr2import"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/readiness"
)

// adoptionLimit is the new agent's time to say whether it could adopt the address; nobody waits for it but a person.
const adoptionLimit = 20 * time.Second

// plan makes the new definition, and notes every reason not to use it.
func (j *conversion) plan(ctx context.Context, p cib.Primitive) (*adoption.Journal, adoption.Host, error) {
	var host adoption.Host
	e, err := adoption.Find(j.text, j.resource)
	if err != nil {
		return nil, host, err
	}
	if !slices.Contains(adoption.Agents, p.Agent()) {
		j.refuse("it is run by %s; only %s can be converted", p.Agent(), strings.Join(adoption.Agents, ", "))
		return nil, host, nil
	}
	j.doc.Refused = j.cluster.Unsafe(j.resource, e)
	active := j.cluster.Active(j.resource)
	if len(active) == 1 {
		j.doc.Node = active[0]
		if active[0] != j.cluster.Here {
			j.refuse("it runs on %s, and only there can be seen whether the address can be adopted: run this on %[1]s", active[0])
		}
	}
	mapped := adoption.Map(p.Agent(), p.Params)
	j.doc.Refused = append(j.doc.Refused, mapped.Problems...)
	j.doc.Notes = mapped.Notes
	ip, err := netip.ParseAddr(mapped.Params["ip"])
	if err != nil {
		j.refuse("%q is no address: %v", mapped.Params["ip"], err)
	}
	if len(j.doc.Refused) > 0 {
		return nil, host, nil
	}
	table, err := adoption.Look(ctx)
	if err != nil {
		return nil, host, fmt.Errorf("looking at this node's addresses: %w", err)
	}
	if err := j.parameters(p, ip, mapped.Params, table); err != nil || len(j.doc.Refused) > 0 {
		return nil, host, err
	}
	next := cib.Primitive{ID: p.ID, Class: "ocf", Provider: "oci", Type: "IPaddr2", Params: mapped.Params}
	defer slow(j.Context, "asking the new agent whether it could adopt the address")()
	asker := readiness.Asker{Node: j.cluster.Here, Env: commandline.Environ(j.Context)}
	missing, refused := adoption.Unready(asker.Ask(ctx, next, adoptionLimit), table, ip, mapped.Params["cidr_netmask"])
	j.doc.Refused = append(j.doc.Refused, refused...)
	if len(missing) > 0 {
		j.doc.Notes = append(j.doc.Notes, fmt.Sprintf("this node's operating system does not carry %s, which the cloud delivers here: it is added", joined(missing)))
	}
	host = adoption.Host{Agent: asker, StateDir: j.String("state-dir"), Resource: next, Added: missing}
	return &adoption.Journal{Resource: j.resource, At: time.Now().UTC(), Before: adoption.Text(e), After: adoption.Text(adoption.Rewrite(e, mapped.Params)),
		Active: j.cluster.Here, Maintenance: j.maintenance(), Added: missing}, host, nil
}

// parameters completes those of the resource: what the patched agent says, what the operating system has, and what the
// command line gives.
func (j *conversion) parameters(p cib.Primitive, ip netip.Addr, params map[string]string, table ifaddr.Table) error {
	file, ok, err := j.patch(p, ip)
	if err != nil || len(j.doc.Refused) > 0 {
		return err
	}
	if ok {
		for i := range file.Addresses {
			a := &file.Addresses[i]
			if prefix, _, here := adoption.Carried(table, a.IP); here && a.IP != ip {
				a.Prefix = prefix.Bits()
			}
		}
		for _, pair := range ipaddr2import.Params(file) {
			if pair[0] != "ip" && pair[0] != "cidr_netmask" {
				params[pair[0]] = pair[1]
			}
		}
	}
	if prefix, _, here := adoption.Carried(table, ip); here && params["cidr_netmask"] == "" {
		params["cidr_netmask"] = strconv.Itoa(prefix.Bits())
	}
	for _, item := range j.StringSlice("param") {
		name, value, ok := strings.Cut(item, "=")
		if !ok || name == "" {
			return commandline.Usagef("convert: --param %q is not NAME=VALUE", item)
		}
		params[name] = value
	}
	return nil
}

// patch reads what somebody has put into the agent: the file's first address is ip, and those of other resources are
// left to these.
func (j *conversion) patch(p cib.Primitive, ip netip.Addr) (floatingyaml.File, bool, error) {
	name, text, patched, err := j.script(p.Agent())
	if err != nil || !patched {
		return floatingyaml.File{}, false, err
	}
	opt := ipaddr2import.Options{Set: map[string]string{}, Rest: j.String("else"), Prefixes: map[netip.Addr]int{}}
	for _, item := range j.StringSlice("set") {
		n, value, ok := strings.Cut(item, "=")
		if !ok || n == "" {
			return floatingyaml.File{}, false, commandline.Usagef("convert: --set %q is not NAME=VALUE", item)
		}
		opt.Set[n] = value
	}
	result := ipaddr2import.Import(text, opt)
	for _, m := range result.Messages {
		j.refuse("%s:%d:1: %s", name, max(m.Line, 1), m.Text)
	}
	if len(result.Messages) > 0 {
		return floatingyaml.File{}, false, nil
	}
	file := result.File
	i := slices.IndexFunc(file.Addresses, func(a floatingyaml.Address) bool { return a.IP == ip })
	if i < 0 {
		j.refuse("%s moves other addresses, but not %s", name, ip)
		return floatingyaml.File{}, false, nil
	}
	addresses := []floatingyaml.Address{file.Addresses[i]}
	for k, a := range file.Addresses {
		if k != i && !j.another(a.IP) {
			addresses = append(addresses, a)
		}
	}
	file.Addresses = addresses
	j.doc.Notes = append(j.doc.Notes, "VNICs, companions and authentication are those in "+name)
	for _, node := range j.cluster.State.Nodes {
		if _, ok := file.Nodes[node.Name]; !ok {
			j.refuse("%s has no VNIC for the cluster's node %s, but for %s", name, node.Name, strings.Join(slices.Sorted(maps.Keys(file.Nodes)), ", "))
		}
	}
	return file, true, nil
}

// another reports whether another resource has the address.
func (j *conversion) another(ip netip.Addr) bool {
	for _, p := range j.cluster.Config.Primitives() {
		if p.ID == j.resource {
			continue
		}
		for _, name := range []string{"ip", "ipv6addr", "secondary_private_ip"} {
			if other, err := netip.ParseAddr(p.Params[name]); err == nil && other == ip {
				return true
			}
		}
	}
	return false
}
