// SPDX-License-Identifier: Apache-2.0

package fabric

import (
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// Cut pulls the cables of a machine: its ports go down, and its own devices lose the carrier. The machine keeps
// its addresses.
func (f *Fabric) Cut(host string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	ports := f.hostPorts(host)
	if len(ports) == 0 {
		return fmt.Errorf("cut %s: no such host; hosts are %s", host, strings.Join(f.hosts(), ", "))
	}
	f.down[host] = true
	var errs []error
	for _, p := range ports {
		if p.index == 0 {
			continue
		}
		l, err := f.nl.LinkByIndex(p.index)
		if err == nil {
			// The kernel drops the port's routes with it; what they covered falls to the sink.
			err = f.nl.LinkSetDown(l)
		}
		if err != nil && !gone(err) {
			errs = append(errs, fmt.Errorf("cut %s: set %s down: %w", host, p.name, err))
		}
	}
	return errors.Join(errs...)
}

// Join plugs the cables of a machine in again.
func (f *Fabric) Join(host string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	ports := f.hostPorts(host)
	if len(ports) == 0 {
		return fmt.Errorf("join %s: no such host; hosts are %s", host, strings.Join(f.hosts(), ", "))
	}
	delete(f.down, host)
	for _, p := range ports {
		if p.index == 0 {
			continue
		}
		if err := f.portUp(p, f.subnets[p.Subnet]); err != nil {
			return fmt.Errorf("join %s: %w", host, err)
		}
	}
	for _, p := range ports { // once all are up: an IPv6 address concerns every port
		if p.index == 0 || f.bridge {
			continue
		}
		if err := f.programPort(p); err != nil {
			return fmt.Errorf("join %s: %w", host, err)
		}
	}
	return nil
}

// IsCut tells whether the machine's cables are pulled.
func (f *Fabric) IsCut(host string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.down[host]
}

// Partition drops everything between the primary addresses of the machines in a and those in b (in a bridged
// fabric: every frame between their ports). Services and other hosts stay reachable from both. It adds to
// partitions made before.
func (f *Fabric) Partition(a, b []string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, host := range append(append([]string(nil), a...), b...) {
		if len(f.hostPorts(host)) == 0 {
			return fmt.Errorf("partition: no host %q; hosts are %s", host, strings.Join(f.hosts(), ", "))
		}
	}
	var v4, v6, ports []string
	both := func(to *[]string, x, y string) { *to = append(*to, x+" . "+y, y+" . "+x) }
	for _, pa := range f.portsOf(a) {
		for _, pb := range f.portsOf(b) {
			both(&ports, strconv.Quote(pa.name), strconv.Quote(pb.name))
			for _, x := range pa.Primary {
				for _, y := range pb.Primary {
					switch {
					case x.Addr().Is4() && y.Addr().Is4():
						both(&v4, x.Addr().String(), y.Addr().String())
					case x.Addr().Is6() && y.Addr().Is6():
						both(&v6, x.Addr().String(), y.Addr().String())
					}
				}
			}
		}
	}
	script := elements("inet fabric parted4", v4) + elements("inet fabric parted6", v6)
	if f.bridge {
		script += elements("bridge fabric parted", ports)
	}
	if err := f.nft(script); err != nil {
		return fmt.Errorf("partition %v from %v: %w", a, b, err)
	}
	f.parted = append(f.parted, [2][]string{a, b})
	return nil
}

// Heal ends all partitions.
func (f *Fabric) Heal() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	script := "flush set inet fabric parted4\nflush set inet fabric parted6\n"
	if f.bridge {
		script += "flush set bridge fabric parted\n"
	}
	if err := f.nft(script); err != nil {
		return fmt.Errorf("heal: %w", err)
	}
	f.parted = nil
	return nil
}

// Partitions returns the pairs of host sets that are parted now.
func (f *Fabric) Partitions() [][2][]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([][2][]string(nil), f.parted...)
}

func (f *Fabric) portsOf(hosts []string) []*port {
	var ps []*port
	for _, h := range hosts {
		ps = append(ps, f.hostPorts(h)...)
	}
	return ps
}

func (f *Fabric) hosts() []string {
	seen := map[string]bool{}
	var hs []string
	for _, p := range f.ports {
		if !seen[p.Host] {
			seen[p.Host] = true
			hs = append(hs, p.Host)
		}
	}
	sort.Strings(hs)
	return hs
}
