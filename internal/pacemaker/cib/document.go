// SPDX-License-Identifier: Apache-2.0

package cib

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"ocf-oci/internal/command"
)

// ErrNoAnswer means that pacemaker runs here but does not answer.
var ErrNoAnswer = errors.New("pacemaker runs on this node but does not answer")

// ErrStale means that the CIB was changed after the document was read that was to replace it. Nothing was changed.
var ErrStale = errors.New("the cluster's configuration was changed meanwhile")

// Invalid means that the CIB refuses a document. Nothing was changed.
type Invalid struct{ Reason string }

func (e *Invalid) Error() string { return "the cluster refuses the configuration: " + e.Reason }

// Exit codes of cibadmin --replace, as crm_exit_e since pacemaker 2.0, as pcmk_err_* before.
var (
	exitsStale   = []int{103, 205}
	exitsInvalid = []int{78, 203, 211}
)

// Document returns the whole CIB as the cluster's first node has it. The error wraps ErrNoCluster where pacemaker is not
// installed or stopped, and ErrNoAnswer where it runs and says nothing.
func Document(ctx context.Context, env []string) ([]byte, error) {
	out, err := command.Run(ctx, command.Command{Name: "cibadmin", Args: []string{"--query"}, Env: env, Limit: limit})
	switch {
	case err == nil && out.Truncated:
		return nil, fmt.Errorf("the cluster's configuration is larger than %d bytes", limit)
	case err == nil:
		return out.Stdout, nil
	case errors.Is(err, exec.ErrNotFound):
		return nil, fmt.Errorf("%w: %w", ErrNoCluster, err)
	case out.ExitCode == exitNotConnected || out.ExitCode == exitDisconnect || out.ExitCode == -1:
		if out.ExitCode != -1 && !running("/proc") {
			return nil, fmt.Errorf("%w: %w", ErrNoCluster, err)
		}
		return nil, fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	return nil, fmt.Errorf("reading the cluster's configuration: %w", err)
}

// running tells whether pacemakerd runs on this machine; one inside a container that runs here is another machine's.
func running(proc string) bool {
	own, _ := os.Readlink(filepath.Join(proc, "self", "ns", "pid"))
	names, err := filepath.Glob(filepath.Join(proc, "[0-9]*", "comm"))
	if err != nil {
		return false
	}
	return slices.ContainsFunc(names, func(name string) bool {
		comm, err := os.ReadFile(name)
		if err != nil || strings.TrimSpace(string(comm)) != "pacemakerd" {
			return false
		}
		theirs, err := os.Readlink(filepath.Join(filepath.Dir(name), "ns", "pid"))
		return err != nil || theirs == own
	})
}

// Replace replaces the whole CIB in one step. The document is one that Document returned with changes inside its
// configuration: the cluster compares the versions, so that a document older than the CIB is refused (ErrStale), status
// included. A *Invalid says that the schema refuses it. After any other error it may or may not have been replaced.
func Replace(ctx context.Context, env []string, document []byte) error {
	out, err := command.Run(ctx, command.Command{Name: "cibadmin", Args: []string{"--replace", "--xml-pipe"},
		Env: append(slices.Clone(env), "LC_ALL=C"), Stdin: string(document)})
	switch {
	case err == nil:
		return nil
	case slices.Contains(exitsStale, out.ExitCode):
		return fmt.Errorf("%w: %w", ErrStale, err)
	case slices.Contains(exitsInvalid, out.ExitCode):
		return &Invalid{strings.TrimSpace(string(out.Stderr))}
	}
	return fmt.Errorf("replacing the cluster's configuration: %w", err)
}
