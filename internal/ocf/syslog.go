// SPDX-License-Identifier: Apache-2.0

package ocf

import (
	"fmt"
	"net"
	"os"
	"time"
)

// devLog is the local syslog socket.
const devLog = "/dev/log"

// sendDeadline bounds one datagram: a stuck syslog daemon lets its queue run full.
const sendDeadline = 100 * time.Millisecond

// Severities of RFC 5424, 6.2.1.
const (
	severityError   = 3
	severityWarning = 4
	severityNotice  = 5
	severityInfo    = 6
	severityDebug   = 7
)

// facilities are the names that logger(1) accepts, with their codes.
var facilities = map[string]int{
	"kern": 0, "user": 1, "mail": 2, "daemon": 3, "auth": 4, "syslog": 5, "lpr": 6, "news": 7,
	"uucp": 8, "cron": 9, "authpriv": 10, "ftp": 11,
	"local0": 16, "local1": 17, "local2": 18, "local3": 19,
	"local4": 20, "local5": 21, "local6": 22, "local7": 23,
}

// syslogSocket sends datagrams as logger(1) sends them to a local socket:
// "<PRI>Mon dd HH:MM:SS TAG: text". After one failure it stays silent.
type syslogSocket struct {
	path string
	conn *net.UnixConn
	dead bool
}

func (s *syslogSocket) send(facility, severity int, now time.Time, tag, line string) {
	if s.dead {
		return
	}
	if s.conn == nil {
		conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: s.path, Net: "unixgram"})
		if err != nil {
			s.dead = true
			return
		}
		s.conn = conn
	}
	_ = s.conn.SetWriteDeadline(time.Now().Add(sendDeadline))
	text := fmt.Sprintf("<%d>%s %s: %s", facility*8+severity, now.Format(time.Stamp), tag, line)
	if _, err := s.conn.Write([]byte(text)); err != nil {
		s.dead = true
	}
}

// logTag is the tag of every log line of this process.
func logTag(r *Request) string {
	return fmt.Sprintf("%s(%s)[%d]", r.Type, r.Instance, os.Getpid())
}
