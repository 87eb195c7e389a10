// SPDX-License-Identifier: Apache-2.0

package manual

import (
	"regexp"
	"strings"

	"ocf-oci/metadata"
)

// verb is a fmt verb, as in Reason.Says, or "%%".
var verb = regexp.MustCompile(`%%|%[-+# 0]*(\[\d+\])?[0-9]*(\.[0-9]+)?[a-zA-Z]`)

// blanks puts dots where a reason's text is filled in.
func blanks(says string) string {
	return verb.ReplaceAllStringFunc(says, func(s string) string {
		if s == "%%" {
			return "%"
		}
		return "..."
	})
}

// examplePCS is how the resource is made with pcs: the agent's own example, else
// one from its required parameters and its monitors.
func examplePCS(a *metadata.Agent) []block {
	if len(a.PCS) > 0 {
		return []block{{kind: verbatim, text: strings.Join(a.PCS, "\n")}}
	}
	lines := []string{"pcs resource create my_" + strings.ToLower(a.Name) + " ocf:" + a.Provider + ":" + a.Name}
	for _, p := range required(a) {
		lines = append(lines, "    "+p+"=VALUE")
	}
	for _, m := range monitors(a) {
		lines = append(lines, "    op "+m)
	}
	return []block{{kind: verbatim, text: strings.Join(lines, " \\\n")}}
}

// exampleCRM is the same for crmsh.
func exampleCRM(a *metadata.Agent) []block {
	if len(a.CRM) > 0 {
		return []block{{kind: verbatim, text: strings.Join(a.CRM, "\n")}}
	}
	lines := []string{"crm configure primitive my_" + strings.ToLower(a.Name) + " ocf:" + a.Provider + ":" + a.Name}
	if names := required(a); len(names) > 0 {
		lines = append(lines, "    params "+strings.Join(names, "=VALUE ")+"=VALUE")
	}
	for _, m := range monitors(a) {
		lines = append(lines, "    op "+m)
	}
	return []block{{kind: verbatim, text: strings.Join(lines, " \\\n")}}
}

func required(a *metadata.Agent) []string {
	var names []string
	for _, p := range a.Parameters {
		if p.Required {
			names = append(names, p.Name)
		}
	}
	return names
}

// monitors returns the operations that an administrator has to configure; a
// depth is asked for with OCF_CHECK_LEVEL.
func monitors(a *metadata.Agent) []string {
	var all []string
	for _, x := range a.Actions {
		if x.Name != "monitor" || x.Interval == 0 {
			continue
		}
		text := "monitor interval=" + span(x.Interval) + " timeout=" + span(x.Timeout)
		if x.Depth > 0 {
			text += " OCF_CHECK_LEVEL=" + itoa(x.Depth)
		}
		if x.Role != "" {
			text += " role=" + x.Role
		}
		all = append(all, text)
	}
	return all
}
