// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"errors"
	"os/exec"
	"testing"

	"ocf-oci/lab"
	"ocf-oci/lab/scenario"
)

// agentArgs is the agent's command line as scenario.AgentCommand makes it.
func agentArgs(action string, args ...string) []string { return scenario.AgentCommand(action, args) }

// runAgent calls the agent and returns its exit code.
func runAgent(ctx context.Context, t *testing.T, l *lab.Lab, node, action string, args ...string) int {
	t.Helper()
	cmd, err := l.Command(ctx, node, agentArgs(action, args...)...)
	check(t, err)
	var exit *exec.ExitError
	if out, err := cmd.CombinedOutput(); err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s on %s: %v\n%s", action, node, err, out)
	}
	return cmd.ProcessState.ExitCode()
}
