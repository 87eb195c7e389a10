// SPDX-License-Identifier: Apache-2.0

package heartbeatconvert

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"path/filepath"

	"ocf-oci/internal/heartbeat"
	"ocf-oci/internal/ngcpconfig"
	"ocf-oci/internal/plainfile"
)

// Input says where the configuration is.
type Input struct {
	Dir     string                // with ha.cf, haresources, authkeys
	Network string                // network.yml; empty: beside them or in /etc/ngcp-config, if it is there
	Nodes   map[string]netip.Addr // addresses that somebody gave; they come before network.yml
	Fence   Fencing
}

// Read reads the files that are to be converted. The error has all that is wrong with them.
func Read(in Input) (Source, error) {
	s := Source{Fence: in.Fence}
	config, err1 := load(in.Dir, "ha.cf")
	resources, err2 := load(in.Dir, "haresources")
	if err := errors.Join(err1, err2); err != nil {
		return s, fmt.Errorf("read Heartbeat's configuration: %w", err)
	}
	s.Config, err1 = heartbeat.ParseConfig(filepath.Join(in.Dir, "ha.cf"), config)
	s.Groups, err2 = heartbeat.ParseResources(filepath.Join(in.Dir, "haresources"), resources)
	var err3 error
	if keys, err := load(in.Dir, "authkeys"); err == nil {
		s.Key, err3 = heartbeat.ParseKeys(filepath.Join(in.Dir, "authkeys"), keys)
	} else if !errors.Is(err, fs.ErrNotExist) {
		err3 = err
	}
	if err := errors.Join(err1, err2, err3); err != nil {
		return s, err
	}
	return s, s.addresses(in)
}

// limit is how many bytes each file may have.
const limit = 1 << 20

func load(dir, name string) ([]byte, error) { return plainfile.Read(filepath.Join(dir, name), limit) }

// addresses fills in Nodes.
func (s *Source) addresses(in Input) error {
	file := in.Network
	text, err := plainfile.Read(file, limit)
	for _, try := range []string{filepath.Join(in.Dir, "network.yml"), filepath.Join(ngcpconfig.Dir, "network.yml")} {
		if in.Network == "" && err != nil {
			file = try
			text, err = plainfile.Read(try, limit)
		}
	}
	var network ngcpconfig.Network
	switch {
	case err == nil:
		if network, err = ngcpconfig.ParseNetwork(file, text); err != nil {
			return err
		}
	case in.Network != "" || !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("read network.yml: %w", err)
	}
	for _, n := range heartbeat.Nodes(s.Config) {
		a, ok := in.Nodes[n.Text]
		if !ok {
			a, ok = network.HAAddress(n.Text)
		}
		if ok {
			s.Nodes = append(s.Nodes, Node{n.Text, a})
		}
	}
	for name := range in.Nodes {
		if !hasNode(s.Config, name) {
			return fmt.Errorf("node %s of --node is not in ha.cf", name)
		}
	}
	return nil
}

func hasNode(config []heartbeat.Directive, name string) bool {
	for _, n := range heartbeat.Nodes(config) {
		if n.Text == name {
			return true
		}
	}
	return false
}

// File is one of the new files.
type File struct {
	Name    string
	Content []byte
	Mode    fs.FileMode
}

// Files are the files of a result.
func (r Result) Files() []File {
	files := []File{{"corosync.conf", []byte(r.Corosync), 0o644}, {"cluster.crm", []byte(r.Cluster), 0o644}}
	if r.AuthKey != nil {
		files = append(files, File{"authkey", r.AuthKey, 0o400})
	}
	return files
}
