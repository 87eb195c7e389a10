// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"ocf-oci/internal/ocf"
)

// Pacemaker keeps the first 128 bytes of an exit reason: what is wrong and what to do must be in them.
func TestReasonsSayWhatToDoWithinWhatPacemakerShows(t *testing.T) {
	for _, r := range ocf.Reasons() {
		if r.Remedy == "" || strings.HasSuffix(r.Remedy, "agent's log") { // the runtime's own
			continue
		}
		head, _, _ := strings.Cut(r.Says, " -- ")
		// The values are addresses, parameter names and short descriptions; "%" and its verb make room for some of it.
		length := len(head) + strings.Count(head, "%")*13 + len("; ") + len(r.Remedy)
		if length > ocf.Kept {
			t.Errorf("%s: about %d bytes, pacemaker keeps %d: %s; %s", r.ID, length, ocf.Kept, head, r.Remedy)
		}
	}
}

func TestDetailComesLast(t *testing.T) {
	got := reasonDenied.Text("10.0.0.100", "UpdatePrivateIp: HTTP 404 NotAuthorizedOrNotFound")
	const want = "not authorized to move 10.0.0.100; allow the nodes to 'use private-ips' and 'use vnics' in the compartment (UpdatePrivateIp: HTTP 404 NotAuthorizedOrNotFound)"
	if got != want {
		t.Errorf("got %s", got)
	}
}
