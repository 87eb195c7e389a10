// SPDX-License-Identifier: Apache-2.0

package fabric

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"os/exec"
	"sort"
	"strconv"
	"strings"
)

// ruleset is what a fabric starts with. Chains hold the rules that never change; sets hold what does.
//
// checked: a packet whose source address is not routed back to the port it came in on is not from an address of
// that VNIC. The solicitation of duplicate address detection (from ::) is not answered: IPv4's is not either.
const ruleset = `
table inet fabric {
	set checked { type ifname; }
	set parted4 { type ipv4_addr . ipv4_addr; }
	set parted6 { type ipv6_addr . ipv6_addr; }
	chain prerouting {
		type filter hook prerouting priority raw
		iifname @checked meta nfproto ipv4 fib saddr . iif oif missing counter drop
		iifname @checked ip6 saddr != { ::, fe80::/10 } fib saddr . iif oif missing counter drop
		ip6 saddr :: icmpv6 type nd-neighbor-solicit drop
	}
	chain forward {
		type filter hook forward priority filter
		oifname "sink" counter drop
		ip saddr . ip daddr @parted4 counter drop
		ip6 saddr . ip6 daddr @parted6 counter drop
	}
	chain output {
		type filter hook output priority filter
		oifname "sink" counter drop
	}
	chain refuse { }
	chain input {
		type filter hook input priority filter
		jump refuse
	}
}
`

// bridgeRuleset is added to bridged fabrics.
const bridgeRuleset = `
table bridge fabric {
	set parted { type ifname . ifname; }
	chain forward {
		type filter hook forward priority filter
		iifname . oifname @parted counter drop
	}
}
`

func (f *Fabric) loadRuleset() error {
	script := ruleset
	if f.bridge {
		script += bridgeRuleset
	}
	return f.nft(script)
}

// nft runs one transaction: all of the script or nothing.
func (f *Fabric) nft(script string) error {
	_, err := f.runNft(script, "-f", "-")
	return err
}

func (f *Fabric) runNft(stdin string, args ...string) ([]byte, error) {
	var out []byte
	err := Inside(f.path, func() error {
		var stderr bytes.Buffer
		cmd := exec.Command("nft", args...)
		cmd.Stdin, cmd.Stderr = strings.NewReader(stdin), &stderr
		var err error
		if out, err = cmd.Output(); err != nil {
			return fmt.Errorf("nft %s in %s (package nftables is needed): %w: %s", strings.Join(args, " "), f.name, err, firstLine(stderr.String()))
		}
		return nil
	})
	return out, err
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}

// SetSourceDestCheck switches the source/destination check of a VNIC, which need not be attached now.
func (f *Fabric) SetSourceDestCheck(vnic string, check bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, ok := f.ports[vnic]
	if !ok {
		return fmt.Errorf("source/destination check of VNIC %s: no such VNIC; AddVNIC first", vnic)
	}
	if f.bridge {
		return fmt.Errorf("source/destination check of VNIC %s: this fabric is bridged", vnic)
	}
	if p.SourceDestCheck == check {
		return nil
	}
	p.SourceDestCheck = check
	if err := f.programSourceCheck(); err != nil {
		return err
	}
	for _, sn := range f.subnets {
		for _, r := range sn.rules {
			if f.owners[r.NextHop] == vnic {
				if err := f.programRule(sn, r); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (f *Fabric) programSourceCheck() error {
	var names []string
	for _, p := range f.ports {
		if p.SourceDestCheck {
			names = append(names, strconv.Quote(p.name))
		}
	}
	return f.nft("flush set inet fabric checked\n" + elements("inet fabric checked", names))
}

// elements is the nft command that adds elements to a set; nothing for no elements.
func elements(set string, e []string) string {
	if len(e) == 0 {
		return ""
	}
	sort.Strings(e)
	return fmt.Sprintf("add element %s { %s }\n", set, strings.Join(e, ", "))
}

// refusal is a service that refuses connections.
type refusal struct {
	service  netip.AddrPort
	sources  []netip.Addr
	everyone bool
}

// hitSet names the set that counts refused connection attempts by source.
func (r refusal) hitSet() string {
	return "hits_" + strings.NewReplacer(".", "_", ":", "_", "[", "", "]", "").Replace(r.service.String())
}

// Refuse answers connections to service (an address of Options.Services and a TCP port) with a reset, as if
// nobody listened: those from sources, or all with everyone. Without either the service is open again. It
// replaces what was refused before; the counts of Refused start at zero when a service is first refused.
func (f *Fabric) Refuse(service netip.AddrPort, sources []netip.Addr, everyone bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := refusal{service: service, sources: sources, everyone: everyone}
	if len(sources) == 0 && !everyone {
		delete(f.refusals, service.String())
	} else {
		f.refusals[service.String()] = r
	}
	var b strings.Builder
	b.WriteString("flush chain inet fabric refuse\n")
	for _, r := range f.refusals {
		fmt.Fprintf(&b, "add set inet fabric %s { type %s; flags dynamic; size 1024; counter; }\n", r.hitSet(), nftType(r.service.Addr()))
		for _, match := range r.matches() {
			fmt.Fprintf(&b, "add rule inet fabric refuse %s tcp flags & (syn | ack) == syn add @%s { %s saddr }\n", match, r.hitSet(), nftFamily(r.service.Addr()))
			fmt.Fprintf(&b, "add rule inet fabric refuse %s meta l4proto tcp reject with tcp reset\n", match)
		}
	}
	if err := f.nft(b.String()); err != nil {
		return fmt.Errorf("refuse connections to %s: %w", service, err)
	}
	return nil
}

func (r refusal) matches() []string {
	family := nftFamily(r.service.Addr())
	to := fmt.Sprintf("%s daddr %s tcp dport %d", family, r.service.Addr(), r.service.Port())
	if r.everyone {
		return []string{to}
	}
	var m []string
	for _, s := range r.sources {
		if s.Is4() == r.service.Addr().Is4() {
			m = append(m, fmt.Sprintf("%s saddr %s %s", family, s, to))
		}
	}
	return m
}

// Refused returns how many connection attempts (SYN packets) to the service were refused since it was first
// refused in this fabric, by source address.
func (f *Fabric) Refused(service netip.AddrPort) (map[netip.Addr]uint64, error) {
	r := refusal{service: service}
	out, err := f.runNft("", "-j", "list", "set", "inet", "fabric", r.hitSet())
	if err != nil {
		return nil, fmt.Errorf("count refused connections to %s: %w", service, err)
	}
	var list struct {
		Nftables []struct {
			Set *struct {
				Elem []struct {
					Elem struct {
						Val     netip.Addr `json:"val"`
						Counter struct {
							Packets uint64 `json:"packets"`
						} `json:"counter"`
					} `json:"elem"`
				} `json:"elem"`
			} `json:"set"`
		} `json:"nftables"`
	}
	if err := json.Unmarshal(out, &list); err != nil {
		return nil, fmt.Errorf("count refused connections to %s: read nft's answer: %w", service, err)
	}
	hits := map[netip.Addr]uint64{}
	for _, n := range list.Nftables {
		if n.Set == nil {
			continue
		}
		for _, e := range n.Set.Elem {
			hits[e.Elem.Val] += e.Elem.Counter.Packets
		}
	}
	return hits, nil
}

func nftFamily(a netip.Addr) string {
	if a.Is4() {
		return "ip"
	}
	return "ip6"
}

func nftType(a netip.Addr) string {
	if a.Is4() {
		return "ipv4_addr"
	}
	return "ipv6_addr"
}
