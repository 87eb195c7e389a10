// SPDX-License-Identifier: Apache-2.0

package crmreload

import (
	"strings"
	"testing"
)

func action(words string) Action {
	w := strings.Fields(words)
	id, _, _ := strings.Cut(w[1], ":")
	return Action{Operation: w[0], Resource: id, Instance: w[1], Node: w[2]}
}

func foresee(text string) []Step {
	var actions []Action
	for _, words := range strings.Split(text, ",") {
		if words = strings.TrimSpace(words); words != "" {
			actions = append(actions, action(words))
		}
	}
	return Foresee(actions)
}

func words(steps []Step) string {
	var list []string
	for _, s := range steps {
		text := s.String()
		if s.Disrupts() {
			text = "! " + text
		}
		list = append(list, text)
	}
	return strings.Join(list, "; ")
}

func TestForesee(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "",
		"monitor a sp1, cancel b sp1": "",
		"start a sp1":                 "a would start on sp1",
		"stop a sp1":                  "! a would stop on sp1",
		"start a sp1, stop a sp1":     "! a would restart on sp1",
		"stop a sp1, start a sp2":     "! a would move from sp1 to sp2",
		"migrate_to a sp1, migrate_from a sp2, stop a sp1, start a sp2": "! a would migrate from sp1 to sp2",
		"stop p:0 sp1, start p:1 sp1":                                   "! p would restart on sp1",
		"stop p:0 sp1, start p:0 sp2":                                   "! p would move from sp1 to sp2",
		"stop p:0 sp1, stop p:1 sp2, start p:0 sp2, start p:1 sp1":      "! p would restart on sp1; ! p would restart on sp2",
		"demote m:0 sp1, promote m:1 sp2":                               "! m would be demoted on sp1; m would be promoted on sp2",
		"demote m:0 sp1, stop m:0 sp1":                                  "! m would stop on sp1",
		"reload-agent a sp1, reload b sp1":                              "b would take over its parameters on sp1; a would take over its parameters on sp1",
	} {
		if got := words(foresee(text)); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	if got := words(Foresee([]Action{{Operation: "stonith", Node: "sp2"}})); got != "! node sp2 would be fenced" {
		t.Error(got)
	}
}

func TestUnannounced(t *testing.T) {
	for _, c := range []struct{ steps, anyway, want string }{
		{"stop a sp1", "", "! a would stop on sp1"},
		{"stop a sp1", "stop a sp1", ""},
		{"stop a sp1, start a sp2", "stop a sp1, start a sp1", ""}, // it is stopped in any case
		{"stop a sp1", "stop a sp2", "! a would stop on sp1"},
		{"stop a sp1", "start a sp1", "! a would stop on sp1"},
		{"start a sp1", "", ""},
		{"stop a sp1, stop b sp1", "stop a sp1", "! b would stop on sp1"},
	} {
		if got := words(Unannounced(foresee(c.steps), foresee(c.anyway))); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// The graph of a clone's restart, as pacemaker 2.1.5 writes it (shortened).
const sampleGraph = `<transition_graph transition_id="0">
  <synapse id="0">
    <action_set>
      <rsc_op id="27" operation="stop" operation_key="p_ping:0_stop_0" on_node="sp2" on_node_uuid="2">
        <primitive id="p_ping" long-id="p_ping:0" class="ocf" provider="pacemaker" type="ping"/>
        <attributes CRM_meta_timeout="60000"/>
      </rsc_op>
    </action_set>
    <inputs>
      <trigger>
        <rsc_op id="3" operation="start" operation_key="p_vip_start_0" on_node="sp1" on_node_uuid="1"/>
      </trigger>
    </inputs>
  </synapse>
  <synapse id="1">
    <action_set>
      <pseudo_event id="15" operation="running" operation_key="g_ngcp_running_0"/>
    </action_set>
    <inputs/>
  </synapse>
  <synapse id="2">
    <action_set>
      <crm_event id="9" operation="stonith" operation_key="stonith-sp2-reboot" on_node="sp2" on_node_uuid="2"/>
    </action_set>
    <inputs/>
  </synapse>
</transition_graph>`

func TestReadGraph(t *testing.T) {
	actions, err := ReadGraph([]byte(sampleGraph))
	if err != nil || len(actions) != 2 || actions[0] != (Action{"stop", "p_ping", "p_ping:0", "sp2"}) || actions[1] != (Action{Operation: "stonith", Node: "sp2"}) {
		t.Errorf("%+v %v", actions, err)
	}
	if actions, err := ReadGraph([]byte(`<transition_graph/>`)); err != nil || len(actions) != 0 {
		t.Errorf("%+v %v", actions, err)
	}
	if _, err := ReadGraph([]byte("no graph")); err == nil {
		t.Error("garbage is no graph")
	}
}
