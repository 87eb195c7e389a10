// SPDX-License-Identifier: Apache-2.0

package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client speaks to a region's control socket.
type Client struct {
	http *http.Client
	base string
}

// NewClient returns a client for a unix socket; the connection is made at the first call.
func NewClient(socket string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}
	return &Client{http: &http.Client{Transport: &http.Transport{DialContext: dial}, Timeout: 30 * time.Second}, base: "http://region"}
}

// Over returns a client over an HTTP client, for a handler mounted below base.
func Over(client *http.Client, base string) *Client {
	return &Client{http: client, base: strings.TrimSuffix(base, "/")}
}

func (c *Client) do(ctx context.Context, method, path string, body io.Reader, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return fmt.Errorf("region control %s %s: %w", method, path, err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("region control %s %s (is the lab up?): %w", method, path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("region control %s %s: %w", method, path, err)
	}
	if resp.StatusCode != http.StatusOK {
		var p Problem
		if json.Unmarshal(text, &p) == nil && p.Error != "" {
			return errors.New(p.Error)
		}
		return fmt.Errorf("region control %s %s: %s: %s", method, path, resp.Status, text)
	}
	if s, ok := into.(*string); ok {
		*s = string(text)
		return nil
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("region control %s %s: %w", method, path, err)
	}
	return nil
}

func jsonBody(v any) io.Reader {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // the types of this package always marshal
	}
	return bytes.NewReader(b)
}

// Status returns the region at a glance.
func (c *Client) Status(ctx context.Context) (s Status, err error) {
	return s, c.do(ctx, http.MethodGet, "/v1/status", nil, &s)
}

// Calls returns the journal from a time on; the zero time is all of it.
func (c *Client) Calls(ctx context.Context, since time.Time) (calls []Call, err error) {
	path := "/v1/calls"
	if !since.IsZero() {
		path += "?since=" + url.QueryEscape(since.Format(time.RFC3339Nano))
	}
	return calls, c.do(ctx, http.MethodGet, path, nil, &calls)
}

// Owner says who holds an address.
func (c *Client) Owner(ctx context.Context, ip netip.Addr) (o Owner, err error) {
	return o, c.do(ctx, http.MethodGet, "/v1/owners/"+ip.String(), nil, &o)
}

// Give moves an address to a node, or with "" to nobody, behind everybody's back.
func (c *Client) Give(ctx context.Context, ip netip.Addr, node string) (o Owner, err error) {
	return o, c.do(ctx, http.MethodPut, "/v1/owners/"+ip.String()+"?node="+url.QueryEscape(node), nil, &o)
}

// Create makes an address object behind everybody's back.
func (c *Client) Create(ctx context.Context, a NewAddress) (o Owner, err error) {
	return o, c.do(ctx, http.MethodPost, "/v1/owners", jsonBody(a), &o)
}

// Delete removes an address object behind everybody's back.
func (c *Client) Delete(ctx context.Context, ip netip.Addr) error {
	return c.do(ctx, http.MethodDelete, "/v1/owners/"+ip.String(), nil, nil)
}

// SetFault sets a fault and returns it with its number.
func (c *Client) SetFault(ctx context.Context, f Fault) (set Fault, err error) {
	return set, c.do(ctx, http.MethodPost, "/v1/faults", jsonBody(f), &set)
}

// Faults lists the faults in force.
func (c *Client) Faults(ctx context.Context) (list []Fault, err error) {
	return list, c.do(ctx, http.MethodGet, "/v1/faults", nil, &list)
}

// ClearFaults removes a fault by number, or all with 0; it returns how many.
func (c *Client) ClearFaults(ctx context.Context, id int) (int, error) {
	path := "/v1/faults"
	if id != 0 {
		path += "?id=" + strconv.Itoa(id)
	}
	var n Cleared
	err := c.do(ctx, http.MethodDelete, path, nil, &n)
	return n.Cleared, err
}

// Policy returns the IAM statements in force.
func (c *Client) Policy(ctx context.Context) (text string, err error) {
	return text, c.do(ctx, http.MethodGet, "/v1/policy", nil, &text)
}

// SetPolicy replaces the IAM statements; the error names the line of each mistake.
func (c *Client) SetPolicy(ctx context.Context, text string) error {
	return c.do(ctx, http.MethodPut, "/v1/policy", strings.NewReader(text), nil)
}

// Change changes settings.
func (c *Client) Change(ctx context.Context, s Settings) error {
	return c.do(ctx, http.MethodPatch, "/v1/settings", jsonBody(s), nil)
}
