// SPDX-License-Identifier: Apache-2.0

package activity

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"ocf-oci/internal/command"
	hb "ocf-oci/internal/heartbeat"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/mon"
)

// Here asks the cluster manager of this node, pacemaker or else Heartbeat, within ctx.
func Here(ctx context.Context, env []string, vips string) Verdict {
	type name struct {
		text string
		err  error
	}
	local := make(chan name, 1)
	go func() {
		text, err := cib.LocalNode(ctx, env)
		local <- name{text, err}
	}()
	state, err := mon.Query(ctx, env)
	if errors.Is(err, cib.ErrNoCluster) {
		return heartbeat(ctx, env)
	}
	if err != nil {
		return Verdict{Unknown, err.Error()}
	}
	here := <-local
	if here.err != nil {
		return Verdict{Unknown, here.err.Error()}
	}
	return Judge(state, vips, here.text)
}

// heartbeat asks cl_status(1).
func heartbeat(ctx context.Context, env []string) Verdict {
	out, err := command.Run(ctx, command.Command{Name: "cl_status", Args: []string{"rscstatus"}, Env: env})
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return Verdict{Unknown, "neither pacemaker nor heartbeat runs on this node"}
	case err != nil:
		return Verdict{Unknown, fmt.Sprintf("pacemaker does not run on this node, and heartbeat does not answer: %v", err)}
	}
	var lines Lines
	if text, err := os.ReadFile(haresources); err == nil {
		if name, err := os.Hostname(); err == nil {
			lines = linesOf(text, name)
		}
	}
	return OfHeartbeat(strings.TrimSpace(string(out.Stdout)), lines)
}

// haresources is Heartbeat's list of what runs where.
const haresources = "/etc/ha.d/haresources"

// linesOf tells whose lines there are. Heartbeat compares names without regard to case.
func linesOf(text []byte, node string) Lines {
	groups, err := hb.ParseResources(haresources, text)
	if err != nil {
		return Lines{}
	}
	l := Lines{Known: true}
	for _, g := range groups {
		if strings.EqualFold(g.Node.Text, node) {
			l.Own = true
		} else {
			l.Others = true
		}
	}
	return l
}
