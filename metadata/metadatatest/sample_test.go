// SPDX-License-Identifier: Apache-2.0

package metadatatest_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ocf-oci/internal/ocf"
	"ocf-oci/metadata"
	"ocf-oci/metadata/metadatatest"
)

// sample uses everything that the model can say.
func sample() *metadata.Agent {
	return &metadata.Agent{
		Name: "Sample", Provider: "oci", Version: "1.2.3",
		Short: "A sample <agent> & more",
		Long:  "First paragraph with \"quotes\", <brackets> & an umlaut: ü.\n\nSecond paragraph.\n  indented",
		Parameters: append([]metadata.Parameter{
			{Name: "ip", Required: true, UniqueGroup: "address", Short: "Address", Long: "The address."},
			{Name: "a", UniqueGroup: "pair", Short: "One", Long: "One of two."},
			{Name: "b", UniqueGroup: "pair", Short: "Two", Long: "Two of two."},
			{Name: "count", Type: metadata.Integer, Default: "5", HasDefault: true, Reloadable: true, Short: "Count", Long: "How many."},
			{Name: "flag", Type: metadata.Boolean, Default: "false", HasDefault: true, Reloadable: true, Short: "Flag", Long: "Whether."},
			{Name: "settle", Type: metadata.Time, Default: "3s", HasDefault: true, Short: "Settle", Long: "How long."},
			{Name: "empty", HasDefault: true, Short: "Empty", Long: "Default is \"\" <&>."},
			{Name: "old", Deprecated: true, ReplacedWith: []string{"count", "flag"}, Short: "Old", Long: "Was used before."},
			{Name: "netmask", Hidden: true},
		}, metadata.TraceParameters()...),
		Actions: []metadata.Action{
			{Name: "start", Timeout: 120 * time.Second},
			{Name: "stop", Timeout: 40 * time.Second},
			{Name: "monitor", Timeout: 20 * time.Second, Interval: 20 * time.Second, HasDepth: true},
			{Name: "monitor", Timeout: 20 * time.Second, Interval: 60 * time.Second, Depth: 10},
			{Name: "migrate_to", Timeout: 40 * time.Second},
			{Name: "migrate_from", Timeout: 120 * time.Second},
			{Name: "reload-agent", Timeout: 1500 * time.Millisecond},
			{Name: "validate-all", Timeout: 20 * time.Second},
			{Name: "meta-data", Timeout: 5 * time.Second},
		},
	}
}

// TestMain lets the test binary be the agent when it is called by its name.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "Sample" {
		agent := &ocf.Agent{Meta: sample(), Handlers: map[string]ocf.Handler{
			"monitor": func(context.Context, *ocf.Call) ocf.Result { return ocf.NotRunningQuiet() },
		}}
		os.Exit(ocf.Main(agent, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func TestSampleAgent(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	metadatatest.Validate(t, self, "oci", "Sample")
}
