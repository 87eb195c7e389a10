// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"slices"
	"strings"
	"testing"
)

// Blocks as systemd 252 shows them. That the agent does the right thing with the real ones is shown in tests/scenarios.
func TestUnit(t *testing.T) {
	for _, c := range []struct {
		name, block string
		text        string
		once        bool
	}{
		{"a.service", "Type=forking\nRemainAfterExit=no\nResult=success\nLoadState=loaded\nActiveState=active\nSubState=running\nJob=0", "active (running)", false},
		{"ran.service", "Type=oneshot\nRemainAfterExit=no\nResult=success\nLoadState=loaded\nActiveState=inactive\nSubState=dead", "inactive (dead)", true},
		{"stays.service", "Type=oneshot\nRemainAfterExit=yes\nResult=success\nLoadState=loaded\nActiveState=active\nSubState=exited", "active (exited)", false},
		{"data.mount", "Type=oneshot\nLoadState=loaded\nActiveState=active\nSubState=mounted\nResult=success", "active (mounted)", false},
		{"bad.service", "Type=simple\nResult=exit-code\nLoadState=loaded\nActiveState=failed\nSubState=failed", "failed (failed), result exit-code", false},
		{"nosuch.service", "LoadState=not-found\nActiveState=inactive", "not-found", false},
		{"odd.service", "LoadState=loaded\nActiveState=active\nSubState=running\n=\nnonsense", "active (running)", false},
	} {
		u := unit(c.name, c.block)
		if u.ID != c.name || u.Text() != c.text || u.Once != c.once || u.Job != "" {
			t.Errorf("%s: %q, %+v", c.name, u.Text(), u)
		}
	}
}

// A target's other targets and slices must not be taken for units of the group: a stop would stop half the system.
func TestOwn(t *testing.T) {
	got := own(strings.Fields("b.service network-online.target a.socket c.timer system.slice b.service d.path data.mount -.mount dev-sda.device x"))
	if want := []string{"a.socket", "b.service", "c.timer", "d.path", "data.mount"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestLinkedAndGroup(t *testing.T) {
	if names := Linked("no-such-thing.target"); names != nil {
		t.Errorf("%q", names)
	}
	if group := Group("no-such-thing.service"); group != "" {
		t.Errorf("%q", group)
	}
	if ids, err := (Unit{ControlGroup: "/no-such-thing.service"}).Processes(); ids != nil || err != nil {
		t.Errorf("%v %v", ids, err)
	}
}
