// SPDX-License-Identifier: Apache-2.0

package loader

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"ocf-oci/internal/crmsyntax"
	"ocf-oci/internal/plainfile"
)

// File is the source that parses a file of crm syntax; "-" is stdin, which is read once. With agents it is an error if an
// OCF agent is not installed.
func File(name string, stdin io.Reader, agents crmsyntax.Agents) Source {
	var text []byte
	var readErr error
	read := false
	return func(live *crmsyntax.Configuration, schema string) (*crmsyntax.Configuration, error) {
		if !read || name != "-" {
			text, readErr = content(name, stdin)
			read = true
		}
		if readErr != nil {
			return nil, &InvalidFile{[]string{readErr.Error()}}
		}
		opt := crmsyntax.Options{Agents: agents, CheckAgents: agents != nil, Schema: schema}
		for _, obj := range live.Objects() {
			if obj.Kind == "node" {
				opt.Nodes = append(opt.Nodes, obj.ID)
			}
		}
		cfg, err := crmsyntax.Parse(name, text, opt)
		if list, ok := crmsyntax.AsErrors(err); ok {
			invalid := &InvalidFile{}
			for _, e := range list {
				invalid.Errors = append(invalid.Errors, e.Detail())
			}
			return nil, invalid
		}
		if err != nil {
			return nil, err
		}
		if len(cfg.Objects()) == 0 {
			return nil, &InvalidFile{[]string{name + ":1:1: the file has no object, so loading it would erase the cluster's configuration; was its template rendered?"}}
		}
		return cfg, nil
	}
}

func content(name string, stdin io.Reader) ([]byte, error) {
	var text []byte
	var err error
	if name == "-" {
		text, err = io.ReadAll(stdin)
	} else {
		text, err = plainfile.ReadGiven(name, 16<<20)
	}
	if errors.Is(err, plainfile.ErrNotRegular) {
		return nil, fmt.Errorf("%s: %w; - instead of a name reads the standard input", name, plainfile.ErrNotRegular)
	}
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return nil, fmt.Errorf("%s: %w", name, path.Err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return text, nil
}
