// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// resource is the seed's name for it.
const resource = "Cluster_VIP"

// version of pcs. Its command line changed between minor versions.
type version struct{ major, minor, patch int }

var versionRE = regexp.MustCompile(`^(\d+)\.(\d+)(?:\.(\d+))?`)

func parseVersion(s string) (version, error) {
	m := versionRE.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return version{}, fmt.Errorf("%q is no version of pcs", s)
	}
	var v version
	for i, into := range []*int{&v.major, &v.minor, &v.patch} {
		*into, _ = strconv.Atoi(m[i+1]) // digits, or empty for none
	}
	return v, nil
}

func (v version) atLeast(major, minor, patch int) bool {
	a, b := [3]int{v.major, v.minor, v.patch}, [3]int{major, minor, patch}
	for i := range a {
		if a[i] != b[i] {
			return a[i] > b[i]
		}
	}
	return true
}

// configuration are the lines of "ISV Implementation Details - Part 4A" in this version's spelling, with what a
// resource in a cloud needs besides: a failed start is forgotten after a minute, and a planned move is a live migration.
func (v version) configuration() []string {
	defaults := "pcs resource defaults update migration-threshold=1"
	if !v.atLeast(0, 10, 7) {
		defaults = "pcs resource defaults migration-threshold=1"
	}
	return []string{
		"pcs property set stonith-enabled=false",
		"pcs property set no-quorum-policy=ignore",
		"pcs property set cluster-recheck-interval=60s",
		defaults,
		"pcs resource create " + resource + " ocf:oci:IPaddr2 ip=10.0.0.100 cidr_netmask=28 companions=10.1.0.100/28@ens5" +
			" op monitor interval=20s meta allow-migrate=true failure-timeout=60s",
	}
}

// move are the lines that move the resource to a node and leave no constraint behind. pcs 0.11 and later takes
// its own away.
func (v version) move(node string) []string {
	lines := []string{"pcs resource move " + resource + " " + node}
	if !v.atLeast(0, 11, 0) {
		lines = append(lines, "pcs resource clear "+resource)
	}
	return lines
}

// watchClosely makes every monitor ask the cloud, every two seconds; watchAsBefore takes that back.
const (
	watchClosely  = "pcs resource update " + resource + " cloud_check=2s op monitor interval=2s"
	watchAsBefore = "pcs resource update " + resource + " cloud_check= op monitor interval=20s"
)

// fault is a part of the brown-out.
type fault struct {
	words string // of "ocf-lab fault set"
	lasts time.Duration
}

// brownout is what the region does to the cluster. A latency of 4 s is more than a monitor waits for the cloud.
var brownout = []fault{
	{"api status 429", 6 * time.Second},
	{"api status 500", 6 * time.Second},
	{"api latency 4s", 7 * time.Second},
}
