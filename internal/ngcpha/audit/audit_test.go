// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"strings"
	"testing"
)

func TestLine(t *testing.T) {
	got := line(who([]string{"SUDO_USER=alice", "SSH_CONNECTION=192.0.2.7 4711 192.0.2.8 22", "SUDO_UID="}), "standby on for sp2\nfake: line")
	if !strings.Contains(got, "sudo by alice, ssh from 192.0.2.7, process ") || strings.Contains(got, "\n") || !strings.HasSuffix(got, ": standby on for sp2 fake: line") {
		t.Errorf("%q", got)
	}
}
