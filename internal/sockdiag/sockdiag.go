// SPDX-License-Identifier: Apache-2.0

// Package sockdiag resets TCP connections of a local address by NETLINK_SOCK_DIAG (sock_diag(7)), as `ss --kill` does.
package sockdiag

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"syscall"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

const (
	byFamily = 20             // SOCK_DIAG_BY_FAMILY
	destroy  = 21             // SOCK_DESTROY, since Linux 4.5
	listen   = 10             // TCP_LISTEN
	idLen    = 48             // struct inet_diag_sockid
	msgLen   = 4 + idLen + 20 // struct inet_diag_msg
)

// Reset resets every TCP connection with this local address and returns how many. Listening sockets stay: they serve
// the address's next owner on this host. The error may wrap EOPNOTSUPP, from a kernel built without SOCK_DESTROY.
func Reset(ctx context.Context, ip netip.Addr) (int, error) {
	families := []byte{unix.AF_INET6}
	if ip.Is4() { // an IPv6 socket can serve IPv4 as well, with mapped addresses
		families = []byte{unix.AF_INET, unix.AF_INET6}
	}
	n := 0
	var problems []error
	for _, family := range families {
		ids, err := list(family, ip)
		if err != nil {
			problems = append(problems, fmt.Errorf("list TCP connections of %s: %w", ip, err))
			continue
		}
		for _, id := range ids {
			if err := ctx.Err(); err != nil {
				return n, errors.Join(append(problems, err)...)
			}
			err := kill(family, id)
			switch {
			case err == nil:
				n++
			case !errors.Is(err, unix.ENOENT): // it ended by itself
				problems = append(problems, fmt.Errorf("reset a TCP connection of %s: %w", ip, err))
			}
		}
	}
	return n, errors.Join(problems...)
}

// request is struct inet_diag_req_v2.
type request struct {
	family byte
	states uint32
	id     []byte
}

func (r request) Len() int { return 8 + idLen }

func (r request) Serialize() []byte {
	b := make([]byte, r.Len())
	b[0], b[1] = r.family, unix.IPPROTO_TCP
	binary.NativeEndian.PutUint32(b[4:], r.states)
	copy(b[8:], r.id)
	return b
}

// list returns the kernel's identities of the connections of ip.
func list(family byte, ip netip.Addr) ([][]byte, error) {
	req := nl.NewNetlinkRequest(byFamily, unix.NLM_F_DUMP)
	req.AddData(request{family: family, states: ^uint32(0) &^ (1 << listen), id: nil})
	answers, err := req.Execute(unix.NETLINK_SOCK_DIAG, 0)
	if err != nil {
		return nil, err
	}
	var ids [][]byte
	for _, answer := range answers {
		if id, ok := match(answer, ip); ok {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// match reads struct inet_diag_msg: family, state, timer, retransmissions, then the identity (ports, source,
// destination, interface, cookie), then the rest.
func match(answer []byte, ip netip.Addr) ([]byte, bool) {
	if len(answer) < msgLen || answer[1] == listen {
		return nil, false
	}
	id := answer[4 : 4+idLen]
	var source netip.Addr
	switch answer[0] {
	case unix.AF_INET:
		source = netip.AddrFrom4([4]byte(id[4:8]))
	case unix.AF_INET6:
		source = netip.AddrFrom16([16]byte(id[4:20])).Unmap()
	}
	return id, source == ip.Unmap()
}

func kill(family byte, id []byte) error {
	req := nl.NewNetlinkRequest(destroy, unix.NLM_F_ACK)
	req.AddData(request{family: family, states: ^uint32(0), id: id})
	_, err := req.Execute(unix.NETLINK_SOCK_DIAG, 0)
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}
