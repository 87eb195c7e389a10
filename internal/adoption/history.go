// SPDX-License-Identifier: Apache-2.0

package adoption

import (
	"fmt"
	"slices"
	"strconv"
)

// Outcome is what an agent said last of a resource on one node.
type Outcome struct {
	Node, Agent string
	Operation   string // monitor, start ...
	Code        int    // OCF exit code; 193 while it runs
	Reason      string
}

// pending is the code of an operation that has not ended (PCMK_OCF_UNKNOWN in crm/common/results.h).
const pending = 193

// Outcomes reads the history of a resource from a whole CIB.
func Outcomes(cib []byte, resource string) ([]Outcome, error) {
	root, err := Parse(string(cib))
	if err != nil {
		return nil, err
	}
	var list []Outcome
	for _, state := range root.FindElements("status/node_state") {
		for _, r := range state.FindElements("lrm/lrm_resources/lrm_resource") {
			if r.SelectAttrValue("id", "") != resource {
				continue
			}
			o := Outcome{Node: state.SelectAttrValue("uname", ""), Code: pending,
				Agent: r.SelectAttrValue("class", "") + ":" + r.SelectAttrValue("provider", "") + ":" + r.SelectAttrValue("type", "")}
			last := -2
			for _, op := range r.SelectElements("lrm_rsc_op") {
				call, err := strconv.Atoi(op.SelectAttrValue("call-id", ""))
				code, bad := strconv.Atoi(op.SelectAttrValue("rc-code", ""))
				if err != nil || bad != nil || call < last {
					continue
				}
				last = call
				o.Operation, o.Code, o.Reason = op.SelectAttrValue("operation", ""), code, op.SelectAttrValue("exit-reason", "")
			}
			list = append(list, o)
		}
	}
	return list, nil
}

// Adopted decides from the history whether every node in online has been probed by the agent and said what it must: 0 on
// the node that runs the resource, 7 elsewhere. done is false while an answer is missing; problems are wrong answers.
func Adopted(history []Outcome, agent, active string, online []string) (done bool, problems []string) {
	done = true
	for _, node := range online {
		i := slices.IndexFunc(history, func(o Outcome) bool { return o.Node == node })
		if i < 0 || history[i].Agent != agent || history[i].Code == pending {
			done = false
			continue
		}
		o := history[i]
		want := 7
		if node == active {
			want = 0
		}
		if o.Code != want {
			problems = append(problems, fmt.Sprintf("%s on %s answered %d to %s, not %d%s", agent, node, o.Code, o.Operation, want, because(o.Reason)))
		}
	}
	return done, problems
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}
