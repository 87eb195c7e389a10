// SPDX-License-Identifier: Apache-2.0

package heartbeatconvert

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// Address is a shared address with what stands behind it: ADDRESS[/BITS][/INTERFACE[:LABEL]][/BROADCAST]. The parts are
// told by their shape, as haresources2cib did.
type Address struct {
	IP        netip.Addr
	Bits      int    // -1: not given
	Interface string // empty: not given
	Label     string
	Broadcast string
}

// cardRE is the name of a network card, without an alias.
var cardRE = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._@-]{0,14}$`)

func parseAddress(text string) (Address, error) {
	parts := strings.Split(text, "/")
	a := Address{Bits: -1}
	ip, err := netip.ParseAddr(parts[0])
	if err != nil || ip.Zone() != "" {
		return a, fmt.Errorf("%q is no address", parts[0])
	}
	a.IP = ip
	for i, p := range parts[1:] {
		n, err := strconv.Atoi(p)
		dotted, derr := netip.ParseAddr(p)
		switch {
		case p == "":
			return a, fmt.Errorf("part %d of %q is empty", i+2, text)
		case err == nil && i == 0:
			if n < 1 || n > ip.BitLen() {
				return a, fmt.Errorf("%d is no prefix length of %s, which has %d bits", n, ip, ip.BitLen())
			}
			a.Bits = n
		case derr == nil && dotted.Is4() && ip.Is4():
			ones, size := net.IPMask(dotted.AsSlice()).Size()
			if i == 0 && size == 32 && ones > 0 {
				a.Bits = ones // 255.255.255.0 in place of 24
			} else if a.Broadcast == "" {
				a.Broadcast = dotted.String()
			} else {
				return a, fmt.Errorf("%q has two broadcast addresses, %s and %s", text, a.Broadcast, p)
			}
		case a.Interface == "":
			card, label, _ := strings.Cut(p, ":")
			if !cardRE.MatchString(card) {
				return a, fmt.Errorf("%q in %q is neither a prefix length, nor an interface, nor a broadcast address", p, text)
			}
			a.Interface, a.Label = card, label
		default:
			return a, fmt.Errorf("%q in %q is one part too many", p, text)
		}
	}
	return a, nil
}

// prefix is the beginning of the resource's name: p_vip_IFACE_v4, as the handbook has it.
func (a Address) prefix() string {
	name := "p_vip_"
	if a.Interface != "" {
		name += strings.NewReplacer(".", "_", "@", "_").Replace(a.Interface) + "_"
	}
	if a.IP.Is4() {
		return name + "v4"
	}
	return name + "v6"
}
