// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"ocf-oci/internal/adoption"
	"ocf-oci/internal/pacemaker/cib"
)

// undo goes back, also after a conversion that was killed.
func (j *conversion) undo(ctx context.Context) error {
	if j.journal == nil {
		return fmt.Errorf("no conversion of %s was made on this node: run this on the node where 'oci-vip convert' ran", j.resource)
	}
	before, err := adoption.Parse(j.journal.Before)
	if err != nil {
		return err
	}
	j.doc = conversionDocument{Resource: j.resource, From: adoption.Target, To: adoption.AgentOf(before), Before: j.journal.After, After: j.journal.Before}
	now, err := adoption.Find(j.text, j.resource)
	if err != nil {
		return err
	}
	after, err := adoption.Parse(j.journal.After)
	switch {
	case err != nil:
		return err
	case now == nil:
		return fmt.Errorf("the cluster has no resource %s any more", j.resource)
	case !adoption.Same(now, before) && !adoption.Same(now, after) && !j.Bool("force"):
		j.refuse("it was changed since the conversion, and the changes would be lost; --force goes back nevertheless")
		return j.refused()
	}
	active := j.journal.Active
	if j.journal.Done {
		j.doc.Refused = j.cluster.Unsafe(j.resource, now)
		if len(j.doc.Refused) > 0 {
			return j.refused()
		}
		j.journal.Maintenance, j.journal.After, active = j.maintenance(), adoption.Text(now), j.cluster.Active(j.resource)[0]
	}
	j.doc.Node = active
	host := adoption.Host{StateDir: j.String("state-dir"), Resource: cib.Primitive{ID: j.resource}}
	if active == j.cluster.Here {
		host.Added = j.journal.Added
	} else if len(j.journal.Added) > 0 {
		j.doc.Notes = append(j.doc.Notes, fmt.Sprintf("%s stays configured on %s, where the old agent does not look after it", joined(j.journal.Added), active))
	}
	if err := j.converter(host).Undo(ctx, j.journal, active); err != nil {
		return err
	}
	j.doc.Done = true
	return j.confirm(ctx, active)
}

func joined(ips []netip.Addr) string {
	words := make([]string, len(ips))
	for i, ip := range ips {
		words[i] = ip.String()
	}
	return strings.Join(words, ", ")
}
