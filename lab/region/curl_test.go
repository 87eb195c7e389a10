// SPDX-License-Identifier: Apache-2.0

package region_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ocf-oci/lab/region"
)

// TestPlainClient moves the address with curl and openssl: nothing in the region depends on
// Oracle's SDKs, the order of their headers or their version of HTTP.
func TestPlainClient(t *testing.T) {
	for _, program := range []string{"curl", "openssl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed: %v", program, err)
		}
	}
	l := start(t, nil, region.Options{})
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
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("testdata/oci-curl.sh", args...)
		cmd.Env = append(os.Environ(), "KEY_ID="+k.Tenancy+"/"+k.User+"/"+k.Fingerprint, "KEY_FILE="+keyFile, "CA="+ca, "SOURCE=127.1.0.11", "no_proxy=*")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		return string(out)
	}
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
