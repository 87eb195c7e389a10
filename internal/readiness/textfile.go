// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// metric is one line of a Prometheus text file for each resource.
type metric struct {
	name, help string
	value      func(Record) (float64, bool)
}

var metrics = []metric{
	{"ocf_oci_ready", "Whether this node could take the floating address over now.", func(r Record) (float64, bool) { return number(r.Ready), true }},
	{"ocf_oci_degraded", "Whether the address runs here while the cloud has not answered for several checks.", func(r Record) (float64, bool) { return number(r.Degraded), true }},
	{"ocf_oci_owner", "Whether the cloud delivers all addresses of the resource to this node; absent if not known.", owner},
	{"ocf_oci_last_check_timestamp_seconds", "When readiness was checked last.", func(r Record) (float64, bool) { return float64(r.At.UnixMilli()) / 1000, true }},
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func owner(r Record) (float64, bool) {
	if r.Cloud == "none" {
		return number(r.Owned), true
	}
	mine := len(r.Targets) > 0
	for _, t := range r.Targets {
		if !t.Asked {
			return 0, false
		}
		mine = mine && t.Holder == t.VNIC
	}
	return number(mine), len(r.Targets) > 0
}

// Textfile writes the records for the textfile collector of Prometheus' node exporter, replacing the file at once. Names
// are those of the exposition format 0.0.4.
func Textfile(path string, records []Record) error {
	var b bytes.Buffer
	for _, m := range metrics {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s gauge\n", m.name, m.help, m.name)
		for _, r := range records {
			if v, known := m.value(r); known {
				fmt.Fprintf(&b, "%s{resource=\"%s\"} %.15g\n", m.name, escape(r.Resource), v)
			}
		}
	}
	return replace(path, b.Bytes())
}

func escape(label string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(label)
}

// replace writes a file that others may read, so that nobody sees half of it.
func replace(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer os.Remove(f.Name()) // gone already if all went well
	_, err = f.Write(text)
	for _, step := range []func() error{func() error { return f.Chmod(0o644) }, f.Close, func() error { return os.Rename(f.Name(), path) }} {
		if err == nil {
			err = step()
		}
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// Sort orders records by resource.
func Sort(records []Record) {
	slices.SortFunc(records, func(a, b Record) int { return strings.Compare(a.Resource, b.Resource) })
}
