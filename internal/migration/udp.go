// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// corosyncPort is corosync's default (totem.interface.mcastport).
const corosyncPort = 5405

// probeSizes are the payloads that must pass: a small one, and one that fills an Ethernet frame (1500 less the headers).
var probeSizes = []int{64, 1472}

// ServeEcho answers datagrams on corosync's port until ctx ends.
func ServeEcho(ctx context.Context, a netip.Addr, ready func()) error {
	var conn *net.UDPConn
	var err error
	for range 50 { // an earlier check may be just ending
		if conn, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, corosyncPort))); !errors.Is(err, syscall.EADDRINUSE) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		return fmt.Errorf("listen on UDP port %d: %w", corosyncPort, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	ready()
	buf := make([]byte, 1<<16)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return nil // the time is over
		}
		_, _ = conn.WriteToUDPAddrPort(buf[:n], from)
	}
}

// ProbeUDP tries each size three times.
func ProbeUDP(to netip.Addr) map[int]error {
	result := map[int]error{}
	for _, size := range probeSizes {
		if to.Is6() {
			size = min(size, 1452)
		}
		var err error
		for range 3 {
			if err = probe(to, size); err == nil {
				break
			}
		}
		result[size] = err
	}
	return result
}

func probe(to netip.Addr, size int) error {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(to, corosyncPort)))
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := conn.Write(make([]byte, size)); err != nil {
		return err
	}
	n, err := conn.Read(make([]byte, size+1))
	if err == nil && n != size {
		err = fmt.Errorf("%d bytes came back", n)
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return errors.New("no answer: is a packet filter in between?")
	}
	return err
}
