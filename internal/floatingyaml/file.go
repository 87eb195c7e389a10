// SPDX-License-Identifier: Apache-2.0

// Package floatingyaml is the declarative file /etc/ocf-oci/floating.yaml, the same on every node: which VNIC of which
// node carries which floating address, and how the nodes authenticate.
//
//	auth:
//	  kind: instance_principal
//	nodes:
//	  vrouter1:
//	    primary: ocid1.vnic.oc1.ca-toronto-1.aaa
//	    pod1: ocid1.vnic.oc1.ca-toronto-1.bbb
//	addresses:
//	  - ip: 10.0.0.100
//	    prefix: 28
//	    network: primary
//	  - ip: 10.1.0.100
//	    network: pod1
//
// "primary" and "pod1" are names of networks that the administrator chooses; each node names its VNIC in each. A prefix
// that is left out is that of the subnet.
package floatingyaml

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"ocf-oci/internal/oci"
	"ocf-oci/internal/yamllimit"
)

// DefaultPath is where the agent looks.
const DefaultPath = "/etc/ocf-oci/floating.yaml"

// File is the whole content.
type File struct {
	Auth      Auth                             `yaml:"auth,omitempty"`
	Nodes     map[string]map[string]oci.VNICID `yaml:"nodes"` // node, network
	Addresses []Address                        `yaml:"addresses"`
}

// Auth is how the nodes prove who they are; empty fields are the agent's defaults.
type Auth struct {
	Kind       string `yaml:"kind,omitempty"` // instance_principal, api_key, resource_principal
	ConfigFile string `yaml:"config_file,omitempty"`
	Profile    string `yaml:"profile,omitempty"`
	Region     string `yaml:"region,omitempty"`
	Endpoint   string `yaml:"endpoint,omitempty"`
}

// Address is one floating address.
type Address struct {
	IP      netip.Addr `yaml:"ip"`
	Prefix  int        `yaml:"prefix,omitempty"` // 0: that of the subnet
	Network string     `yaml:"network"`
}

// Parse reads a file; name is for messages, which have the form NAME:LINE:COLUMN: message. Unknown keys, keys that are
// there twice, bad OCIDs and references to networks that no node has are errors; all that Check finds are joined.
func Parse(name string, text []byte) (File, error) {
	var f File
	if err := yamllimit.Check(name, text); err != nil {
		return f, err
	}
	if err := yaml.UnmarshalWithOptions(text, &f, yaml.Strict()); err != nil {
		return f, located(name, err)
	}
	places := placesOf(text)
	var errs []error
	for _, p := range f.Check() {
		line, column := places.find(p.Path)
		errs = append(errs, fmt.Errorf("%s:%d:%d: %w", name, line, column, p.Err))
	}
	return f, errors.Join(errs...)
}

// located puts the parser's position first.
func located(name string, err error) error {
	var y yaml.Error
	if errors.As(err, &y) && y.GetToken() != nil {
		at := y.GetToken().Position
		return fmt.Errorf("%s:%d:%d: %s", name, at.Line, at.Column, y.GetMessage())
	}
	return fmt.Errorf("%s:1:1: %w", name, err)
}

// Marshal writes the file, nodes in alphabetical order, below a comment.
func (f File) Marshal(comment string) ([]byte, error) {
	var b bytes.Buffer
	for line := range strings.Lines(comment) {
		b.WriteString("# " + strings.TrimRight(line, "\n") + "\n")
	}
	text, err := yaml.MarshalWithOptions(f, yaml.IndentSequence(true))
	if err != nil {
		return nil, fmt.Errorf("writing floating.yaml: %w", err)
	}
	b.Write(text)
	return b.Bytes(), nil
}

// Networks are the names of all networks, sorted.
func (f File) Networks() []string {
	var names []string
	for _, vnics := range f.Nodes {
		for name := range vnics {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
