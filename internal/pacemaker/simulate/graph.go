// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"ocf-oci/internal/command"
)

// Graph returns the transition graph (XML) with which pacemaker would answer a whole CIB, status included.
func Graph(ctx context.Context, env []string, cib []byte) ([]byte, error) {
	dir, err := os.MkdirTemp("", "crm-simulate-")
	if err != nil {
		return nil, fmt.Errorf("asking the scheduler: %w", err)
	}
	defer os.RemoveAll(dir)
	file, graph := filepath.Join(dir, "cib.xml"), filepath.Join(dir, "graph.xml")
	if err := os.WriteFile(file, cib, 0o600); err != nil {
		return nil, fmt.Errorf("asking the scheduler: %w", err)
	}
	_, err = command.Run(ctx, command.Command{Name: "crm_simulate", Args: []string{"--xml-file", file, "--run", "--save-graph", graph},
		Env: append(append([]string{}, env...), "LC_ALL=C")})
	if errors.Is(err, exec.ErrNotFound) {
		return nil, fmt.Errorf("crm_simulate is not installed, so nobody can tell what pacemaker would do; install pacemaker's command line tools: %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("asking the scheduler what it would do: %w", err)
	}
	text, err := os.ReadFile(graph)
	if err != nil {
		return nil, fmt.Errorf("asking the scheduler what it would do: %w", err)
	}
	return text, nil
}
