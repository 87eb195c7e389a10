// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

var numberRE = regexp.MustCompile(`\d+\.\d+(\.\d+)?`)

// versions asks the programs in a node.
func (d *demo) versions(ctx context.Context, node string) error {
	c := &d.outcome.Report.Cluster
	for _, m := range d.lab.Topology().Nodes {
		c.Nodes = append(c.Nodes, m.Name)
	}
	for _, p := range []struct {
		argv []string
		into *string
	}{
		{[]string{"pacemakerd", "--version"}, &c.Pacemaker},
		{[]string{"corosync", "-v"}, &c.Corosync},
		{[]string{"pcs", "--version"}, &c.Pcs},
	} {
		out, err := d.lab.Output(ctx, node, p.argv...)
		if err != nil {
			return err
		}
		if *p.into = numberRE.FindString(string(out)); *p.into == "" {
			return fmt.Errorf("%s on %s says %q, which has no version in it", line(p.argv), node, out)
		}
	}
	var err error
	d.pcs, err = parseVersion(c.Pcs)
	return err
}

// facts asks for the two times that explain what is seen: corosync's token timeout, and the agent's settle.
func (d *demo) facts(ctx context.Context, node string) error {
	out, err := d.lab.Output(ctx, node, "corosync-cmapctl", "-g", "runtime.config.totem.token")
	if err != nil {
		return err
	}
	if d.outcome.Token, err = readToken(string(out)); err != nil {
		return fmt.Errorf("on %s: %w", node, err)
	}
	out, err = d.lab.Output(ctx, node, "/usr/lib/ocf/resource.d/oci/IPaddr2", "meta-data")
	if err != nil {
		return err
	}
	if d.outcome.Settle, err = readSettle(out); err != nil {
		return fmt.Errorf("on %s: %w", node, err)
	}
	return nil
}

var tokenRE = regexp.MustCompile(`runtime\.config\.totem\.token \(u32\) = (\d+)`)

// readToken reads corosync-cmapctl's answer, in milliseconds.
func readToken(text string) (time.Duration, error) {
	m := tokenRE.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("corosync's token timeout is not in %q", text)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0, fmt.Errorf("corosync's token timeout: %w", err)
	}
	return time.Duration(n) * time.Millisecond, nil
}

// readSettle reads the default of the agent's parameter settle.
func readSettle(metadata []byte) (time.Duration, error) {
	var m struct {
		Parameters []struct {
			Name    string `xml:"name,attr"`
			Content struct {
				Default string `xml:"default,attr"`
			} `xml:"content"`
		} `xml:"parameters>parameter"`
	}
	if err := xml.Unmarshal(metadata, &m); err != nil {
		return 0, fmt.Errorf("read the agent's meta-data: %w", err)
	}
	for _, p := range m.Parameters {
		if p.Name == "settle" {
			d, err := time.ParseDuration(p.Content.Default)
			if err != nil {
				return 0, fmt.Errorf("the agent's default for settle: %w", err)
			}
			return d, nil
		}
	}
	return 0, nil
}
