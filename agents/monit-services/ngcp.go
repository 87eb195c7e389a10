// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/goccy/go-yaml"

	"ocf-oci/internal/plainfile"
	"ocf-oci/internal/yamllimit"
)

// ngcpConfig is the configuration of an NGCP node (handbook, section 9.6.2.2).
const ngcpConfig = "/etc/ngcp-config/config.yml"

// handbookDepth returns ha.monitor_services; empty if the file or the key does not exist.
func handbookDepth(file string) (string, error) {
	text, err := plainfile.Read(file, yamllimit.Size)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading NGCP's configuration: %w", err)
	}
	if err := yamllimit.Check(file, text); err != nil {
		return "", fmt.Errorf("reading NGCP's configuration: %w", err)
	}
	var c struct {
		HA struct {
			MonitorServices string `yaml:"monitor_services"`
		} `yaml:"ha"`
	}
	if err := yaml.Unmarshal(text, &c); err != nil {
		return "", fmt.Errorf("reading NGCP's configuration %s: %w", file, err)
	}
	switch c.HA.MonitorServices {
	case "", "none", "full":
		return c.HA.MonitorServices, nil
	}
	return "", fmt.Errorf("reading NGCP's configuration %s: ha.monitor_services is %q, neither none nor full", file, c.HA.MonitorServices)
}
