// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"fmt"
	"regexp"
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
