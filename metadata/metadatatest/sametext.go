// SPDX-License-Identifier: Apache-2.0

package metadatatest

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// described is the part of the meta-data that people read.
type described struct {
	Short      string `xml:"shortdesc"`
	Long       string `xml:"longdesc"`
	Parameters []struct {
		Name  string `xml:"name,attr"`
		Short string `xml:"shortdesc"`
		Long  string `xml:"longdesc"`
	} `xml:"parameters>parameter"`
}

// SameText installs the agent binary as ocf:provider:typ and checks that `pcs resource describe`, `crm ra info` and the
// manual page show every description of its meta-data, word for word.
func SameText(t *testing.T, agentBinaryPath, provider, typ, manual string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root for a mount namespace")
	}
	v, err := install(t.TempDir(), agentBinaryPath, provider, typ)
	if err != nil {
		t.Fatal(err)
	}
	page, err := filepath.Abs(manual)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		full bool // it shows the short descriptions too
	}{
		{"pcs", []string{"pcs", "resource", "describe", v.name, "--full"}, false},
		{"crmsh", []string{"crm", "ra", "info", v.name}, true},
		{"man", []string{"env", "MANWIDTH=120", "LC_ALL=C.UTF-8", "man", "--local-file", page}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, err := v.run(c.args...)
			if err != nil {
				t.Fatal(err)
			}
			missing, err := v.missing(text, c.full)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range missing {
				t.Error(m)
			}
		})
	}
}

// missing lists the descriptions that a text does not show. Line breaks do not count.
func (v *installation) missing(text string, full bool) ([]string, error) {
	var d described
	if err := xml.NewDecoder(strings.NewReader(v.text)).Decode(&d); err != nil {
		return nil, fmt.Errorf("the meta-data is no XML: %w", err)
	}
	text = strings.Join(strings.Fields(text), " ")
	var list []string
	shows := func(of, words string) {
		if words = strings.Join(strings.Fields(words), " "); words == "" || !strings.Contains(text, words) {
			list = append(list, fmt.Sprintf("%s: %q is not shown", of, words))
		}
	}
	shows("the agent", d.Long)
	shows("the agent", d.Short[1:]) // a manual page's name line begins with a small letter
	for _, p := range d.Parameters {
		shows(p.Name, p.Long)
		if full {
			shows(p.Name, p.Short)
		}
	}
	return list, nil
}
