// SPDX-License-Identifier: Apache-2.0

package effects

import (
	"regexp"
	"strings"
)

// StraceArgs are the arguments of strace(1) that show the same effects: the independent witness of a Tracer.
func StraceArgs(output string) []string {
	return []string{"strace", "-f", "-yy", "-qq", "-s", "16", "-o", output,
		"-e", "trace=sendto,sendmsg,write,writev,openat,renameat,renameat2,unlinkat,mkdirat"}
}

var (
	netlinkChange = regexp.MustCompile(`(sendto|sendmsg)\(\d+<NETLINK:[^>]*>.*RTM_(NEWADDR|DELADDR|NEWLINK|SETLINK|NEWROUTE|DELROUTE)`)
	tcpWrite      = regexp.MustCompile(`(write|writev|sendto|sendmsg)\(\d+<TCP(v6)?:`)
	packetSend    = regexp.MustCompile(`(sendto|sendmsg|write)\(\d+<(socket:\[\d+\]|AF_PACKET[^>]*|PACKET[^>]*)>.*(sll_|AF_PACKET)`)
)

// CountStrace counts the effects in strace's output.
func CountStrace(out, below string) int {
	n := 0
	for line := range strings.Lines(out) {
		if strings.Contains(line, "resumed>") {
			continue // its beginning was counted
		}
		switch {
		case netlinkChange.MatchString(line), tcpWrite.MatchString(line), packetSend.MatchString(line), fileChange(line, below):
			n++
		}
	}
	return n
}

func fileChange(line, below string) bool {
	if !strings.Contains(line, below) {
		return false
	}
	_, call, _ := strings.Cut(line, " ")
	call = strings.TrimLeft(call, " ")
	switch name, _, _ := strings.Cut(call, "("); name {
	case "openat":
		return strings.Contains(line, "O_CREAT")
	case "write", "writev", "renameat", "renameat2", "unlinkat", "mkdirat":
		return true
	}
	return false
}
