// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"ocf-oci/lab/cluster"
	"ocf-oci/lab/fabric"
	"ocf-oci/lab/region/control"
)

// Schema is the version of every JSON document of the lab; schema/lab.schema.json describes them.
const Schema = 1

// Status is a lab at a glance.
type Status struct {
	Schema   int       `json:"schema"`
	Lab      string    `json:"lab"`
	Scenario Scenario  `json:"scenario"`
	Time     time.Time `json:"time"`
	// Nodes are the cluster nodes, then the hosts.
	Nodes []NodeStatus `json:"nodes"`
	// Addresses are the floating addresses, each with its four views.
	Addresses []AddressStatus `json:"addresses"`
	// Agree says that the views agree on every address that pacemaker manages.
	Agree      bool          `json:"agree"`
	Partitions [][2][]string `json:"partitions"`
	// Region is missing where there is no cloud.
	Region *control.Status `json:"region,omitempty"`
}

// NodeStatus is one machine.
type NodeStatus struct {
	Name string `json:"name"`
	Host bool   `json:"host"`  // not a cluster node
	Up   string `json:"state"` // down, up or frozen
	PID  int    `json:"pid"`   // process 1 as the lab's machine sees it; 0: down, or a host
	Cut  bool   `json:"cut"`
	// OS are the addresses that the machine's kernel carries, without loopback and link-local ones.
	OS []OSAddress `json:"os"`
	// Pacemaker is what this node thinks of the cluster; empty where pacemaker does not run.
	Pacemaker PacemakerView `json:"pacemaker"`
}

// OSAddress is an address on a device.
type OSAddress struct {
	Device  string       `json:"device"`
	Address netip.Prefix `json:"address"`
}

// PacemakerView is the cluster in the eyes of one node.
type PacemakerView struct {
	Running   bool       `json:"running"`
	DC        string     `json:"dc"`
	Quorum    bool       `json:"quorum"`
	Online    []string   `json:"online"`
	Resources []Resource `json:"resources"`
}

// Resource is an address resource: a primitive with the parameter ip.
type Resource struct {
	ID        string       `json:"id"`
	Agent     string       `json:"agent"`
	Addresses []netip.Addr `json:"addresses"` // ip and companions
	Role      string       `json:"role"`
	Nodes     []string     `json:"nodes"` // where it is active
	Failed    bool         `json:"failed"`
	Pending   bool         `json:"pending"` // it is being started, stopped or migrated
	Obstacle  string       `json:"-"`       // why it is stopped; empty where it is not, or nobody knows
}

// AddressStatus is a floating address in four views. A node's name is empty where nobody holds it.
type AddressStatus struct {
	Address netip.Addr `json:"address"`
	// Region is the holder in the cloud's books; "" without cloud.
	Region string `json:"region"`
	// Fabric is where a packet is delivered now.
	Fabric string `json:"fabric"`
	// OS are the machines whose kernel carries the address.
	OS []string `json:"os"`
	// Pacemaker is where the resource with this address is active, in the eyes of the nodes that are up and reachable.
	Pacemaker []string `json:"pacemaker"`
	// Managed says that some resource has this address.
	Managed bool `json:"managed"`
	// Agree: exactly one holder, the same in all views. Machines that are cut or frozen keep their addresses and
	// their opinion; they are not asked until they are back.
	Agree bool `json:"agree"`
	// Verdict is that in words, with the reason where one is known: "stopped: no fencing device and ...".
	Verdict string `json:"verdict"`
}

// Hop is where the network delivers an address's packets; empty for nobody.
type Hop struct {
	Node   string `json:"node"`
	Device string `json:"device"`
	VNIC   string `json:"vnic"`
}

// status asks everybody at once; without pacemaker it starts no process and takes a few milliseconds.
func (d *daemon) status(ctx context.Context, pacemaker bool) (Status, error) {
	s := Status{
		Schema: Schema, Lab: d.state.Options.Name, Scenario: d.state.Options.Scenario, Time: time.Now(),
		Addresses: []AddressStatus{}, Partitions: d.fabric.Partitions(),
	}
	if s.Partitions == nil {
		s.Partitions = [][2][]string{}
	}
	var wg sync.WaitGroup
	s.Nodes = make([]NodeStatus, len(d.topo.machines()))
	for i, m := range d.topo.machines() {
		wg.Go(func() { s.Nodes[i] = d.nodeStatus(ctx, m.Name, pacemaker) })
	}
	wg.Wait()
	if d.region != nil {
		r := d.region.Status()
		s.Region = &r
	}
	for _, ip := range d.floating(s) {
		hop, err := d.fabric.NextHop(ip)
		if err != nil {
			return s, err
		}
		s.Addresses = append(s.Addresses, s.views(ip, hop.Host))
	}
	s.Agree = !slices.ContainsFunc(s.Addresses, func(a AddressStatus) bool { return a.Managed && !a.Agree })
	return s, nil
}

// answerLimit is how long a node's pacemaker may take to answer; it needs a fraction of a second, but for a busy machine.
const answerLimit = 10 * time.Second

// nodeStatus asks one machine. What does not answer within answerLimit is taken as not running.
func (d *daemon) nodeStatus(ctx context.Context, name string, pacemaker bool) NodeStatus {
	s := NodeStatus{Name: name, Cut: d.fabric.IsCut(name), Up: cluster.Up.String(), OS: []OSAddress{}}
	s.Pacemaker = PacemakerView{Online: []string{}, Resources: []Resource{}}
	n := d.cluster.Node(name)
	s.Host = n == nil
	if n != nil {
		s.Up, s.PID = n.State().String(), n.PID()
	}
	if path := d.namespace(name); s.Up != cluster.Down.String() && exists(path) {
		addresses, err := fabric.Addresses(path)
		if err != nil {
			// The machine may have gone this moment.
			d.log.Warn("read addresses", "machine", name, "error", err)
		}
		for _, a := range addresses {
			s.OS = append(s.OS, OSAddress{a.Device, a.Prefix})
		}
	}
	if pacemaker && n != nil && s.Up == cluster.Up.String() {
		ctx, cancel := context.WithTimeout(ctx, answerLimit)
		defer cancel()
		if view, err := pacemakerView(ctx, n); err == nil {
			s.Pacemaker = view
		}
	}
	return s
}

// floating are the addresses of the scenario, of the region (secondary ones) and of pacemaker's resources.
func (d *daemon) floating(s Status) []netip.Addr {
	seen := map[netip.Addr]bool{}
	for _, f := range d.topo.Floating {
		seen[f.IP] = true
	}
	if s.Region != nil {
		for _, o := range s.Region.Owners {
			if !o.Primary && !d.topo.primary(o.Address) {
				seen[o.Address] = true
			}
		}
	}
	for _, n := range s.Nodes {
		for _, r := range n.Pacemaker.Resources {
			for _, a := range r.Addresses {
				seen[a] = true
			}
		}
	}
	var list []netip.Addr
	for a := range seen {
		list = append(list, a)
	}
	slices.SortFunc(list, netip.Addr.Compare)
	return list
}

// primary tells whether the address is a machine's own.
func (t Topology) primary(ip netip.Addr) bool {
	for _, m := range t.machines() {
		for _, c := range m.Cards {
			if c.IP == ip || c.IPv6 == ip {
				return true
			}
		}
	}
	return false
}

// views gathers what everybody says about an address; hop is the network's answer.
func (s Status) views(ip netip.Addr, hop string) AddressStatus {
	a := AddressStatus{Address: ip, Fabric: hop, OS: []string{}, Pacemaker: []string{}}
	if s.Region != nil {
		for _, o := range s.Region.Owners {
			if o.Address == ip {
				a.Region = o.Node
			}
		}
	}
	var holders []string // of the OS view, without the unreachable
	for _, n := range s.Nodes {
		reachable := n.reachable()
		if slices.ContainsFunc(n.OS, func(o OSAddress) bool { return o.Address.Addr() == ip }) {
			a.OS = append(a.OS, n.Name)
			if reachable {
				holders = append(holders, n.Name)
			}
		}
		for _, r := range n.Pacemaker.Resources {
			if !slices.Contains(r.Addresses, ip) {
				continue
			}
			a.Managed = true
			for _, node := range r.Nodes {
				if reachable && !slices.Contains(a.Pacemaker, node) {
					a.Pacemaker = append(a.Pacemaker, node)
				}
			}
		}
	}
	a.Agree = agree(a, holders, s.Region != nil)
	a.Verdict = s.verdict(a, holders)
	return a
}

// agree: one holder, the same for everybody who has an opinion.
func agree(a AddressStatus, holders []string, cloud bool) bool {
	if len(holders) != 1 || a.Fabric != holders[0] {
		return false
	}
	if cloud && a.Region != holders[0] {
		return false
	}
	return !a.Managed || len(a.Pacemaker) == 1 && a.Pacemaker[0] == holders[0]
}
