// SPDX-License-Identifier: Apache-2.0

package region

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"ocf-oci/lab/region/control"
	"ocf-oci/lab/region/fault"
)

// Control is the operator's API, for a unix socket that only the operator can reach:
// it has no authentication. Package control has its client and its types.
//
//	GET    /v1/status                      control.Status
//	GET    /v1/calls?since=RFC3339         []control.Call
//	GET    /v1/owners/{address}            control.Owner
//	PUT    /v1/owners/{address}?node=NAME  moves it behind everybody's back ("" detaches)
//	POST   /v1/owners                      makes the object of a control.NewAddress
//	DELETE /v1/owners/{address}            deletes the object
//	GET    /v1/faults                      []control.Fault
//	POST   /v1/faults                      sets a control.Fault
//	DELETE /v1/faults?id=N                 clears one, or all without id
//	GET    /v1/policy, PUT /v1/policy      text, one IAM statement a line
//	PATCH  /v1/settings                    control.Settings
func (r *Region) Control() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, f func(*http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, req *http.Request) {
			body, err := f(req)
			if err != nil {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusBadRequest)
				json.NewEncoder(w).Encode(control.Problem{Error: err.Error()})
				return
			}
			if text, ok := body.(string); ok {
				io.WriteString(w, text)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			json.NewEncoder(w).Encode(body)
		})
	}
	handle("GET /v1/status", func(*http.Request) (any, error) { return r.Status(), nil })
	handle("GET /v1/calls", r.controlCalls)
	handle("GET /v1/owners/{address}", func(req *http.Request) (any, error) {
		return withAddress(req, r.Owner)
	})
	handle("PUT /v1/owners/{address}", func(req *http.Request) (any, error) {
		return withAddress(req, func(ip netip.Addr) (control.Owner, error) {
			if err := r.Give(ip, req.URL.Query().Get("node")); err != nil {
				return control.Owner{}, err
			}
			return r.Owner(ip)
		})
	})
	handle("POST /v1/owners", func(req *http.Request) (any, error) {
		var a control.NewAddress
		if err := json.NewDecoder(req.Body).Decode(&a); err != nil {
			return nil, fmt.Errorf("address: %w", err)
		}
		if err := r.Create(AddressSpec{IP: a.Address, Subnet: a.Subnet, Instance: a.Node}); err != nil {
			return nil, err
		}
		return r.Owner(a.Address)
	})
	handle("DELETE /v1/owners/{address}", func(req *http.Request) (any, error) {
		return withAddress(req, func(ip netip.Addr) (struct{}, error) { return struct{}{}, r.Delete(ip) })
	})
	handle("GET /v1/faults", func(*http.Request) (any, error) { return r.Status().Faults, nil })
	handle("POST /v1/faults", r.controlSetFault)
	handle("DELETE /v1/faults", func(req *http.Request) (any, error) {
		id := 0
		if text := req.URL.Query().Get("id"); text != "" {
			var err error
			if id, err = strconv.Atoi(text); err != nil || id < 1 {
				return nil, fmt.Errorf("fault id %q is not a number", text)
			}
		}
		return control.Cleared{Cleared: r.ClearFaults(id)}, nil
	})
	handle("GET /v1/policy", func(*http.Request) (any, error) { return r.Policy(), nil })
	handle("PUT /v1/policy", func(req *http.Request) (any, error) {
		text, err := io.ReadAll(io.LimitReader(req.Body, maxBody))
		if err != nil {
			return nil, fmt.Errorf("read the policy: %w", err)
		}
		return struct{}{}, r.SetPolicy(string(text))
	})
	handle("PATCH /v1/settings", r.controlSettings)
	return mux
}

func withAddress[T any](req *http.Request, f func(netip.Addr) (T, error)) (any, error) {
	ip, err := netip.ParseAddr(req.PathValue("address"))
	if err != nil {
		return nil, fmt.Errorf("address: %w", err)
	}
	return f(ip)
}

func (r *Region) controlCalls(req *http.Request) (any, error) {
	var since time.Time
	if text := req.URL.Query().Get("since"); text != "" {
		var err error
		if since, err = time.Parse(time.RFC3339Nano, text); err != nil {
			return nil, fmt.Errorf("since: %w", err)
		}
	}
	return r.Calls(since), nil
}

func (r *Region) controlSetFault(req *http.Request) (any, error) {
	var f control.Fault
	if err := json.NewDecoder(req.Body).Decode(&f); err != nil {
		return nil, fmt.Errorf("fault: %w", err)
	}
	set, err := r.SetFault(fault.Fault{
		Target: f.Target, Kind: fault.Kind(f.Kind), Value: f.Value, Node: f.Node, Count: f.Count, For: time.Duration(f.For),
	})
	return wireFault(set), err
}

func wireFault(f fault.Fault) control.Fault {
	return control.Fault{
		ID: f.ID, Target: f.Target, Kind: string(f.Kind), Value: f.Value, Node: f.Node, Count: f.Count,
		For: control.Duration(f.For), SetAt: f.SetAt, Hits: f.Hits,
	}
}

func (r *Region) controlSettings(req *http.Request) (any, error) {
	var c control.Settings
	if err := json.NewDecoder(req.Body).Decode(&c); err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	if c == (control.Settings{}) {
		return nil, errors.New("settings: nothing to change")
	}
	return struct{}{}, r.Change(func(s *Settings) {
		set := func(to *time.Duration, d *control.Duration) {
			if d != nil {
				*to = time.Duration(*d)
			}
		}
		set(&s.Latency, c.Latency)
		set(&s.Propagation, c.Propagation)
		set(&s.TokenLife, c.TokenLife)
		if c.Limit != nil {
			s.Limit = *c.Limit
		}
	})
}
