// SPDX-License-Identifier: Apache-2.0

package loader

import (
	"context"
	"errors"
	"os"
	"time"

	"ocf-oci/internal/command"
	"ocf-oci/internal/crmsyntax"
	"ocf-oci/internal/crmsyntax/verify"
	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/pacemaker/simulate"
)

// Cluster is what a reload needs of pacemaker.
type Cluster interface {
	// Query returns the whole CIB; errors wrap cib.ErrNoCluster or cib.ErrNoAnswer.
	Query(ctx context.Context) ([]byte, error)
	// Replace replaces the whole CIB; see cib.Replace for its errors.
	Replace(ctx context.Context, document []byte) error
	// Verify says what crm_verify thinks of a configuration in a CIB.
	Verify(ctx context.Context, cfg *crmsyntax.Configuration, document []byte) (verify.Report, error)
	// Graph is the transition graph with which the scheduler answers a CIB.
	Graph(ctx context.Context, document []byte) ([]byte, error)
	// Node is this node's name.
	Node(ctx context.Context) string
}

// Pacemaker is the cluster that this node is in, by pacemaker's command line tools in the given environment.
type Pacemaker []string

// Times after which a single call is given up. cibadmin itself waits two minutes for a cluster without DC.
const (
	queryLimit    = 20 * time.Second
	replaceLimit  = 60 * time.Second
	simulateLimit = 60 * time.Second
)

// Query asks cibadmin. While pacemaker starts it does not answer yet, so it is asked again for a moment.
func (p Pacemaker) Query(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, queryLimit)
	defer cancel()
	for {
		text, err := cib.Document(ctx, p)
		if !errors.Is(err, cib.ErrNoAnswer) || pause(ctx, 500*time.Millisecond) != nil {
			return text, err
		}
	}
}

// Replace asks cibadmin.
func (p Pacemaker) Replace(ctx context.Context, document []byte) error {
	ctx, cancel := context.WithTimeout(ctx, replaceLimit)
	defer cancel()
	return cib.Replace(ctx, p, document)
}

// Verify asks crm_verify.
func (p Pacemaker) Verify(ctx context.Context, cfg *crmsyntax.Configuration, document []byte) (verify.Report, error) {
	ctx, cancel := context.WithTimeout(ctx, simulateLimit)
	defer cancel()
	return verify.Check(ctx, command.Run, cfg, document)
}

// Graph asks crm_simulate.
func (p Pacemaker) Graph(ctx context.Context, document []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, simulateLimit)
	defer cancel()
	return simulate.Graph(ctx, p, document)
}

// Node asks crm_node, or else the system.
func (p Pacemaker) Node(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, queryLimit)
	defer cancel()
	if name, err := cib.LocalNode(ctx, p); err == nil && name != "" {
		return name
	}
	name, _ := os.Hostname()
	return name
}

// pause waits, or returns why it must not.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
