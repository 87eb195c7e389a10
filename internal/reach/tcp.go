// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"ocf-oci/internal/icmp"
)

// ErrNoConnection means that a TCP target has not answered in time.
var ErrNoConnection = errors.New("no TCP connection")

// connect asks a TCP target. Only an established connection counts as an answer: a refused one shows a host, but not
// the service that the administrator named. The connection is closed at once, without a byte sent.
func connect(ctx context.Context, to netip.AddrPort, plan Plan, opt icmp.Options) icmp.Result {
	is6 := to.Addr().Unmap().Is6()
	dialer := net.Dialer{KeepAlive: -1, Control: func(_, _ string, c syscall.RawConn) error { return sockopts(c, is6, opt) }}
	if opt.Source.IsValid() && opt.Source.Is6() == is6 {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(opt.Source, 0))
	}
	result := spaced(ctx, plan, func(ctx context.Context) (time.Duration, error) {
		began := time.Now()
		conn, err := dialer.DialContext(ctx, "tcp", to.String())
		if err != nil {
			return 0, err
		}
		rtt := time.Since(began)
		conn.Close()
		return rtt, nil
	})
	if errors.Is(result.Err, icmp.ErrNoReply) {
		result.Err = fmt.Errorf("%w to %s", ErrNoConnection, to)
	}
	return result
}

// sockopts sets what has a meaning for TCP: size and fragmentation have none.
func sockopts(c syscall.RawConn, v6 bool, opt icmp.Options) error {
	var errs []error
	err := c.Control(func(fd uintptr) {
		if opt.Interface != "" {
			errs = append(errs, unix.BindToDevice(int(fd), opt.Interface))
		}
		level, ttl, tos := unix.IPPROTO_IP, unix.IP_TTL, unix.IP_TOS
		if v6 {
			level, ttl, tos = unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS, unix.IPV6_TCLASS
		}
		if opt.TTL > 0 {
			errs = append(errs, unix.SetsockoptInt(int(fd), level, ttl, opt.TTL))
		}
		if opt.TOS > 0 {
			errs = append(errs, unix.SetsockoptInt(int(fd), level, tos, opt.TOS))
		}
		if opt.Mark > 0 {
			errs = append(errs, unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_MARK, opt.Mark))
		}
	})
	return errors.Join(append(errs, err)...)
}
