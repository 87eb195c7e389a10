// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"ocf-oci/internal/floating"
	"ocf-oci/internal/floatingyaml"
	"ocf-oci/internal/ocf"
	"ocf-oci/internal/oci"
)

// config is the resource's definition with its values understood.
type config struct {
	resource   string
	addresses  []wanted // ip first, then the companions
	nic        string
	cloud      string // auto, oci or none, as given
	hinted     bool   // a parameter speaks of OCI
	vnic       string // for this node
	access     floating.Access
	keyFile    string // oci_config_file and oci_profile, whether or not auth needs them
	profile    string
	file       string          // the declarative file
	fileGiven  bool            // by parameter
	set        map[string]bool // parameters about the cloud that are set
	allowFrom  []oci.VNICID    // empty: the address may be taken from any
	detach     bool            // release=detach
	cloudCheck time.Duration
	settle     time.Duration
	options    options

	problems []problem
	notes    []string // what was given but cannot apply
}

// wanted is an address as the definition asks for it.
type wanted struct {
	IP   netip.Addr
	Bits int    // 0: to be found out
	NIC  string // empty: to be found out
}

// problem is a parameter that is wrong on every node.
type problem struct{ result ocf.Result }

// read understands the parameters. What cannot be understood becomes a problem and leaves the default in place, so
// that monitor and stop do their work whatever else is wrong.
func read(r *ocf.Request) *config {
	c := &config{resource: r.Instance, cloud: r.Get("cloud")}
	c.nic, c.options.label = nicAndLabel(r.Get("nic"), r.Get("iflabel"))
	c.access = floating.Access{Auth: r.Get("auth"), Region: r.Get("region"), Endpoint: r.Get("endpoint")}
	c.keyFile, c.profile = r.Get("oci_config_file"), r.Get("oci_profile")
	if c.access.Auth == "api_key" {
		c.access.ConfigFile, c.access.Profile = c.keyFile, c.profile
	}
	c.set = map[string]bool{}
	for _, name := range []string{"vnic", "config", "auth", "oci_config_file", "oci_profile", "region", "endpoint"} {
		if v, set := r.Lookup(name); set && v != "" {
			c.hinted, c.set[name] = true, true
		}
	}
	c.file, c.fileGiven = r.Get("config"), c.set["config"]
	c.readAddresses(r)
	c.readChoices(r)
	c.readOptions(r)
	return c
}

func (c *config) readAddresses(r *ocf.Request) {
	nic := c.nic
	bits := 0
	text := r.Get("ip")
	ip, err := parseIP(text)
	if err == nil && ocf.IsTrue(r.Get("unique_clone_address")) {
		ip, err = cloneAddress(ip, r)
	}
	switch {
	case text == "":
		c.problems = append(c.problems, problem{reasonNoIP.Result(ocf.ErrConfigured)})
	case err != nil:
		c.bad("ip", text, err)
	default:
		if ip.IsLinkLocalUnicast() && ip.Is6() && nic == "" {
			c.bad("ip", text, errors.New("is a link-local address, which needs nic"))
		}
		bits = c.readPrefix(r, ip)
		c.addresses = append(c.addresses, wanted{IP: ip, Bits: bits, NIC: nic})
	}
	for _, item := range strings.FieldsFunc(r.Get("companions"), func(r rune) bool { return r == ' ' || r == ',' || r == '\t' || r == '\n' }) {
		w, err := parseCompanion(item)
		if err == nil {
			for _, other := range c.addresses {
				if other.IP == w.IP {
					err = fmt.Errorf("%s is there twice", w.IP)
				}
			}
		}
		if err != nil {
			c.bad("companions", item, err)
			continue
		}
		c.addresses = append(c.addresses, w)
	}
}

// parseIP accepts one unicast address without a zone.
func parseIP(s string) (netip.Addr, error) {
	ip, err := netip.ParseAddr(s)
	switch {
	case err != nil:
		return ip, fmt.Errorf("is not an IPv4 or IPv6 address")
	case ip.Zone() != "":
		return ip, fmt.Errorf("has a zone; give the interface as nic")
	case ip.IsUnspecified() || ip.IsMulticast():
		return ip, fmt.Errorf("is not an address that a host can have")
	}
	return ip.Unmap(), nil
}

// parseCompanion reads ADDRESS[/PREFIX][@NIC].
func parseCompanion(item string) (wanted, error) {
	var w wanted
	rest, nic, _ := strings.Cut(item, "@")
	addr, bits, hasBits := strings.Cut(rest, "/")
	ip, err := parseIP(addr)
	if err != nil {
		return w, fmt.Errorf("%s %w", addr, err)
	}
	w = wanted{IP: ip, NIC: nic}
	if hasBits {
		if w.Bits, err = parseBits(bits, ip); err != nil {
			return w, err
		}
	}
	return w, nil
}

// readPrefix reads cidr_netmask or its old name.
func (c *config) readPrefix(r *ocf.Request, ip netip.Addr) int {
	for _, name := range []string{"cidr_netmask", "netmask"} {
		if text := r.Get(name); text != "" {
			bits, err := parseBits(text, ip)
			if err != nil {
				c.bad(name, text, err)
			}
			return bits
		}
	}
	return 0
}

// parseBits reads a prefix length or an IPv4 netmask.
func parseBits(s string, ip netip.Addr) (int, error) {
	limit := ip.BitLen()
	if n, err := strconv.Atoi(s); err == nil {
		if n < 1 || n > limit {
			return 0, fmt.Errorf("prefix length must be 1 to %d", limit)
		}
		return n, nil
	}
	mask, err := netip.ParseAddr(s)
	if err != nil || !mask.Is4() || !ip.Is4() {
		return 0, fmt.Errorf("is neither a prefix length of 1 to %d nor an IPv4 netmask", limit)
	}
	b := mask.As4()
	bits := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	n := 0
	for bits&(1<<31) != 0 {
		n, bits = n+1, bits<<1
	}
	if bits != 0 || n == 0 {
		return 0, fmt.Errorf("is not a netmask: its ones must come first")
	}
	return n, nil
}

func (c *config) readChoices(r *ocf.Request) {
	oneOf := func(name, value string, allowed ...string) {
		for _, a := range allowed {
			if value == a {
				return
			}
		}
		c.bad(name, value, fmt.Errorf("must be one of %s", strings.Join(allowed, ", ")))
	}
	oneOf("cloud", c.cloud, "auto", "oci", "none")
	oneOf("auth", c.access.Auth, "instance_principal", "api_key", "resource_principal")
	duration := func(name string, into *time.Duration) {
		if r.Get(name) == "" { // set, but to nothing: the default
			return
		}
		d, err := ocf.ParseDuration(r.Get(name))
		if err != nil || d < 0 {
			c.bad(name, r.Get(name), fmt.Errorf("is not a duration such as 60s"))
			return
		}
		*into = d
	}
	oneOf("release", r.Get("release"), "keep", "detach")
	c.detach = r.Get("release") == "detach"
	for _, id := range strings.FieldsFunc(r.Get("allow_from"), func(r rune) bool { return r == ' ' || r == ',' || r == ';' }) {
		if err := floatingyaml.CheckVNIC(id); err != nil {
			c.bad("allow_from", id, err)
			continue
		}
		c.allowFrom = append(c.allowFrom, oci.VNICID(id))
	}
	c.cloudCheck, c.settle = 60*time.Second, 3*time.Second
	duration("cloud_check", &c.cloudCheck)
	duration("settle", &c.settle)
	if text := r.Get("vnic"); text != "" {
		vnic, err := vnicFor(text, nodeName(r))
		if err != nil {
			c.bad("vnic", text, err)
		}
		c.vnic = vnic
	}
}

// vnicFor reads an OCID, or this node's from a map "node:ocid;node:ocid". A node that the map leaves out gets none:
// that is discovered, not an error, since the map is the same on every node.
func vnicFor(text, node string) (string, error) {
	if !strings.Contains(text, ":") {
		return text, checkOCID(text)
	}
	mine := ""
	for _, item := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == ' ' || r == ',' }) {
		name, ocid, ok := strings.Cut(item, ":")
		if !ok {
			return "", fmt.Errorf("%q is not NODE:OCID", item)
		}
		if err := checkOCID(ocid); err != nil {
			return "", err
		}
		if name == node {
			mine = ocid
		}
	}
	return mine, nil
}

// checkOCID accepts ocid1.vnic.REALM.[REGION][.FUTURE].UNIQUE (OCI: "Resource Identifiers").
func checkOCID(s string) error {
	if !strings.HasPrefix(s, "ocid1.vnic.") || strings.Count(s, ".") < 4 || strings.HasSuffix(s, ".") {
		return fmt.Errorf("%q is not the OCID of a VNIC (ocid1.vnic....)", s)
	}
	return nil
}

// nodeName is the cluster's name of this node.
func nodeName(r *ocf.Request) string {
	if n := r.Meta("on_node"); n != "" {
		return n
	}
	host, err := os.Hostname()
	if err != nil {
		return ""
	}
	return host
}

func (c *config) bad(name, value string, err error) {
	c.problems = append(c.problems, problem{reasonBadParameter.Result(ocf.ErrConfigured, name, value, err.Error())})
}

// definition identifies what the resolution on this node depends on.
func (c *config) definition() string {
	return fmt.Sprintf("%v|%s|%s|%v|%s|%s", c.addresses, c.nic, c.vnic, c.access, c.options.routes, c.file)
}
