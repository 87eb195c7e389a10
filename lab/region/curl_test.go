// SPDX-License-Identifier: Apache-2.0

package region_test

import (
	"encoding/json"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ocf-oci/lab/region"
)

// plainClient returns a client that signs with openssl and sends with curl: run(METHOD, URL, BODY, CURL OPTION...) returns
// the body and, on the last line, version and status.
func plainClient(t *testing.T, l *lab) func(args ...string) string {
	t.Helper()
	for _, program := range []string{"curl", "openssl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed: %v", program, err)
		}
	}
	key, err := testKey()
	if err != nil {
		t.Fatal(err)
	}
	k := must(l.AddAPIKey("alice", key))(t)
	dir := t.TempDir()
	keyFile, ca := filepath.Join(dir, "key.pem"), filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(keyFile, k.PrivateKeyPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(ca, l.CACertificate(), 0o600); err != nil {
		t.Fatal(err)
	}
	return func(args ...string) string {
		t.Helper()
		cmd := exec.Command("testdata/oci-curl.sh", args...)
		cmd.Env = append(os.Environ(), "KEY_ID="+k.Tenancy+"/"+k.User+"/"+k.Fingerprint, "KEY_FILE="+keyFile, "CA="+ca, "SOURCE=127.1.0.11", "no_proxy=*")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		return string(out)
	}
}

// TestPlainClient moves the address with curl and openssl: nothing in the region depends on
// Oracle's SDKs, the order of their headers or their version of HTTP.
func TestPlainClient(t *testing.T) {
	l := start(t, nil, region.Options{})
	run := plainClient(t, l)
	url := l.api + "/20160918/privateIps"
	for version, option := range map[string]string{"1.1": "--http1.1", "2": "--http2"} {
		got := run("GET", url+"?subnetId="+*l.subnet("isv")+"&ipAddress="+floating.String(), "", option)
		if !strings.HasSuffix(got, "\n"+version+" 200\n") || !strings.Contains(got, l.owner(floating).ID) {
			t.Errorf("list: %s", got)
		}
		to := "vrouter2"
		if l.owner(floating).Node == to {
			to = "vrouter1"
		}
		got = run("PUT", url+"/"+l.owner(floating).ID, `{"vnicId":"`+*l.vnic(to, "ens3")+`"}`, option, "-H", "if-match: "+l.owner(floating).ETag)
		if !strings.HasSuffix(got, "\n"+version+" 200\n") || l.owner(floating).Node != to {
			t.Errorf("move: %s", got)
		}
		got = run("PUT", url+"/"+l.owner(floating).ID, `{"vnicId":"`+*l.vnic(to, "ens3")+`"}`, option, "-H", "if-match: old")
		if !strings.HasSuffix(got, "\n"+version+" 412\n") || !strings.Contains(got, `"code":"NoEtagMatch"`) {
			t.Errorf("move with an old etag: %s", got)
		}
	}
}

// TestCallsOfTheOfficialCommandLine makes, one by one, the calls that oci-cli 3.89 makes for what people do with it
// (virtualnetwork_cli_extended.py): which calls, with which query and body, in which order.
func TestCallsOfTheOfficialCommandLine(t *testing.T) {
	l := start(t, nil, region.Options{})
	run := plainClient(t, l)
	base := l.api + "/20160918"
	call := func(want int, method, path, body string, into any) {
		t.Helper()
		out := run(method, base+path, body)
		text, last, _ := strings.Cut(strings.TrimSuffix(out, "\n"), "\n2 ")
		if last != strconv.Itoa(want) {
			t.Fatalf("%s %s: want %d, got %s", method, path, want, out)
		}
		if into != nil {
			if err := json.Unmarshal([]byte(text), into); err != nil {
				t.Fatalf("%s %s: %v\n%s", method, path, err, text)
			}
		}
	}
	type object struct{ ID, VnicID, SubnetID, IPAddress string }
	vnic := func(node string) string { return *l.vnic(node, "ens3") }

	// oci network vnic assign-private-ip --vnic-id V --ip-address A --unassign-if-already-assigned
	assign := func(kind, node, ip, create string) {
		t.Helper()
		var v, made object
		var found []object
		call(200, "GET", "/vnics/"+vnic(node), "", &v)
		call(200, "GET", "/"+kind+"?ipAddress="+url.QueryEscape(ip)+"&subnetId="+v.SubnetID, "", &found)
		switch {
		case len(found) == 0:
			call(200, "POST", "/"+kind, create, &made)
			found = append(found, made)
		case found[0].VnicID == vnic(node):
			return // "Taking no action as IP address is already assigned"
		default:
			call(200, "PUT", "/"+kind+"/"+found[0].ID, `{"vnicId": "`+vnic(node)+`"}`, nil)
		}
		call(200, "GET", "/"+kind+"/"+found[0].ID, "", &made)
		if made.VnicID != vnic(node) || l.owner(netip.MustParseAddr(ip)).Node != node {
			t.Errorf("assigned to %s: %+v", node, made)
		}
	}
	assign("privateIps", "vrouter2", floating.String(), "")
	assign("privateIps", "vrouter2", floating.String(), "")
	assign("privateIps", "vrouter1", "127.1.0.77", `{"vnicId": "`+vnic("vrouter1")+`", "ipAddress": "127.1.0.77"}`)
	assign("ipv6", "vrouter2", "fd00:1::100", "")
	assign("ipv6", "vrouter1", "fd00:1::77", `{"vnicId": "`+vnic("vrouter1")+`", "ipAddress": "fd00:1::77", "subnetId": "`+*l.subnet("isv")+
		`", "ipv6SubnetCidr": "fd00:1::/64", "cidrPrefixLength": 128}`)

	// oci network vnic unassign-private-ip, unassign-ipv6
	for kind, ip := range map[string]string{"privateIps": "127.1.0.77", "ipv6": "fd00:1::77"} {
		var found []object
		call(200, "GET", "/"+kind+"?vnicId="+vnic("vrouter1"), "", &found)
		i := slices.IndexFunc(found, func(o object) bool { return o.IPAddress == ip })
		if i < 0 {
			t.Fatalf("%s is not in %+v", ip, found)
		}
		call(204, "DELETE", "/"+kind+"/"+found[i].ID, "", nil)
		call(404, "GET", "/"+kind+"/"+found[i].ID, "", nil)
	}

	// oci compute vnic-attachment list, oci compute instance get and action, oci network subnet, route-table, public-ip get
	var attachments, list []map[string]any
	call(200, "GET", "/vnicAttachments?compartmentId="+l.CompartmentID()+"&instanceId="+l.Nodes()[1].ID, "", &attachments)
	if len(attachments) != 2 {
		t.Errorf("attachments %v", attachments)
	}
	call(200, "GET", "/instances/"+l.Nodes()[1].ID, "", nil)
	call(200, "POST", "/instances/"+l.Nodes()[1].ID+"?action=SOFTSTOP", "", nil)
	var subnet map[string]any
	call(200, "GET", "/subnets/"+*l.subnet("isv"), "", &subnet)
	call(200, "GET", "/routeTables/"+subnet["routeTableId"].(string), "", nil)
	call(200, "POST", "/publicIps/actions/getByPrivateIpId", `{"privateIpId": "`+l.owner(floating).ID+`"}`, nil)
	call(200, "GET", "/privateIps?subnetId="+*l.subnet("isv")+"&limit=2", "", &list)
	if len(list) != 2 {
		t.Errorf("a page of two has %d", len(list))
	}
}
