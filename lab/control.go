// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"

	"ocf-oci/lab/cluster"
)

// The control socket's paths below /lab/. A body is JSON; an answer is JSON, or {"error": ...} with status 400 to 500.
//
//	POST /lab/do      order     power, cables, partitions
//	GET  /lab/status            Status; with ?pacemaker=no all but that view
//	GET  /lab/hop?address=A     Hop
const (
	pathDo     = "/lab/do"
	pathStatus = "/lab/status"
	pathHop    = "/lab/hop"
)

// order is a change to machines or cables.
type order struct {
	// Do is crash, boot, shutdown, cut, join, freeze, thaw, partition or heal.
	Do    string   `json:"do"`
	Nodes []string `json:"nodes,omitempty"`
	From  []string `json:"from,omitempty"` // the other side of a partition
}

type failure struct {
	Error string `json:"error"`
}

// handler answers the control socket.
func (d *daemon) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+pathDo, func(w http.ResponseWriter, r *http.Request) {
		var o order
		if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
			answer(w, nil, fmt.Errorf("read the order: %w", err))
			return
		}
		answer(w, struct{}{}, d.obey(r.Context(), o))
	})
	mux.HandleFunc("GET "+pathStatus, func(w http.ResponseWriter, r *http.Request) {
		s, err := d.status(r.Context(), r.URL.Query().Get("pacemaker") != "no")
		answer(w, s, err)
	})
	mux.HandleFunc("GET "+pathHop, func(w http.ResponseWriter, r *http.Request) {
		ip, err := netip.ParseAddr(r.URL.Query().Get("address"))
		if err != nil {
			answer(w, nil, err)
			return
		}
		hop, err := d.fabric.NextHop(ip)
		answer(w, Hop{Node: hop.Host, Device: hop.Device, VNIC: hop.VNIC}, err)
	})
	if d.region != nil {
		mux.Handle("/", d.region.Control())
	} else {
		mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
			answer(w, nil, fmt.Errorf("scenario %s has no cloud region: use scenario router for that", d.state.Options.Scenario))
		})
	}
	return mux
}

func answer(w http.ResponseWriter, v any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusUnprocessableEntity)
		v = failure{err.Error()}
	}
	// A client that has gone is no concern of ours.
	_ = json.NewEncoder(w).Encode(v)
}

// node finds a cluster node by name.
func (d *daemon) node(name string) (*cluster.Node, error) {
	if n := d.cluster.Node(name); n != nil {
		return n, nil
	}
	return nil, fmt.Errorf("no node %q in this lab: nodes are %s", name, names(d.topo.Nodes))
}

// obey carries out an order on its nodes, one after the other.
func (d *daemon) obey(ctx context.Context, o order) error {
	switch o.Do {
	case "partition":
		return d.fabric.Partition(o.Nodes, o.From)
	case "heal":
		return d.fabric.Heal()
	}
	if len(o.Nodes) == 0 {
		return fmt.Errorf("%s: name at least one node of %s", o.Do, names(d.topo.Nodes))
	}
	for _, name := range o.Nodes {
		if err := d.obeyOne(ctx, o.Do, name); err != nil {
			return err
		}
	}
	return nil
}

func (d *daemon) obeyOne(ctx context.Context, do, name string) error {
	switch do {
	case "cut":
		return d.fabric.Cut(name)
	case "join":
		return d.fabric.Join(name)
	}
	n, err := d.node(name)
	if err != nil {
		return fmt.Errorf("%s: %w", do, err)
	}
	switch do {
	case "crash":
		return n.Crash(ctx)
	case "boot":
		return n.Boot(ctx)
	case "shutdown":
		return n.Shutdown(ctx)
	case "freeze":
		return n.Freeze(ctx)
	case "thaw":
		return n.Thaw(ctx)
	}
	return fmt.Errorf("unknown order %q", do)
}
