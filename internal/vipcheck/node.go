// SPDX-License-Identifier: Apache-2.0

package vipcheck

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ocf-oci/internal/finding"
)

// Machine is a node's file system.
type Machine struct {
	Root string // "/", or another tree in a test
}

// persistent are the files in which distributions keep addresses that they configure at boot.
var persistent = []string{
	"etc/sysconfig/network-scripts/ifcfg-*", // Red Hat, Oracle Linux up to 8
	"etc/NetworkManager/system-connections/*.nmconnection",
	"run/NetworkManager/system-connections/*.nmconnection",
	"etc/netplan/*.yaml",
	"etc/systemd/network/*.network", "etc/systemd/network/*.network.d/*.conf",
	"etc/network/interfaces", "etc/network/interfaces.d/*", // ifupdown
}

// Persistent finds floating addresses that this node configures by itself: after a boot it would carry what another
// node holds.
func (m Machine) Persistent(floats []netip.Addr) ([]finding.Finding, error) {
	var list []finding.Finding
	for _, pattern := range persistent {
		files, err := filepath.Glob(filepath.Join(m.Root, pattern))
		if err != nil {
			return nil, fmt.Errorf("looking for network configuration: %w", err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				continue // a folder, or gone
			}
			for i, line := range strings.Split(string(text), "\n") {
				for _, ip := range found(line, floats) {
					list = append(list, finding.Finding{ID: "persistent-address", Severity: finding.Error,
						Text: fmt.Sprintf("%s is configured in %s line %d: after a boot this node carries it although another holds it", ip, file, i+1),
						Fix:  fmt.Sprintf("sed -i '%ds/^/#/' %s", i+1, finding.Quote(file))})
				}
			}
		}
	}
	return list, nil
}

// found returns the addresses in a line that is no comment.
func found(line string, floats []netip.Addr) []netip.Addr {
	line = strings.TrimSpace(line)
	if strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") {
		return nil
	}
	var list []netip.Addr
	words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t=,;\"'[]{}/", r) })
	for _, w := range words {
		ip, err := netip.ParseAddr(strings.TrimPrefix(w, "-"))
		if err == nil && slices.Contains(floats, ip.Unmap()) && !slices.Contains(list, ip.Unmap()) {
			list = append(list, ip.Unmap())
		}
	}
	return list
}

// OCID finds the daemon of oci-utils that gives every secondary private IP of the VNICs to this node's interfaces.
func (m Machine) OCID() []finding.Finding {
	for _, unit := range []string{"ocid.service", "oci-network-config.service"} {
		enabled, _ := filepath.Glob(filepath.Join(m.Root, "etc/systemd/system/*.wants", unit))
		if len(enabled) > 0 {
			return []finding.Finding{{ID: "oci-utils", Severity: finding.Warning,
				Text: unit + " of oci-utils runs at boot and configures secondary addresses by itself, floating ones among them",
				Fix:  "systemctl disable --now " + unit}}
		}
	}
	return nil
}

// Routing looks at the kernel's switches for a node that forwards; nics are the interfaces of the addresses.
func (m Machine) Routing(nics []string) []finding.Finding {
	value := func(name string) string {
		b, err := os.ReadFile(filepath.Join(m.Root, "proc/sys/net/ipv4", name))
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(b))
	}
	nics = slices.Compact(slices.Sorted(slices.Values(nics)))
	if len(nics) < 2 {
		return nil // no router
	}
	var list []finding.Finding
	if value("ip_forward") == "0" {
		list = append(list, finding.Finding{ID: "no-forwarding", Severity: finding.Warning,
			Text: "the addresses are in several networks, but this node forwards no packets between them",
			Fix:  "sysctl -w net.ipv4.ip_forward=1 && echo net.ipv4.ip_forward=1 >/etc/sysctl.d/90-ocf-oci.conf"})
	}
	all := value("conf/all/rp_filter")
	for _, nic := range nics {
		// The stricter of "all" and the interface's own counts (ip-sysctl.rst).
		if own := value("conf/" + nic + "/rp_filter"); max(all, own) == "1" {
			list = append(list, finding.Finding{ID: "strict-rp-filter", Severity: finding.Warning,
				Text: "the kernel drops packets that come in on " + nic + " but whose answers leave elsewhere (rp_filter=1): with several VNICs that hits routed traffic",
				Fix:  fmt.Sprintf("sysctl -w net.ipv4.conf.%s.rp_filter=2", nic)})
		}
	}
	return list
}
