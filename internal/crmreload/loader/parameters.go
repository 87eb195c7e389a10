// SPDX-License-Identifier: Apache-2.0

package loader

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"ocf-oci/internal/crmsyntax"
	"ocf-oci/internal/crmsyntax/diff"
	"ocf-oci/internal/ocfagent"
)

// Agents tells what parameters an installed OCF agent takes.
type Agents interface {
	Parameters(ctx context.Context, provider, typ string) ([]ocfagent.Parameter, error)
}

// parameters asks the agents of new and changed primitives what they need: a resource without it would not start. What
// an agent does not know is only said: agents take more than they tell.
func (j *job) parameters(ctx context.Context, wanted *crmsyntax.Configuration, p *prepared) {
	if j.Agents == nil {
		return
	}
	type answer struct {
		list []ocfagent.Parameter
		err  error
	}
	asked := map[string]answer{} // each agent once, however many resources it has
	for _, change := range p.plan.Changes {
		if change.Kind != "primitive" || change.What == diff.Removed {
			continue
		}
		el := byID(wanted.Element(), "primitive", change.ID)
		if el == nil {
			continue
		}
		names, all := given(wanted.Element(), el)
		agent := byTemplate(wanted.Element(), el)
		if agent.SelectAttrValue("class", "") != "ocf" {
			continue
		}
		provider, typ := agent.SelectAttrValue("provider", ""), agent.SelectAttrValue("type", "")
		a, before := asked[provider+":"+typ]
		if !before {
			a.list, a.err = j.Agents.Parameters(ctx, provider, typ)
			asked[provider+":"+typ] = a
			if a.err != nil {
				p.report.Warnings = append(p.report.Warnings, "parameters are not checked: "+a.err.Error())
			}
		}
		if a.err != nil {
			continue
		}
		for _, parameter := range a.list {
			if parameter.Required && all && !slices.Contains(names, parameter.Name) {
				text := fmt.Sprintf("%s does not start without the parameter %s; ocf:%s:%s requires it", change.ID, parameter.Name, provider, typ)
				if e := wanted.ErrorAt(el, text); e != nil {
					text = e.Detail()
				}
				p.report.Outcome, p.report.Errors = Invalid, append(p.report.Errors, text)
			}
		}
		for _, name := range names {
			known := slices.ContainsFunc(a.list, func(parameter ocfagent.Parameter) bool { return parameter.Name == name })
			if !known && !strings.HasPrefix(name, "trace_") {
				p.report.Warnings = append(p.report.Warnings, fmt.Sprintf("%s: ocf:%s:%s says nothing of a parameter %s", change.ID, provider, typ, name))
			}
		}
	}
}

// given are the names of a primitive's parameters with those of its template; all is false if there may be more, which
// stand elsewhere.
func given(root, primitive *etree.Element) (names []string, all bool) {
	all = true
	for _, el := range []*etree.Element{primitive, byID(root, "template", primitive.SelectAttrValue("template", ""))} {
		if el == nil {
			continue
		}
		for _, set := range el.SelectElements("instance_attributes") {
			all = all && set.SelectAttr("id-ref") == nil
			for _, pair := range set.SelectElements("nvpair") {
				all = all && pair.SelectAttr("id-ref") == nil
				if name := pair.SelectAttrValue("name", ""); name != "" {
					names = append(names, name)
				}
			}
		}
	}
	return names, all
}

// byTemplate is the element that names the agent: the primitive or its template.
func byTemplate(root, primitive *etree.Element) *etree.Element {
	if t := byID(root, "template", primitive.SelectAttrValue("template", "")); t != nil {
		return t
	}
	return primitive
}

func byID(root *etree.Element, tag, id string) *etree.Element {
	for _, el := range root.FindElements(".//" + tag) {
		if id != "" && el.SelectAttrValue("id", "") == id {
			return el
		}
	}
	return nil
}
