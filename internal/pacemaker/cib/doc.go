// SPDX-License-Identifier: Apache-2.0

// Package cib reads pacemaker's configuration: the resources with their parameters as an agent gets them, properties,
// constraints and nodes. It asks cibadmin(8), on every version since pacemaker 1.1, or reads a file.
//
//	c, err := cib.Query(ctx, os.Environ())        // errors.Is(err, cib.ErrNoCluster): none runs here
//	for _, p := range c.Primitives() { ... p.Params["ip"] ... }
//
// Sets of attributes that have a rule apply to some nodes or times only; they are left out, and Primitive.Ruled says so.
package cib
