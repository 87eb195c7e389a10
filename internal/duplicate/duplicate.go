// SPDX-License-Identifier: Apache-2.0

package duplicate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"ocf-oci/internal/announce"

	"github.com/mdlayher/packet"
	"golang.org/x/sys/unix"
)

// probes is PROBE_NUM of RFC 5227. Its waits of one to two seconds are meant for hosts that appear all at once after a
// power failure; a takeover cannot wait that long, so the probes are spread over the time given.
const probes = 3

// Find asks on an interface, for the time given, who has ip. It returns the hardware address of another host that has
// it, or nil. own are this host's hardware addresses, whose packets do not count.
func Find(ctx context.Context, iface string, ip netip.Addr, own []net.HardwareAddr, wait time.Duration) (net.HardwareAddr, error) {
	fail := func(doing string, err error) (net.HardwareAddr, error) {
		return nil, fmt.Errorf("look for another owner of %s on %s: %s: %w", ip, iface, doing, err)
	}
	ifi, err := net.InterfaceByName(iface)
	if err != nil {
		return fail("find the interface", err)
	}
	conn, err := packet.Listen(ifi, packet.Raw, unix.ETH_P_ARP, nil)
	if err != nil {
		return fail("open a packet socket", err)
	}
	defer conn.Close()
	probe, err := announce.Probe(ifi.HardwareAddr, ip)
	if err != nil {
		return fail("make a probe", err)
	}
	end := time.Now().Add(wait)
	if d, ok := ctx.Deadline(); ok && d.Before(end) {
		end = d
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Now()) })
	defer stop()
	for i := range probes {
		if _, err := conn.WriteTo(probe, &packet.Addr{HardwareAddr: probe[:6]}); err != nil {
			return fail("send a probe", err)
		}
		slot := end.Add(-wait * time.Duration(probes-1-i) / probes)
		other, err := listen(ctx, conn, slot, ifi.HardwareAddr, ip, own)
		if err != nil {
			return fail("listen", err)
		}
		if other != nil {
			return other, nil
		}
	}
	return nil, nil
}

func listen(ctx context.Context, conn *packet.Conn, until time.Time, hw net.HardwareAddr, ip netip.Addr, own []net.HardwareAddr) (net.HardwareAddr, error) {
	if err := conn.SetReadDeadline(until); err != nil {
		return nil, err
	}
	buffer := make([]byte, 1514)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n, _, err := conn.ReadFrom(buffer)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, ctx.Err()
		case err != nil:
			return nil, err
		}
		if other := conflict(buffer[:n], hw, ip, own); other != nil {
			return other, nil
		}
	}
}

// conflict returns the hardware address of another host if a frame shows that it has ip, or that it wants it too and
// comes first. Two that probe at the same moment would both give up by RFC 5227 section 2.1.1; here the one with the
// lower hardware address stays, since an address that nobody has serves nobody.
func conflict(frame []byte, hw net.HardwareAddr, ip netip.Addr, own []net.HardwareAddr) net.HardwareAddr {
	if len(frame) < 14 {
		return nil
	}
	p, err := announce.Parse(frame[14:])
	if err != nil || bytes.Equal(p.SenderHW, hw) {
		return nil
	}
	for _, mine := range own {
		if bytes.Equal(p.SenderHW, mine) {
			return nil
		}
	}
	has := p.SenderIP == ip
	wants := p.Op == announce.Request && p.SenderIP == netip.IPv4Unspecified() && p.TargetIP == ip
	if has || wants && bytes.Compare(p.SenderHW, hw) < 0 {
		return p.SenderHW
	}
	return nil
}
