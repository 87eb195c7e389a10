// SPDX-License-Identifier: Apache-2.0

// Package change changes a live cluster through pacemaker's own commands, one function a change: fail counts, node
// attributes, options and constraints. It decides nothing.
package change

import (
	"context"
	"errors"
	"fmt"
	"os/exec"

	"ocf-oci/internal/command"
	"ocf-oci/internal/pacemaker/cib"
)

// Cluster is the cluster of this node.
type Cluster struct {
	Env []string // of the commands
}

// Exit codes of pacemaker's commands (crm_exit_e in crm/common/results.h); before 2.0 they are errno values.
const (
	exitNoSuch     = 105 // CRM_EX_NOSUCH
	exitNoSuchOld  = 6   // ENXIO
	exitDisconnect = 102 // CRM_EX_DISCONNECT
	exitNotConn    = 107 // ENOTCONN; CRM_EX_UNSAFE since 2.0, which none of our calls gets
)

// ErrNothing means that what should be changed or removed does not exist.
var ErrNothing = errors.New("it does not exist")

// run runs one of pacemaker's commands.
func (c Cluster) run(ctx context.Context, what, stdin string, argv ...string) ([]byte, error) {
	out, err := command.Run(ctx, command.Command{Name: argv[0], Args: argv[1:], Env: c.Env, Stdin: stdin, Limit: 64 << 20})
	if err == nil {
		return out.Stdout, nil
	}
	switch {
	case errors.Is(err, exec.ErrNotFound), out.ExitCode == exitDisconnect, out.ExitCode == exitNotConn:
		err = fmt.Errorf("%w: %w", cib.ErrNoCluster, err)
	case out.ExitCode == exitNoSuch, out.ExitCode == exitNoSuchOld:
		err = fmt.Errorf("%w: %w", ErrNothing, err)
	}
	return nil, fmt.Errorf("%s: %w", what, err)
}

// CleanUp forgets the failures of a resource on a node; a resource that had failed may run there again.
func (c Cluster) CleanUp(ctx context.Context, resource, node string) error {
	_, err := c.run(ctx, fmt.Sprintf("cleaning up %s on %s", resource, node), "", "crm_resource", "--cleanup", "--resource", resource, "--node", node)
	return err
}

// Lifetime is how long a node attribute is kept.
type Lifetime string

// Forever is in the configuration, Reboot in the status section until the cluster stops on that node.
const (
	Forever Lifetime = "forever"
	Reboot  Lifetime = "reboot"
)

// SetNodeAttribute gives a node an attribute.
func (c Cluster) SetNodeAttribute(ctx context.Context, node, name, value string, l Lifetime) error {
	_, err := c.run(ctx, fmt.Sprintf("setting %s=%s on %s", name, value, node), "",
		"crm_attribute", "--node", node, "--name", name, "--update", value, "--lifetime", string(l))
	return err
}

// DeleteNodeAttribute takes it away; it is no error if there is none.
func (c Cluster) DeleteNodeAttribute(ctx context.Context, node, name string, l Lifetime) error {
	_, err := c.run(ctx, fmt.Sprintf("deleting %s (lifetime %s) of %s", name, l, node), "",
		"crm_attribute", "--node", node, "--name", name, "--delete", "--lifetime", string(l))
	if errors.Is(err, ErrNothing) {
		return nil
	}
	return err
}

// SetOption sets a cluster option, such as maintenance-mode.
func (c Cluster) SetOption(ctx context.Context, name, value string) error {
	_, err := c.run(ctx, fmt.Sprintf("setting %s=%s", name, value), "", "crm_attribute", "--type", "crm_config", "--name", name, "--update", value)
	return err
}

// DeleteOption takes a cluster option away; it is no error if it is not set.
func (c Cluster) DeleteOption(ctx context.Context, name string) error {
	_, err := c.run(ctx, "deleting option "+name, "", "crm_attribute", "--type", "crm_config", "--name", name, "--delete")
	if errors.Is(err, ErrNothing) {
		return nil
	}
	return err
}

// SetMeta sets a meta attribute of a resource.
func (c Cluster) SetMeta(ctx context.Context, resource, name, value string) error {
	_, err := c.run(ctx, fmt.Sprintf("setting %s=%s of %s", name, value, resource), "",
		"crm_resource", "--resource", resource, "--meta", "--set-parameter", name, "--parameter-value", value)
	return err
}

// DeleteMeta takes a meta attribute away; it is no error if there is none.
func (c Cluster) DeleteMeta(ctx context.Context, resource, name string) error {
	_, err := c.run(ctx, fmt.Sprintf("deleting %s of %s", name, resource), "",
		"crm_resource", "--resource", resource, "--meta", "--delete-parameter", name)
	if errors.Is(err, ErrNothing) {
		return nil
	}
	return err
}

// Create adds an element, given as XML, to a section of the configuration; one that has the same id is an error.
func (c Cluster) Create(ctx context.Context, section, xml string) error {
	_, err := c.run(ctx, "adding to the cluster's "+section, xml, "cibadmin", "--create", "--scope", section, "--xml-pipe")
	return err
}

// Modify changes attributes of elements that exist, given by their ids. The error wraps ErrNothing if they do not.
func (c Cluster) Modify(ctx context.Context, section, xml string) error {
	_, err := c.run(ctx, "changing the cluster's "+section, xml, "cibadmin", "--modify", "--scope", section, "--xml-pipe")
	return err
}

// Replace exchanges the element of a section that has the same id, wherever it stands in it, by one atomic change. The
// error wraps ErrNothing if there is none.
func (c Cluster) Replace(ctx context.Context, section, xml string) error {
	_, err := c.run(ctx, "replacing a definition in the cluster's "+section, xml, "cibadmin", "--replace", "--scope", section, "--xml-pipe")
	return err
}

// Refresh forgets the history of a resource on all nodes, so that it is probed anew. Where it is part of a group or a
// clone, the others in there are left alone.
func (c Cluster) Refresh(ctx context.Context, resource string) error {
	_, err := c.run(ctx, "asking for new probes of "+resource, "", "crm_resource", "--refresh", "--force", "--resource", resource)
	return err
}

// Delete removes the first element that an XPath finds. The error wraps ErrNothing if there is none.
func (c Cluster) Delete(ctx context.Context, xpath string) error {
	_, err := c.run(ctx, "removing "+xpath, "", "cibadmin", "--delete", "--xpath", xpath)
	return err
}

// Settle waits until nothing is left to do, within ctx and not longer than pacemaker's own limit in seconds.
func (c Cluster) Settle(ctx context.Context, seconds int) error {
	_, err := c.run(ctx, "waiting for the cluster to settle", "", "crm_resource", "--wait", fmt.Sprintf("--timeout=%ds", seconds))
	return err
}
