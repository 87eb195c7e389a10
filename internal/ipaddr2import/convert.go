// SPDX-License-Identifier: Apache-2.0

package ipaddr2import

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"ocf-oci/internal/floatingyaml"
	"ocf-oci/internal/oci"
)

// Message is something that keeps the import from being sure. Line is 0 where it concerns no line.
type Message struct {
	Line int    `json:"line"`
	Text string `json:"text"`
}

// Options complete what the script does not say.
type Options struct {
	Set map[string]string // variables that are missing or empty in it
	// Rest is the name of the node that an "else" branch is for, where the variables' names do not tell.
	Rest string
	// Prefixes by address; what is missing is left to be discovered.
	Prefixes map[netip.Addr]int
	// Node is whose script this is, where it does not tell nodes apart.
	Node string
}

// Result is what was read; File is only meant to be used where there is no Message.
type Result struct {
	File     floatingyaml.File
	Messages []Message
	// Discovered: the script asks the instance metadata for its VNIC, as our agent does by itself; File has no nodes.
	Discovered bool
}

// Import reads a script.
func Import(text string, opt Options) Result {
	s := read(split(text))
	c := &converter{script: s, opt: opt, file: floatingyaml.File{Nodes: map[string]map[string]oci.VNICID{}}}
	c.run()
	slices.SortStableFunc(c.messages, func(a, b Message) int { return a.Line - b.Line })
	return Result{File: c.file, Discovered: c.discovered > 0 && len(c.file.Nodes) == 0, Messages: slices.CompactFunc(c.messages, func(a, b Message) bool { return a == b })}
}

type converter struct {
	script
	opt        Options
	file       floatingyaml.File
	discovered int // calls whose VNIC comes from the instance metadata
}

func (c *converter) say(line int, format string, args ...any) {
	c.messages = append(c.messages, Message{line, fmt.Sprintf(format, args...)})
}

func (c *converter) run() {
	if len(c.calls) == 0 {
		c.say(0, "there is no command \"oci network vnic assign-private-ip\" in it")
		return
	}
	networks := map[netip.Addr]string{} // by address
	for i := range c.calls {
		call := &c.calls[i]
		if !c.place(call) {
			continue
		}
		ip, ipOK := c.address(call)
		own := c.asksMetadata(call.vnic)
		vnic, vnicOK := oci.VNICID(""), true
		if own {
			c.discovered++
		} else {
			vnic, vnicOK = c.vnic(call)
		}
		c.credentials(call)
		if !ipOK || !vnicOK {
			continue
		}
		network, known := networks[ip]
		if !known {
			network = c.network(call, ip)
			networks[ip] = network
			c.file.Addresses = append(c.file.Addresses, floatingyaml.Address{IP: ip, Prefix: c.opt.Prefixes[ip], Network: network})
		}
		if !own {
			c.put(call, network, ip, vnic)
		}
	}
	if len(c.messages) > 0 || c.discovered == len(c.calls) {
		return
	}
	for _, p := range c.file.Check() {
		c.say(c.lineOf(p.Path), "%v", p.Err)
	}
}

// lineOf finds the command that a problem of the file comes from.
func (c *converter) lineOf(path []string) int {
	for _, call := range c.calls {
		if len(path) > 1 && path[0] == "nodes" && call.node == path[1] {
			return call.line
		}
	}
	return c.calls[0].line
}

// place finds out for which node a command is.
func (c *converter) place(call *call) bool {
	if call.branch == 0 && c.asksMetadata(call.vnic) {
		return true
	}
	if call.branch == 0 && c.opt.Node != "" {
		call.node = c.opt.Node
		return true
	}
	if call.branch == 0 {
		c.say(call.line, "this command stands outside of any branch for a node: no \"if\" compares the host name around it")
		return false
	}
	prefix := c.nodeIn(call.vnic)
	if !c.named(call.rest) {
		prefix = "" // these variables are not called after nodes
	}
	switch {
	case call.rest && c.opt.Rest != "":
		call.node = c.opt.Rest
	case call.rest && prefix != "":
		call.node = prefix
	case call.rest:
		c.say(call.branchFrom, "\"else\" does not say which node it is for; name it with --else NODE")
		return false
	case call.node == "":
		c.say(call.line, "it cannot be told for which node this command is")
		return false
	case prefix != "" && plain(prefix) != plain(call.node) && !slices.Contains(c.nodes, prefix):
		c.say(call.line, "this branch is for %s (line %d), but %s is called after another node; is an \"else\" missing before this line?", call.node, call.branchFrom, call.vnic)
		return false
	case prefix != "" && plain(prefix) != plain(call.node):
		c.say(call.line, "this branch is for %s (line %d), but %s is called after %s", call.node, call.branchFrom, call.vnic, prefix)
		return false
	}
	return true
}

// asksMetadata reports whether the VNIC is not written down but asked for on each node.
func (c *converter) asksMetadata(expression string) bool {
	if v, ok := c.vars[strings.Trim(expression, "${}\"")]; ok && strings.HasPrefix(expression, "$") {
		expression = v.value
	}
	return expression == metadata || strings.Contains(expression, "169.254.169.254")
}

// vnicName splits a variable such as vrouter1vnicpod1 into node and network.
var vnicName = regexp.MustCompile(`^\$\{?([A-Za-z0-9_]+?)_?vnic_?([A-Za-z0-9_]*)\}?$`)

// named reports whether the variables are called after the nodes: a branch for vrouter1 uses $vrouter1vnic. A name can be
// derived from that only if none was changed to fit a variable (exactly), such as my-router to my_router.
func (c *converter) named(exactly bool) bool {
	return slices.ContainsFunc(c.calls, func(other call) bool {
		prefix := c.nodeIn(other.vnic)
		return other.node != "" && !other.rest && (prefix == other.node || !exactly && plain(prefix) == plain(other.node))
	})
}

// plain leaves out what a variable's name cannot have.
func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name))
}

// nodeIn is the node that a variable is called after; empty where it is none.
func (c *converter) nodeIn(expression string) string {
	if m := vnicName.FindStringSubmatch(expression); m != nil {
		return m[1]
	}
	return ""
}

// expand gives the value of $NAME, ${NAME} or a literal.
func (c *converter) expand(call *call, expression, what, example string) (value string, line int, ok bool) {
	if expression == "" {
		c.say(call.line, "the command has no %s", what)
		return "", 0, false
	}
	if !strings.HasPrefix(expression, "$") {
		return expression, call.line, true
	}
	name := strings.Trim(expression, "${}")
	if strings.ContainsAny(name, ":-%#/") {
		c.say(call.line, "%s is more than a variable; give its value in place of it", expression)
		return "", 0, false
	}
	v, set := c.vars[name]
	given, override := c.opt.Set[name]
	switch {
	case override:
		return given, call.line, true
	case !set:
		c.say(call.line, "variable %s is not set anywhere; set it in the file or with --set %s=%s", name, name, example)
		return "", 0, false
	case v.value == "":
		c.say(v.line, "variable %s is empty; set it in the file or with --set %s=%s", name, name, example)
		return "", 0, false
	case strings.HasPrefix(v.value, "$"):
		return c.expand(call, v.value, what, example)
	}
	return v.value, v.line, true
}

func (c *converter) address(call *call) (netip.Addr, bool) {
	text, line, ok := c.expand(call, call.ip, "--ip-address", "ADDRESS")
	if !ok {
		return netip.Addr{}, false
	}
	ip, err := netip.ParseAddr(text)
	if err != nil || ip.Zone() != "" || ip.IsUnspecified() || ip.IsMulticast() {
		c.say(line, "%q is not an address that a host can have", text)
		return ip, false
	}
	return ip.Unmap(), true
}

func (c *converter) vnic(call *call) (oci.VNICID, bool) {
	text, line, ok := c.expand(call, call.vnic, "--vnic-id", "OCID")
	if !ok {
		return "", false
	}
	if err := floatingyaml.CheckVNIC(text); err != nil {
		c.say(line, "%v", err)
		return "", false
	}
	return oci.VNICID(text), true
}

// network names an address's network after its variables: vnicippod1 and vrouter1vnicpod1 are in pod1.
func (c *converter) network(call *call, ip netip.Addr) string {
	name := ""
	if m := vnicName.FindStringSubmatch(call.vnic); m != nil {
		name = m[2]
	} else if v := strings.Trim(call.ip, "${}"); strings.HasPrefix(call.ip, "$") {
		name = strings.Trim(strings.NewReplacer("vnic", "", "ip", "").Replace(v), "_")
	}
	if name == "" && !c.taken("primary") {
		return "primary"
	}
	if name == "" || c.taken(name) {
		name = "net-" + strings.NewReplacer(".", "-", ":", "-").Replace(ip.String())
	}
	return name
}

func (c *converter) taken(network string) bool {
	return slices.ContainsFunc(c.file.Addresses, func(a floatingyaml.Address) bool { return a.Network == network })
}

// put notes a node's VNIC in a network; two addresses on one VNIC are one network.
func (c *converter) put(call *call, network string, ip netip.Addr, vnic oci.VNICID) {
	vnics := c.file.Nodes[call.node]
	if vnics == nil {
		vnics = map[string]oci.VNICID{}
		c.file.Nodes[call.node] = vnics
	}
	if old, ok := vnics[network]; ok && old != vnic {
		c.say(call.line, "%s has two VNICs for %s, %s and %s", call.node, ip, old, vnic)
		return
	}
	vnics[network] = vnic
}

// credentials follows how the command line would authenticate: by default with root's own configuration.
func (c *converter) credentials(call *call) {
	auth := floatingyaml.Auth{Kind: "api_key", ConfigFile: "/root/.oci/config", Profile: call.prof}
	switch call.auth {
	case "", "api_key":
		if call.config != "" {
			auth.ConfigFile = strings.Replace(call.config, "~", "/root", 1)
		}
	case "instance_principal", "resource_principal":
		auth = floatingyaml.Auth{Kind: call.auth}
	default:
		c.say(call.line, "--auth %s has no counterpart; use instance_principal, api_key or resource_principal", call.auth)
	}
	if c.file.Auth != (floatingyaml.Auth{}) && c.file.Auth != auth {
		c.say(call.line, "this command authenticates in another way than those before it")
	}
	c.file.Auth = auth
}
