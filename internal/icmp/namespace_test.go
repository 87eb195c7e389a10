// SPDX-License-Identifier: Apache-2.0

package icmp

import (
	"encoding/binary"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// insideNamespace runs the calling test again, alone, in a network namespace of its own that the shell lines of setup
// have prepared (loopback is up), and is true in there. The namespace ends with its process.
func insideNamespace(t *testing.T, setup string, launcher ...string) bool {
	t.Helper()
	const marker = "ICMP_TEST_INSIDE"
	if os.Getenv(marker) == t.Name() {
		return true
	}
	if os.Getuid() != 0 {
		t.Skip("needs root for a network namespace")
	}
	script := "set -e; ip link set lo up\n" + setup + "\nexec " + strings.Join(launcher, " ") + ` "$0" "$@"`
	cmd := exec.Command("unshare", "-n", "--", "sh", "-c", script, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), marker+"="+t.Name())
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("in the namespace: %v\n%s", err, out)
	}
	t.Logf("%s", out)
	return false
}

// network is a TUN device behind which the test itself plays every host and router.
type network struct{ file *os.File }

// openNetwork attaches to the TUN device tun0, which setup has made with addresses and routes.
func openNetwork(t *testing.T) network {
	t.Helper()
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	request, _ := unix.NewIfreq("tun0")
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(fd), "tun0")
	t.Cleanup(func() { file.Close() })
	for range 200 { // a packet sent before the kernel has noticed the carrier is dropped
		if nic, err := net.InterfaceByName("tun0"); err == nil && nic.Flags&net.FlagRunning != 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return network{file}
}

const tunSetup = `ip tuntap add dev tun0 mode tun
ip addr add 10.9.0.1/24 dev tun0
ip -6 addr add fd00:9::1/64 dev tun0 nodad
ip link set tun0 up`

// serve calls respond for every IPv4 echo request until the test ends, and puts what it returns on the wire.
func (n network) serve(respond func(packet []byte, number int) [][]byte) {
	go func() {
		b := make([]byte, 1<<16)
		for number := 0; ; {
			size, err := n.file.Read(b)
			if err != nil {
				return
			}
			if size < 28 || b[0]>>4 != 4 || b[9] != protocolICMP || b[20] != 8 {
				continue
			}
			for _, packet := range respond(append([]byte(nil), b[:size]...), number) {
				_, _ = n.file.Write(packet)
			}
			number++
		}
	}()
}

// echoReply turns a request around.
func echoReply(request []byte) []byte {
	b := append([]byte(nil), request...)
	copy(b[12:16], request[16:20])
	copy(b[16:20], request[12:16])
	b[20] = 0
	return resum(b)
}

// resum makes both checksums right.
func resum(b []byte) []byte {
	binary.BigEndian.PutUint16(b[10:], 0)
	binary.BigEndian.PutUint16(b[10:], checksum(b[:20]))
	binary.BigEndian.PutUint16(b[22:], 0)
	binary.BigEndian.PutUint16(b[22:], checksum(b[20:]))
	return b
}

// changed is a copy with one byte turned over; offset counts from the ICMP header.
func changed(packet []byte, offset int) []byte {
	b := append([]byte(nil), packet...)
	b[20+offset] ^= 0xff
	return resum(b)
}

func from(packet []byte, source net.IP) []byte {
	b := append([]byte(nil), packet...)
	copy(b[12:16], source.To4())
	return resum(b)
}

// unreachable is router's message about the request.
func unreachable(request []byte, router net.IP) []byte {
	b := make([]byte, 28, 28+len(request))
	b[0], b[8], b[9], b[20], b[21] = 0x45, 64, protocolICMP, 3, 1
	copy(b[12:16], router.To4())
	copy(b[16:20], request[12:16])
	b = append(b, request[:28]...) // RFC 792: header and 64 bits
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	return resum(b)
}
