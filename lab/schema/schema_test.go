// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"encoding/json"
	"strings"
	"testing"
)

// interfacesReport is the demo's report as the project's interface page writes it, with numbers filled in.
const interfacesReport = `{"schema":1,
 "cluster":{"pacemaker":"2.1.5","corosync":"3.1.7","pcs":"0.11.5","nodes":["vrouter1","vrouter2","vrouter3"]},
 "events":[{"name":"planned move","kind":"planned","from":"vrouter1","to":"vrouter2","duration_ms":5100,
            "to_address":{"sent":1000,"lost":0,"gap_ms":7.5},"through_router":{"sent":1000,"lost":0,"gap_ms":8}}],
 "agent_exec_ms":{"start":120,"stop":12,"monitor":3,"migrate_from":40},
 "api_calls":{"UpdatePrivateIp":2}}`

const owner = `{"schema":1,"address":"10.0.0.100","id":"ocid1.privateip.oc1.x","subnet":"isv","primary":false,"etag":"a",
 "vnic":"","node":"","nic":"","dataplane":"","dataplane_vnic":""}`

func TestValidate(t *testing.T) {
	for _, tt := range []struct {
		name, definition, document string
		remove, add                string // a top-level key to take out or put in
		want                       string // part of the error; "" is valid
	}{
		{name: "report", definition: "report", document: interfacesReport},
		{name: "report without events", definition: "report", document: interfacesReport, remove: "events", want: "events"},
		{name: "report of another version", definition: "report", document: strings.Replace(interfacesReport, `"schema":1`, `"schema":2`, 1), want: "schema"},
		{name: "report with an unknown kind", definition: "report", document: strings.Replace(interfacesReport, `"planned",`, `"moved",`, 1), want: "kind"},
		{name: "report with a negative loss", definition: "report", document: strings.Replace(interfacesReport, `"lost":0`, `"lost":-1`, 1), want: "lost"},
		{name: "owner", definition: "owner", document: owner},
		{name: "owner with a key that nobody knows", definition: "owner", document: owner, add: "holder", want: "holder"},
		{name: "owner without a node", definition: "owner", document: owner, remove: "node", want: "node"},
		{name: "calls", definition: "calls", document: `{"schema":1,"calls":[]}`},
		{name: "calls as a bare list", definition: "calls", document: `[]`, want: "object"},
		{name: "status of nothing", definition: "status", document: `{"schema":1}`, want: "nodes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := Validate(tt.definition, change(t, tt.document, tt.remove, tt.add))
			if tt.want == "" && err != nil {
				t.Errorf("refused: %v", err)
			}
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error is %v; want one about %q", err, tt.want)
			}
		})
	}
}

func change(t *testing.T, document, remove, add string) []byte {
	t.Helper()
	if remove == "" && add == "" {
		return []byte(document)
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(document), &m); err != nil {
		t.Fatal(err)
	}
	delete(m, remove)
	if add != "" {
		m[add] = true
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestUnknownDefinition(t *testing.T) {
	if err := Validate("nothing", []byte("{}")); err == nil {
		t.Error("a definition that does not exist was found")
	}
}
