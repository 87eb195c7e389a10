// SPDX-License-Identifier: Apache-2.0

// Package settings is /etc/ngcp-ha.yaml: the names that ngcp-ha works with, where they differ from the handbook's, and
// the hosts of "ngcp-ha parallel". Every key is optional.
//
//	groups:
//	  vips: g_vips                # the shared addresses
//	  services: g_ngcp            # what runs where they are
//	services_resource: p_monit_services
//	ping_attribute: pingd         # node attribute with the connectivity score
//	cluster_crm: /etc/pacemaker/cluster.crm
//	state: /var/lib/ngcp-ha       # saved configurations, migration journal
//	hosts:                        # of parallel: every pair with its nodes
//	  sp: [sp1, sp2]
//	ssh: [ssh, -o, BatchMode=yes, -o, ConnectTimeout=5]
package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"

	"github.com/goccy/go-yaml"

	"ocf-oci/internal/plainfile"
	"ocf-oci/internal/yamllimit"
)

// DefaultPath is where the file lies.
const DefaultPath = "/etc/ngcp-ha.yaml"

// Settings is the file's content, completed by defaults.
type Settings struct {
	Groups           Groups              `yaml:"groups"`
	ServicesResource string              `yaml:"services_resource"`
	PingAttribute    string              `yaml:"ping_attribute"`
	ClusterCRM       string              `yaml:"cluster_crm"`
	State            string              `yaml:"state"`
	Hosts            map[string][]string `yaml:"hosts"`
	SSH              []string            `yaml:"ssh"`
}

// Groups are ids in the cluster; a single resource will do for a group.
type Groups struct {
	VIPs     string `yaml:"vips"`
	Services string `yaml:"services"`
}

// Default is what the handbook says.
func Default() Settings {
	return Settings{
		Groups: Groups{VIPs: "g_vips", Services: "g_ngcp"}, ServicesResource: "p_monit_services", PingAttribute: "pingd",
		ClusterCRM: "/etc/pacemaker/cluster.crm", State: "/var/lib/ngcp-ha",
		SSH: []string{"ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5"},
	}
}

// Read reads a file. If it does not exist that is an error only if it must; else the settings are the handbook's.
func Read(path string, must bool) (Settings, error) {
	text, err := plainfile.ReadGiven(path, yamllimit.Size)
	if errors.Is(err, fs.ErrNotExist) && !must {
		return Default(), nil
	}
	if err != nil {
		return Default(), fmt.Errorf("reading the settings: %w", err)
	}
	return Parse(path, text)
}

// Parse reads the text of a file; path is for messages, which have the form PATH:LINE:COLUMN: message. Unknown keys,
// wrong types and empty names are errors.
func Parse(path string, text []byte) (Settings, error) {
	s := Default()
	if err := yamllimit.Check(path, text); err != nil {
		return s, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	if err := decoder.Decode(&s); err != nil && !errors.Is(err, io.EOF) {
		var located yaml.Error
		if errors.As(err, &located) && located.GetToken() != nil {
			at := located.GetToken().Position
			return Default(), fmt.Errorf("%s:%d:%d: %s", path, at.Line, at.Column, located.GetMessage())
		}
		return Default(), fmt.Errorf("%s:1:1: %w", path, err)
	}
	if reflect.DeepEqual(s, Settings{}) { // the decoder clears the value for a document without content
		s = Default()
	}
	for key, value := range map[string]string{
		"groups.vips": s.Groups.VIPs, "groups.services": s.Groups.Services, "services_resource": s.ServicesResource,
		"ping_attribute": s.PingAttribute, "cluster_crm": s.ClusterCRM, "state": s.State,
	} {
		if value == "" {
			return Default(), fmt.Errorf("%s:1:1: %s is empty; leave the key out for its default", path, key)
		}
	}
	if len(s.SSH) == 0 {
		return Default(), fmt.Errorf("%s:1:1: ssh is empty; it is the command that reaches a host, such as [ssh, -o, BatchMode=yes]", path)
	}
	return s, nil
}
