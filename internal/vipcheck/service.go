// SPDX-License-Identifier: Apache-2.0

package vipcheck

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"ocf-oci/internal/finding"
)

// Clock compares this machine's time with the service's: above five minutes every request is refused with 401 (OCI,
// "Request Signatures").
func Clock(here, there time.Time) []finding.Finding {
	skew := here.Sub(there).Round(time.Second)
	if skew.Abs() < 30*time.Second {
		return nil
	}
	f := finding.Finding{ID: "clock", Severity: finding.Warning, Fix: "timedatectl set-ntp true && { chronyc -a makestep || systemctl restart systemd-timesyncd; }"}
	word := "ahead of"
	if skew < 0 {
		word = "behind"
	}
	f.Text = fmt.Sprintf("this machine's clock is %s %s the service's", skew.Abs(), word)
	if skew.Abs() >= 4*time.Minute {
		f.Severity = finding.Error
		f.Text += ": from five minutes on every request is refused"
	} else {
		f.Text += ": from five minutes on every request would be refused"
	}
	return []finding.Finding{f}
}

// environments are where pacemaker's environment, which the agents inherit, is configured.
var environments = []string{"etc/sysconfig/pacemaker", "etc/default/pacemaker", "etc/systemd/system/pacemaker.service.d/*.conf"}

var setting = regexp.MustCompile(`(?i)^\s*(?:export\s+)?(?:Environment=\s*)?["']?(https_proxy|all_proxy|no_proxy)=["']?([^"'\s]*)`)

// Proxy finds a proxy in pacemaker's environment that requests to the API would go through.
func (m Machine) Proxy() []finding.Finding {
	var file, proxy, except string
	for _, pattern := range environments {
		files, _ := filepath.Glob(filepath.Join(m.Root, pattern))
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				continue
			}
			for line := range strings.Lines(string(text)) {
				s := setting.FindStringSubmatch(line)
				switch {
				case s == nil:
				case strings.EqualFold(s[1], "no_proxy"):
					except = s[2]
				case s[2] != "":
					file, proxy = name, s[2]
				}
			}
		}
	}
	if proxy == "" || except == "*" || strings.Contains(except, "oraclecloud") {
		return nil
	}
	words := ".oraclecloud.com,169.254.169.254"
	if except != "" {
		words = except + "," + words
	}
	fix := fmt.Sprintf("printf '%%s\\n' NO_PROXY=%s >>%s", finding.Quote(words), finding.Quote(file))
	if strings.HasSuffix(file, ".conf") {
		fix = fmt.Sprintf("printf '%%s\\n' '[Service]' 'Environment=NO_PROXY=%s' >>%s && systemctl daemon-reload", words, finding.Quote(file))
	}
	return []finding.Finding{{ID: "proxy", Severity: finding.Warning,
		Text: fmt.Sprintf("requests to the API go through the proxy %s (%s): without it no failover succeeds. If the API can be reached without, except it; pacemaker knows of it after its next start", proxy, file),
		Fix:  fix}}
}

// Subnets finds addresses that are not in the subnet of the VNIC they are for: a private IP never leaves its subnet.
// within maps VNICs to their IPv4 subnets.
func Subnets(resource string, ip netip.Addr, vnic string, within map[string]netip.Prefix) []finding.Finding {
	subnet, known := within[vnic]
	if !known || !subnet.IsValid() || !ip.Is4() || subnet.Contains(ip) {
		return nil
	}
	for id, other := range within {
		if other.IsValid() && other.Contains(ip) {
			return []finding.Finding{{ID: "wrong-subnet", Severity: finding.Error, Resource: resource,
				Text: fmt.Sprintf("%s cannot be on VNIC %s, whose subnet is %s; it is in that of VNIC %s. With one VNIC for every node, or none, the right one is found", ip, vnic, subnet, id),
				Fix:  fmt.Sprintf("pcs resource update %s vnic=", finding.Quote(resource))}}
		}
	}
	return []finding.Finding{{ID: "wrong-subnet", Severity: finding.Error, Resource: resource,
		Text: fmt.Sprintf("%s is in no subnet of this node's VNICs", ip), Fix: "# attach a VNIC in the address's subnet, or correct the address"}}
}
