// SPDX-License-Identifier: Apache-2.0

package heartbeatconvert

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ocf-oci/internal/heartbeat"
)

// keySize is corosync-keygen(8)'s, in bytes.
const keySize = 256

// authKey derives corosync's key from Heartbeat's, so that both nodes come to the same one without sending it.
func authKey(k heartbeat.Key) []byte {
	if k.Secret == "" {
		return nil
	}
	key, err := hkdf.Key(sha256.New, []byte(k.Secret), nil, "corosync authkey from heartbeat authkeys", keySize)
	if err != nil {
		panic(err) // the length is a constant that SHA-256 allows
	}
	return key
}

// token is totem.token in milliseconds for a deadtime: corosync's default 3 s at least, since its kernel of 2 s jitter
// is not Heartbeat's.
func token(deadtime time.Duration) int {
	return int(min(max(deadtime, 3*time.Second), 60*time.Second) / time.Millisecond)
}

func corosync(r Result, s Source) string {
	var b strings.Builder
	line := func(depth int, format string, args ...any) {
		b.WriteString(strings.Repeat("\t", depth))
		fmt.Fprintf(&b, format, args...)
		b.WriteByte('\n')
	}
	line(0, "# Converted from Heartbeat's ha.cf by ngcp-ha convert.")
	line(0, "totem {")
	line(1, "version: 2")
	line(1, "cluster_name: sp")
	line(1, "transport: knet")
	if r.AuthKey != nil {
		line(1, "crypto_cipher: aes256")
		line(1, "crypto_hash: sha256")
	}
	if d, ok := heartbeat.Last(s.Config, "deadtime"); ok {
		if t, err := heartbeat.ParseTime(d.Args[0].Text); err == nil {
			line(1, "token: %d", token(t))
		}
	}
	line(0, "}")
	line(0, "")
	line(0, "nodelist {")
	for i, n := range r.Nodes {
		line(1, "node {")
		line(2, "name: %s", n.Name)
		line(2, "nodeid: %d", i+1)
		line(2, "ring0_addr: %s", n.Address)
		line(1, "}")
	}
	line(0, "}")
	line(0, "")
	line(0, "quorum {")
	line(1, "provider: corosync_votequorum")
	line(1, "two_node: 1")
	line(0, "}")
	line(0, "")
	line(0, "logging {")
	line(1, "to_stderr: no")
	if d, ok := heartbeat.Last(s.Config, "logfile"); ok {
		line(1, "to_logfile: yes")
		line(1, "logfile: %s", d.Args[0].Text)
	}
	switch d, ok := heartbeat.Last(s.Config, "logfacility"); {
	case ok && d.Args[0].Text == "none":
		line(1, "to_syslog: no")
	default:
		line(1, "to_syslog: yes")
		if ok {
			line(1, "syslog_facility: %s", d.Args[0].Text)
		}
	}
	if d, ok := heartbeat.Last(s.Config, "debug"); ok {
		if n, err := strconv.Atoi(d.Args[0].Text); err == nil && n > 0 {
			line(1, "debug: on")
		}
	}
	line(0, "}")
	return b.String()
}
