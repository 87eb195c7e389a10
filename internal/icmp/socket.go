// SPDX-License-Identifier: Apache-2.0

package icmp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Options of the sockets; the zero value is right for nearly everybody.
type Options struct {
	Source       netip.Addr // local address, used for targets of its family
	Interface    string     // SO_BINDTODEVICE
	Size         int        // payload bytes; below 16 it is 16
	TTL          int        // time to live, hop limit; 0 is the system's
	TOS          int        // type of service, traffic class
	Mark         int        // SO_MARK, needs CAP_NET_ADMIN
	DontFragment bool
}

// queueBytes is what is asked for as socket buffers, so that some thousand echoes to neighbours whose link address
// is still being looked up, and their replies arriving at once, all fit.
const queueBytes = 8 << 20

// socket is one open ICMP socket of one family.
type socket struct {
	v6   bool
	raw  bool
	conn net.PacketConn
	sys  syscall.RawConn
}

// openSocket opens a raw socket that lets only answers to id through, else a datagram ping socket (where the kernel
// chooses and checks the identifier itself).
func openSocket(v6 bool, id uint16, opt Options) (*socket, error) {
	family, proto := unix.AF_INET, unix.IPPROTO_ICMP
	if v6 {
		family, proto = unix.AF_INET6, unix.IPPROTO_ICMPV6
	}
	raw := true
	fd, err := unix.Socket(family, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, proto)
	if errors.Is(err, os.ErrPermission) {
		raw = false
		fd, err = unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, proto)
		if errors.Is(err, os.ErrPermission) {
			return nil, fmt.Errorf("%w: give the process CAP_NET_RAW or its group in net.ipv4.ping_group_range: %w", ErrNotPermitted, err)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open ICMP socket: %w", err)
	}
	if err := configure(fd, v6, raw, id, opt); err != nil {
		unix.Close(fd)
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "icmp")
	conn, err := net.FilePacketConn(file) // a duplicate: the original is closed either way
	file.Close()
	if err != nil {
		return nil, fmt.Errorf("open ICMP socket: %w", err)
	}
	sys, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("open ICMP socket: %w", err)
	}
	return &socket{v6: v6, raw: raw, conn: conn, sys: sys}, nil
}

// Available returns nil if this process may open ICMP sockets, else an error that wraps ErrNotPermitted or says what
// the system lacks. Nothing is sent.
func Available() error {
	s, err := openSocket(false, 0, Options{})
	if err != nil {
		return err
	}
	return s.conn.Close()
}

func configure(fd int, v6, raw bool, id uint16, opt Options) error {
	for force, plain := range map[int]int{unix.SO_RCVBUFFORCE: unix.SO_RCVBUF, unix.SO_SNDBUFFORCE: unix.SO_SNDBUF} {
		if unix.SetsockoptInt(fd, unix.SOL_SOCKET, force, queueBytes) != nil {
			_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, plain, queueBytes) // without CAP_NET_ADMIN the system's limit has to do
		}
	}
	if raw {
		if err := attachFilter(fd, v6, id); err != nil {
			return fmt.Errorf("filter ICMP socket: %w", err)
		}
	}
	if opt.Interface != "" {
		if err := unix.BindToDevice(fd, opt.Interface); err != nil {
			return fmt.Errorf("bind to interface %s: %w", opt.Interface, err)
		}
	}
	set := func(what string, level, name, value int) error {
		if err := unix.SetsockoptInt(fd, level, name, value); err != nil {
			return fmt.Errorf("set %s %d: %w", what, value, err)
		}
		return nil
	}
	var errs []error
	level, ttl, tos, mtu, do := unix.IPPROTO_IP, unix.IP_TTL, unix.IP_TOS, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_DO
	if v6 {
		level, ttl, tos, mtu, do = unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS, unix.IPV6_TCLASS, unix.IPV6_MTU_DISCOVER, unix.IPV6_PMTUDISC_DO
	}
	if opt.TTL > 0 {
		errs = append(errs, set("time to live", level, ttl, opt.TTL))
	}
	if opt.TOS > 0 {
		errs = append(errs, set("type of service", level, tos, opt.TOS))
	}
	if opt.Mark > 0 {
		errs = append(errs, set("mark", unix.SOL_SOCKET, unix.SO_MARK, opt.Mark))
	}
	if opt.DontFragment {
		errs = append(errs, set("path MTU discovery", level, mtu, do))
	}
	if opt.Source.IsValid() && opt.Source.Is6() == v6 {
		if sa, err := sockaddr(opt.Source); err != nil {
			errs = append(errs, err)
		} else if err := unix.Bind(fd, sa); err != nil {
			errs = append(errs, fmt.Errorf("bind to source address %s: %w", opt.Source, err))
		}
	}
	return errors.Join(errs...)
}

// attachFilter keeps other processes' replies out of the socket's queue. A raw socket gets every ICMP message of the
// host; on IPv4 it begins with the IP header, on IPv6 with the ICMPv6 header.
func attachFilter(fd int, v6 bool, id uint16) error {
	load := func(off uint32, size int) bpf.Instruction { return bpf.LoadIndirect{Off: off, Size: size} }
	start := []bpf.Instruction{bpf.LoadMemShift{Off: 0}}
	reply, errorTypes := uint32(0), []uint32{3, 11, 11}
	if v6 {
		start = []bpf.Instruction{bpf.LoadConstant{Dst: bpf.RegX, Val: 0}}
		reply, errorTypes = 129, []uint32{1, 2, 3}
	}
	program, err := bpf.Assemble(append(start,
		load(0, 1),
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: errorTypes[0], SkipTrue: 5},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: errorTypes[1], SkipTrue: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: errorTypes[2], SkipTrue: 3},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: reply, SkipTrue: 3},
		load(4, 2),
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: uint32(id), SkipTrue: 1},
		bpf.RetConstant{Val: 0xffff},
		bpf.RetConstant{Val: 0},
	))
	if err != nil {
		return err
	}
	filter := make([]unix.SockFilter, len(program))
	for i, in := range program {
		filter[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]})
}

// send hands one message to the kernel and never waits: a full queue is EAGAIN.
func (s *socket) send(b []byte, to unix.Sockaddr) error {
	var sendErr error
	if err := s.sys.Write(func(fd uintptr) bool {
		sendErr = unix.Sendto(int(fd), b, unix.MSG_DONTWAIT, to)
		return true
	}); err != nil {
		return err
	}
	return sendErr
}

// sockaddr is the system's form of an address; a zone is an interface's name or index.
func sockaddr(addr netip.Addr) (unix.Sockaddr, error) {
	if addr.Is4() {
		return &unix.SockaddrInet4{Addr: addr.As4()}, nil
	}
	sa := &unix.SockaddrInet6{Addr: addr.As16()}
	if zone := addr.Zone(); zone != "" {
		if index, err := strconv.ParseUint(zone, 10, 32); err == nil {
			sa.ZoneId = uint32(index)
		} else if nic, err := net.InterfaceByName(zone); err != nil {
			return nil, fmt.Errorf("zone of %s: %w", addr, err)
		} else {
			sa.ZoneId = uint32(nic.Index)
		}
	}
	return sa, nil
}

// sender is the address a message came from, without its zone.
func sender(from net.Addr) netip.Addr {
	var ip net.IP
	switch from := from.(type) {
	case *net.IPAddr:
		ip = from.IP
	case *net.UDPAddr:
		ip = from.IP
	}
	addr, _ := netip.AddrFromSlice(ip)
	return addr.Unmap()
}
