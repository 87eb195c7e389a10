// SPDX-License-Identifier: Apache-2.0

// Package reach finds out which of many hosts answer, all at once: by ICMP echo, or by a TCP connection where a target
// is written tcp://host:port. Names are looked up in parallel with everything else.
package reach

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Target is one host to ask.
type Target struct {
	Text string     // as the administrator wrote it
	Name string     // host name to look up; empty if Addr is valid
	Addr netip.Addr // of an address literal, with its zone
	Port uint16     // TCP port; 0 asks by ICMP echo
}

// ParseTarget reads an IPv4 or IPv6 address (fe80::1%eth0 for link-local ones), a host name, or tcp://host:port, where
// an IPv6 address stands in brackets. A host name is any word: whether it exists is known when it is looked up.
func ParseTarget(text string) (Target, error) {
	t := Target{Text: text}
	host := text
	if rest, isTCP := strings.CutPrefix(text, "tcp://"); isTCP {
		h, port, err := net.SplitHostPort(rest)
		number, portErr := strconv.ParseUint(port, 10, 16)
		if err != nil || portErr != nil || number == 0 || h == "" {
			return t, fmt.Errorf("target %q: write tcp://host:port with a port from 1 to 65535, an IPv6 address in brackets", text)
		}
		host, t.Port = h, uint16(number)
	} else if scheme, _, other := strings.Cut(text, "://"); other {
		return t, fmt.Errorf("target %q: %s:// is not known, only tcp://host:port and plain hosts", text, scheme)
	}
	if host == "" {
		return t, fmt.Errorf("target %q names no host", text)
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		t.Addr = addr
	} else {
		t.Name = host
	}
	return t, nil
}
