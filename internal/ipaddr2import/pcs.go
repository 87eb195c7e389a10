// SPDX-License-Identifier: Apache-2.0

package ipaddr2import

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"ocf-oci/internal/floatingyaml"
)

// Resource is how the addresses become one resource.
type Resource struct {
	Name string
	// Migrate: nothing depends on it, so that a planned move may be a live migration.
	Migrate bool
	// Replaces is an existing resource of that name to be deleted first.
	Replaces bool
}

// Commands are the pcs commands that make a resource of a file: the first address is ip, the others move with it.
func Commands(f floatingyaml.File, r Resource) []string {
	words := []string{"pcs resource create", r.Name, "ocf:oci:IPaddr2"}
	for _, p := range Params(f) {
		words = append(words, p[0]+"="+quote(p[1]))
	}
	words = append(words, "meta failure-timeout=60s")
	if r.Migrate {
		words = append(words, "allow-migrate=true")
	}
	var list []string
	if r.Replaces {
		list = append(list, "pcs resource delete "+r.Name)
	}
	return append(list, "pcs property set cluster-recheck-interval=60s", strings.Join(words, " "))
}

// Params are the agent's parameters, name and value: the first address is ip, the others move with it.
func Params(f floatingyaml.File) [][2]string {
	var list [][2]string
	if len(f.Addresses) > 0 {
		a := f.Addresses[0]
		list = append(list, [2]string{"ip", a.IP.String()})
		if a.Prefix > 0 {
			list = append(list, [2]string{"cidr_netmask", strconv.Itoa(a.Prefix)})
		}
		if v := vnics(f, a.Network); v != "" {
			list = append(list, [2]string{"vnic", v})
		}
	}
	if c := companions(f); c != "" {
		list = append(list, [2]string{"companions", c})
	}
	for _, p := range [][2]string{{"auth", f.Auth.Kind}, {"oci_config_file", f.Auth.ConfigFile}, {"oci_profile", f.Auth.Profile}, {"region", f.Auth.Region}, {"endpoint", f.Auth.Endpoint}} {
		if p[1] != "" && !(p[0] == "auth" && p[1] == "instance_principal") {
			list = append(list, p)
		}
	}
	return list
}

// vnics is the map of nodes to VNICs of one network. Companions are found by their subnets.
func vnics(f floatingyaml.File, network string) string {
	var items []string
	for _, node := range slices.Sorted(maps.Keys(f.Nodes)) {
		if id, ok := f.Nodes[node][network]; ok {
			items = append(items, node+":"+string(id))
		}
	}
	return strings.Join(items, ";")
}

func companions(f floatingyaml.File) string {
	var items []string
	for i, a := range f.Addresses {
		if i == 0 {
			continue
		}
		item := a.IP.String()
		if a.Prefix > 0 {
			item = fmt.Sprintf("%s/%d", item, a.Prefix)
		}
		items = append(items, item)
	}
	return strings.Join(items, " ")
}

// quote protects what a shell would take apart.
func quote(s string) string {
	if strings.ContainsAny(s, " ;'\"$&|<>()*?`\\") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}
