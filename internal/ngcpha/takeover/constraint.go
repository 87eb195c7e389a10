// SPDX-License-Identifier: Apache-2.0

package takeover

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/beevik/etree"

	"ocf-oci/internal/pacemaker/cib"
	"ocf-oci/internal/process"
)

// endFormat is how crm_resource writes the end of a lifetime.
const endFormat = "2006-01-02 15:04:05Z"

// Mark is the constraint of one takeover. It has the id that crm_resource --move gives it, so that crm_resource, crm
// and pcs know and clear it; the id of its rule says whose it is.
type Mark struct {
	Group string // the resource that it moves
	To    string
	End   time.Time // from then on pacemaker ignores it
	Owner Owner
}

// Owner is the process that made a constraint.
type Owner struct {
	Node    string
	Process process.ID
}

// ID is the constraint's.
func (m Mark) ID() string { return "cli-prefer-" + m.Group }

// rule is the id of the rule: an XML name, so it begins with a letter.
func (m Mark) rule() string {
	return fmt.Sprintf("ngcp-ha.%d.%d.%s", m.Owner.Process.PID, m.Owner.Process.Start, m.Owner.Node)
}

// ownerOf reads the id of a rule; it is false if ngcp-ha has not made it.
func ownerOf(rule string) (Owner, bool) {
	part := strings.SplitN(rule, ".", 4)
	if len(part) != 4 || part[0] != "ngcp-ha" {
		return Owner{}, false
	}
	pid, err := strconv.Atoi(part[1])
	start, err2 := strconv.ParseUint(part[2], 10, 64)
	return Owner{Node: part[3], Process: process.ID{PID: pid, Start: start}}, err == nil && err2 == nil
}

// XML is the whole constraint.
func (m Mark) XML() string { return m.element(true) }

// Extension is what changes in it when its end does.
func (m Mark) Extension() string { return m.element(false) }

func (m Mark) element(whole bool) string {
	doc := etree.NewDocument()
	location := doc.CreateElement("rsc_location")
	location.CreateAttr("id", m.ID())
	rule := location.CreateElement("rule")
	rule.CreateAttr("id", m.rule())
	date := rule.CreateElement("date_expression")
	date.CreateAttr("id", "cli-prefer-lifetime-end-"+m.Group)
	if whole {
		location.CreateAttr("rsc", m.Group)
		location.CreateAttr("role", "Started")
		rule.CreateAttr("score", "INFINITY")
		rule.CreateAttr("boolean-op", "and")
		place := etree.NewElement("expression")
		place.CreateAttr("id", "cli-prefer-expr-"+m.Group)
		place.CreateAttr("attribute", "#uname")
		place.CreateAttr("operation", "eq")
		place.CreateAttr("value", m.To)
		place.CreateAttr("type", "string")
		rule.InsertChildAt(0, place)
		date.CreateAttr("operation", "lt")
	}
	date.CreateAttr("end", m.End.UTC().Format(endFormat))
	text, _ := doc.WriteToString() // writing to memory does not fail
	return text
}

// XPath finds this very constraint, and none that somebody else has made since.
func (m Mark) XPath() string {
	return fmt.Sprintf("//rsc_location[@id='%s'][rule[@id='%s']]", m.ID(), m.rule())
}

// InjectInto returns a CIB with the constraint in it, for a simulation.
func (m Mark) InjectInto(cib []byte) ([]byte, error) {
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(cib); err != nil {
		return nil, fmt.Errorf("the CIB is no XML that can be read: %w", err)
	}
	constraints := doc.FindElement("/cib/configuration/constraints")
	if constraints == nil {
		return nil, fmt.Errorf("the CIB has no section for constraints")
	}
	for _, old := range constraints.SelectElements("rsc_location") {
		if old.SelectAttrValue("id", "") == m.ID() {
			constraints.RemoveChild(old)
		}
	}
	piece := etree.NewDocument()
	if err := piece.ReadFromString(m.XML()); err != nil {
		return nil, fmt.Errorf("the constraint is no XML that can be read: %w", err)
	}
	constraints.AddChild(piece.Root())
	text, err := doc.WriteToBytes()
	if err != nil {
		return nil, fmt.Errorf("writing the CIB: %w", err)
	}
	return text, nil
}

// Leftover is a constraint that a tool has made to move or ban something: by crm_resource, crm, pcs or ngcp-ha.
type Leftover struct {
	ID       string     `json:"id"`
	Resource string     `json:"resource"`
	Node     string     `json:"node,omitempty"`
	Ban      bool       `json:"ban"`           // it keeps the resource away from the node; else it keeps it there
	End      *time.Time `json:"end,omitempty"` // none: it stays until somebody removes it
	Expired  bool       `json:"expired"`
	Owner    *Owner     `json:"-"` // if ngcp-ha made it
	XPath    string     `json:"-"`
}

// Leftovers lists them.
func Leftovers(c *cib.CIB, now time.Time) []Leftover {
	var list []Leftover
	for _, k := range c.Constraints {
		ban := strings.HasPrefix(k.ID, "cli-ban-")
		if k.Kind != "rsc_location" || !ban && !strings.HasPrefix(k.ID, "cli-prefer-") && !strings.HasPrefix(k.ID, "cli-standby-") {
			continue
		}
		l := Leftover{ID: k.ID, Resource: k.Attrs["rsc"], Node: k.Attrs["node"], Ban: ban || strings.HasPrefix(k.Attrs["score"], "-"),
			XPath: fmt.Sprintf("//rsc_location[@id='%s']", k.ID)}
		for _, r := range k.Rules {
			if node, ok := onlyNode(r); ok {
				l.Node = node
			}
			l.Ban = l.Ban || strings.HasPrefix(r.Score, "-")
			if end, ok := parseEnd(r.End); ok {
				l.End, l.Expired = &end, !now.Before(end)
			}
			if owner, ok := ownerOf(r.ID); ok {
				l.Owner = &owner
				l.XPath = fmt.Sprintf("//rsc_location[@id='%s'][rule[@id='%s']]", k.ID, r.ID)
			}
		}
		list = append(list, l)
	}
	return list
}

// onlyNode is the node that a rule is about, if it is about one.
func onlyNode(r cib.Rule) (string, bool) {
	if r.Plain && len(r.Expressions) == 1 && r.Expressions[0].Attribute == "#uname" && r.Expressions[0].Operation == "eq" {
		return r.Expressions[0].Value, true
	}
	return "", false
}

// parseEnd reads the forms in which tools write a time.
func parseEnd(text string) (time.Time, bool) {
	for _, format := range []string{endFormat, "2006-01-02 15:04:05 Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -07:00", time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.Parse(format, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
