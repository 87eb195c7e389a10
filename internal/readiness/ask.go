// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ocf-oci/internal/command"
	"ocf-oci/internal/floating"
	"ocf-oci/internal/pacemaker/cib"
)

// DefaultRoot is OCF_ROOT.
const DefaultRoot = "/usr/lib/ocf"

// Asker runs the agent.
type Asker struct {
	Root string // OCF_ROOT; empty: DefaultRoot
	Node string // the cluster's name of this node
	// Thorough also looks at rights that a start rarely needs.
	Thorough bool
	Env      []string // passed on: PATH and the variables of a resource principal
}

// IDs of findings that come from here, not from the agent.
const (
	NoAgent     = "agent-missing"
	AgentSilent = "agent-silent"
)

// Resources returns the primitives of the CIB that the agent ocf:oci:IPaddr2 runs.
func Resources(c *cib.CIB) []cib.Primitive {
	var list []cib.Primitive
	for _, p := range c.Primitives() {
		if p.Agent() == "ocf:oci:IPaddr2" {
			list = append(list, p)
		}
	}
	return list
}

// Ask examines one resource on this node, for at most the given time. There is always an answer: an agent that is
// missing, hangs or talks nonsense makes the node not ready.
func (a Asker) Ask(ctx context.Context, p cib.Primitive, timeout time.Duration) floating.Readiness {
	path, out, err := a.run(ctx, p, "ready", timeout)
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return silent(NoAgent, fmt.Sprintf("%s is not installed on this node: install the package ocf-oci", path))
	}
	var r floating.Readiness
	if jerr := json.Unmarshal(out.Stdout, &r); jerr != nil {
		if err == nil {
			err = jerr
		}
		return silent(AgentSilent, fmt.Sprintf("the agent did not say whether it is ready: %v", err))
	}
	return r
}

// Start brings the addresses of a resource here, as pacemaker would; what is here already stays.
func (a Asker) Start(ctx context.Context, p cib.Primitive, timeout time.Duration) error {
	if _, _, err := a.run(ctx, p, "start", timeout); err != nil {
		return fmt.Errorf("the agent's start: %w", err)
	}
	return nil
}

// run calls the agent with a resource's parameters.
func (a Asker) run(ctx context.Context, p cib.Primitive, action string, timeout time.Duration) (path string, out command.Output, err error) {
	root := a.Root
	if root == "" {
		root = DefaultRoot
	}
	env := append(a.environment(),
		"OCF_ROOT="+root, "OCF_RA_VERSION_MAJOR=1", "OCF_RA_VERSION_MINOR=1",
		"OCF_RESOURCE_INSTANCE="+p.ID, "OCF_RESOURCE_TYPE="+p.Type, "OCF_RESOURCE_PROVIDER="+p.Provider,
		"OCF_RESKEY_CRM_meta_timeout="+strconv.FormatInt(timeout.Milliseconds(), 10),
		"OCF_RESKEY_CRM_meta_on_node="+a.Node)
	if a.Thorough {
		env = append(env, "OCF_CHECK_LEVEL=10")
	}
	for name, value := range p.Params {
		env = append(env, "OCF_RESKEY_"+name+"="+value)
	}
	path = filepath.Join(root, "resource.d", p.Provider, p.Type)
	ctx, cancel := context.WithTimeout(ctx, timeout+500*time.Millisecond)
	defer cancel()
	out, err = command.Run(ctx, command.Command{Name: path, Args: []string{action}, Env: env})
	return path, out, err
}

func silent(id, text string) floating.Readiness {
	return floating.Readiness{Problems: []floating.Finding{{ID: id, Text: text}}}
}

// environment passes on what a start would get from pacemaker's own environment.
func (a Asker) environment() []string {
	var env []string
	for _, entry := range a.Env {
		name, _, _ := strings.Cut(entry, "=")
		if name == "PATH" || name == "HOME" || strings.HasSuffix(strings.ToUpper(name), "_PROXY") || strings.HasPrefix(name, "OCI_RESOURCE_PRINCIPAL_") {
			env = append(env, entry)
		}
	}
	return env
}
