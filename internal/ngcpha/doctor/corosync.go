// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"bufio"
	"bytes"
	"strings"
)

// ParseCorosync reads what matters of a corosync.conf(5): sections in braces, and "key: value" in them.
func ParseCorosync(text []byte) Corosync {
	var c Corosync
	var path []string
	name, address := "", ""
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		line, _, _ := strings.Cut(strings.TrimSpace(lines.Text()), "#")
		line = strings.TrimSpace(line)
		key, value, isPair := strings.Cut(line, ":")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		switch {
		case strings.HasSuffix(line, "{"):
			path = append(path, strings.TrimSpace(strings.TrimSuffix(line, "{")))
			name, address = "", ""
		case line == "}":
			if strings.Join(path, ".") == "nodelist.node" {
				if name == "" {
					name = address // pacemaker then takes the name of the host
				}
				c.Nodes = append(c.Nodes, name)
			}
			path = path[:max(0, len(path)-1)]
		case !isPair:
		default:
			switch strings.Join(path, ".") + "." + key {
			case "totem.cluster_name":
				c.ClusterName = value
			case "quorum.two_node":
				c.TwoNode = value == "1"
			case "nodelist.node.name":
				name = value
			case "nodelist.node.ring0_addr":
				address = value
			}
		}
	}
	return c
}
