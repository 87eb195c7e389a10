// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/finding"
	"ocf-oci/internal/floating"
	"ocf-oci/internal/imds"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/readiness"
	"ocf-oci/internal/vipcheck"
)

// checkCloud asks the agent and the cloud what a start here would meet.
func checkCloud(ctx context.Context, c *cli.Context, node string, resources []cib.Primitive) []finding.Finding {
	var list []finding.Finding
	defer slow(c, "asking the agent, the metadata service and the API, 10 s at most")()
	metadata := vnicsHere(ctx)
	subnets := map[string]netip.Prefix{}
	for _, v := range metadata {
		subnets[v.ID] = v.SubnetCIDR
	}
	var nics []string
	var nets []vipcheck.Network
	inCloud := false
	for _, r := range askAll(ctx, readiness.Asker{Node: node, Env: commandline.Environ(c), Thorough: true}, resources) {
		inCloud = inCloud || r.Cloud == "oci"
		for _, f := range r.Problems {
			list = append(list, ofAgent(f, r, finding.Error))
		}
		for _, f := range r.Warnings {
			list = append(list, ofAgent(f, r, finding.Warning))
		}
		for _, t := range r.Targets {
			nics = append(nics, t.NIC)
			list = append(list, vipcheck.Subnets(r.Resource, t.IP, string(t.VNIC), subnets)...)
			if n, ok := network(t, metadata); ok && !slices.Contains(nets, n) {
				nets = append(nets, n)
			}
		}
	}
	list = append(list, vipcheck.Machine{Root: "/"}.Routing(nics)...)
	if routes, rules, err := vipcheck.ReadRouting(); err != nil {
		list = append(list, finding.Finding{ID: "kernel-unknown", Severity: finding.Warning, Text: err.Error(), Fix: "# run it again"})
	} else {
		list = append(list, vipcheck.PolicyRouting(nets, routes, rules)...)
		list = append(list, vipcheck.FloatingSource(nets, routes)...)
	}
	if inCloud {
		list = append(list, clock(ctx)...)
	}
	return list
}

// vnicsHere are this instance's VNICs; none where the metadata service does not answer, which the agent says.
func vnicsHere(ctx context.Context) []imds.VNIC {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	list, err := imds.New(imds.Options{}).VNICs(ctx)
	if err != nil {
		return nil
	}
	return list
}

// network completes a target with what the metadata say of its VNIC.
func network(t floating.Candidate, metadata []imds.VNIC) (vipcheck.Network, bool) {
	i := slices.IndexFunc(metadata, func(v imds.VNIC) bool { return v.ID == string(t.VNIC) })
	if i < 0 {
		return vipcheck.Network{}, false
	}
	v := metadata[i]
	n := vipcheck.Network{IP: t.IP, NIC: t.NIC, Primary: v.PrivateIP, Gateway: v.VirtualRouter}
	if t.IP.Is6() {
		n.Primary, n.Gateway = netip.Addr{}, v.IPv6Router
		for _, own := range v.IPv6 {
			if own != t.IP {
				n.Primary = own
				break
			}
		}
	}
	return n, true
}

// clock compares the clocks by the date of any answer of the API; one that does not answer is another finding.
func clock(ctx context.Context) []finding.Finding {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	info, err := imds.New(imds.Options{}).RegionInfo(ctx)
	if err != nil {
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://iaas."+info.Region+"."+info.RealmDomain+"/20160918/vnics", nil)
	if err != nil {
		return nil
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil
	}
	resp.Body.Close()
	there, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return nil
	}
	return vipcheck.Clock(time.Now(), there)
}

// filePath is an absolute path in a text.
var filePath = regexp.MustCompile(`/[A-Za-z0-9._/-]+[A-Za-z0-9_-]`)

// ofAgent is a finding of the agent's; its text ends with the remedy already.
func ofAgent(f floating.Finding, r readiness.Record, severity finding.Severity) finding.Finding {
	fix := "# see the end of the text"
	switch f.ID {
	case "not-authorized", "may-not-create":
		fix = "oci-vip policy   # prints what the compartment's policy must have; missing here: " + missing(f.Text)
	case "no-vnic":
		fix = "pcs resource update " + finding.Quote(r.Resource) + " vnic= nic=   # if these name what this node does not have; else attach a VNIC in the address's subnet"
	case "no-interface":
		fix = "pcs resource update " + finding.Quote(r.Resource) + " nic=   # the interface is found by the VNIC; if that has none, configure it"
	case "agent-missing":
		fix = "apt-get install ocf-oci || dnf install ocf-oci"
	case "credentials-unsafe":
		if file := filePath.FindString(f.Text); file != "" {
			fix = "chown root:root " + file + " && chmod 600 " + file
		}
	case "state-directory":
		fix = "rm -rf /run/ocf-oci   # it is made anew"
	case "declarative-file":
		fix = "oci-vip check /etc/ocf-oci/floating.yaml   # says line and column"
	case "not-authenticated":
		fix = "timedatectl   # is the clock right? Then 'oci-vip policy' for the dynamic group; with API keys look at key and fingerprint"
	case "cloud-out-of-time", "cloud-unknown":
		fix = "# from this node's primary address, without the floating address, iaas.REGION.oraclecloud.com:443 must answer: service gateway or NAT gateway, route rule, security list"
	case "no-instance-metadata":
		fix = "# http://169.254.169.254/opc/v2/ must answer on this node: look at 'ip route get 169.254.169.254' and at the packet filter"
	case "source-dest-check":
		var lines []string
		for _, t := range r.Targets {
			if strings.Contains(f.Text, string(t.VNIC)) {
				lines = append(lines, "oci network vnic update --vnic-id "+string(t.VNIC)+" --skip-source-dest-check true")
			}
		}
		fix = strings.Join(lines, " && ")
	}
	return finding.Finding{ID: f.ID, Severity: severity, Resource: r.Resource, Text: f.Text, Fix: fix}
}

// missing names the statement without which the service refuses an operation (Oracle's "Permissions Required for Each
// API Operation"); the operation stands in the error.
func missing(text string) string {
	for _, m := range [][2]string{
		{"GetVnic", "use vnics"}, {"CreatePrivateIp", "use subnets, or use private-ips (PRIVATE_IP_CREATE)"}, {"CreateIpv6", "use subnets, or manage ipv6s"},
		{"PrivateIp", "use private-ips, or use vnics (VNIC_ASSIGN, VNIC_UNASSIGN)"}, {"Ipv6", "use ipv6s, or use vnics (VNIC_ASSIGN, VNIC_UNASSIGN)"},
	} {
		if strings.Contains(text, m[0]+": ") || strings.Contains(text, m[0]+"s: ") {
			return m[1]
		}
	}
	return "see the text"
}
