// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// resolve returns the target's address. If the name service fails, it is the address known from before, together with
// the error; a name that does not exist has no address.
func resolve(ctx context.Context, t Target, opt Options) (netip.Addr, error) {
	if t.Name == "" {
		return t.Addr, nil
	}
	ctx, cancel := context.WithTimeout(ctx, opt.Lookup)
	defer cancel()
	network := "ip"
	if opt.Family != 0 {
		network = fmt.Sprintf("ip%d", opt.Family)
	}
	// The deadline of ctx ends only the wait: the resolver's own may be longer.
	type answer struct {
		addrs []netip.Addr
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		addrs, err := net.DefaultResolver.LookupNetIP(ctx, network, t.Name)
		done <- answer{addrs, err}
	}()
	var got answer
	select {
	case got = <-done:
	case <-ctx.Done():
		got.err = ctx.Err()
	}
	if got.err == nil && len(got.addrs) > 0 {
		return got.addrs[0].Unmap(), nil // RFC 6724 order, as ping(8) takes the first of getaddrinfo(3)
	}
	var dns *net.DNSError
	switch {
	case errors.As(got.err, &dns) && dns.IsNotFound, got.err == nil:
		return netip.Addr{}, fmt.Errorf("looking up %s: no such host", t.Name)
	case errors.As(got.err, &dns) && !dns.IsTimeout:
		got.err = fmt.Errorf("looking up %s: %s", t.Name, dns.Err)
	default:
		got.err = fmt.Errorf("looking up %s: no answer from the name service in %v", t.Name, opt.Lookup)
	}
	if opt.Known != nil {
		if addr := opt.Known(t.Name); addr.IsValid() {
			return addr, got.err
		}
	}
	return netip.Addr{}, got.err
}
