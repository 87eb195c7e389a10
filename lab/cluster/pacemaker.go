// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"encoding/xml"
	"fmt"
	"slices"
	"time"
)

// CrmMon is the cluster as this node sees it: one snapshot of crm_mon in XML.
func (n *Node) CrmMon(ctx context.Context) ([]byte, error) {
	return n.Output(ctx, "crm_mon", "-1", "--output-as=xml")
}

// CIB is this node's copy of the cluster information base, in XML.
func (n *Node) CIB(ctx context.Context) ([]byte, error) {
	return n.Output(ctx, "cibadmin", "--query", "--local")
}

// WaitSettled returns when the cluster, as this node sees it, has nothing left to do: no action is pending or would be
// started. Ask a node that is a member of it.
func (n *Node) WaitSettled(ctx context.Context) error {
	limit := time.Hour
	if deadline, ok := ctx.Deadline(); ok {
		limit = time.Until(deadline)
	}
	_, err := n.Output(ctx, "crm_resource", "--wait", fmt.Sprintf("--timeout=%d", max(1, int(limit.Seconds()))))
	return err
}

// crmMon is the part of crm_mon's XML that tells a cluster that has formed.
type crmMon struct {
	DC struct {
		Present bool `xml:"present,attr"`
		Quorum  bool `xml:"with_quorum,attr"`
	} `xml:"summary>current_dc"`
	Nodes []struct {
		Name    string `xml:"name,attr"`
		Online  bool   `xml:"online,attr"`
		Pending bool   `xml:"pending,attr"`
	} `xml:"nodes>node"`
}

// online is nil when this node sees a coordinator, quorum, and exactly the wanted nodes online.
func (n *Node) online(ctx context.Context, want []string) error {
	out, err := n.CrmMon(ctx)
	if err != nil {
		return err
	}
	var mon crmMon
	if err := xml.Unmarshal(out, &mon); err != nil {
		return fmt.Errorf("on %s: read crm_mon's XML: %w", n.name, err)
	}
	if !mon.DC.Present || !mon.DC.Quorum {
		return fmt.Errorf("%s sees no coordinator with quorum (present=%v quorum=%v)", n.name, mon.DC.Present, mon.DC.Quorum)
	}
	var online []string
	for _, m := range mon.Nodes {
		if m.Online && !m.Pending {
			online = append(online, m.Name)
		}
	}
	slices.Sort(online)
	if !slices.Equal(online, want) {
		return fmt.Errorf("%s sees online: %v, not %v", n.name, online, want)
	}
	return nil
}
