// SPDX-License-Identifier: Apache-2.0

package ngcpconfig

import (
	"path/filepath"
	"regexp"
	"strings"
)

// pairRE splits a carrier's host name into its pair and the letter of the node.
var pairRE = regexp.MustCompile(`^([A-Za-z_-]*[A-Za-z_][0-9]+)[a-i]?$`)

// Pair is the name of the pair that a host belongs to: prx01 for prx01a, sp for sp1.
func Pair(host string) string {
	if host == "sp1" || host == "sp2" {
		return "sp"
	}
	if m := pairRE.FindStringSubmatch(host); m != nil {
		return m[1]
	}
	return host
}

// Type is the kind of system by /etc/default/ngcp-roles: spce, sppro, carrier; empty if it does not say.
func Type(roles []byte) string {
	for line := range strings.Lines(string(roles)) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "export ")
		if v, ok := strings.CutPrefix(line, "NGCP_TYPE="); ok {
			return strings.Trim(v, `"'`)
		}
	}
	return ""
}

// Layer is the file in which the settings of a host's pair belong: that of the pair on a carrier system, so that the
// rest of the cluster is not affected, else config.yml.
func Layer(dir, systemType, host string) string {
	if systemType == "carrier" {
		return filepath.Join(dir, "config."+Pair(host)+".yml")
	}
	return filepath.Join(dir, "config.yml")
}
