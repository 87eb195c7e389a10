// SPDX-License-Identifier: Apache-2.0

// Package ocfagent asks an installed OCF resource agent what it says of itself (OCF Resource Agent API 1.1, action meta-data).
package ocfagent

import (
	"context"
	"encoding/xml"
	"fmt"
	"path/filepath"
	"time"

	"ocf-oci/internal/command"
)

// Parameter is one that an agent takes.
type Parameter struct {
	Name     string
	Required bool // it has to be given: it is required, and has no default
}

// limit is how long an agent may think; it only prints.
const limit = 5 * time.Second

// Root asks the agents below a directory such as /usr/lib/ocf, in an environment ("NAME=value").
type Root struct {
	Dir string
	Env []string
}

// Parameters runs an agent with meta-data.
func (r Root) Parameters(ctx context.Context, provider, typ string) ([]Parameter, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	out, err := command.Run(ctx, command.Command{
		Name: filepath.Join(r.Dir, "resource.d", provider, typ), Args: []string{"meta-data"}, Limit: 1 << 20,
		Env: append([]string{"OCF_ROOT=" + r.Dir, "OCF_RA_VERSION_MAJOR=1", "OCF_RA_VERSION_MINOR=1", "LC_ALL=C"}, r.Env...),
	})
	if err != nil {
		return nil, fmt.Errorf("ask ocf:%s:%s what parameters it takes: %w", provider, typ, err)
	}
	list, err := parse(out.Stdout)
	if err != nil {
		return nil, fmt.Errorf("read what ocf:%s:%s says of itself: %w", provider, typ, err)
	}
	return list, nil
}

func parse(text []byte) ([]Parameter, error) {
	var doc struct {
		Parameters []struct {
			Name     string `xml:"name,attr"`
			Required string `xml:"required,attr"`
			Content  struct {
				Default *string `xml:"default,attr"`
			} `xml:"content"`
		} `xml:"parameters>parameter"`
	}
	if err := xml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	var list []Parameter
	for _, p := range doc.Parameters {
		required := (p.Required == "1" || p.Required == "true") && (p.Content.Default == nil || *p.Content.Default == "")
		list = append(list, Parameter{p.Name, required})
	}
	return list, nil
}
