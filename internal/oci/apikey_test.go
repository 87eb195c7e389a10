// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const goodProfile = `# comment
[OTHER]
this line is nobody's business
user=ocid1.user.oc1..other

[DEFAULT]
user = ocid1.user.oc1..test
fingerprint=0a:1b:2c:3d:4e:5f:60:71:82:93:a4:b5:c6:d7:e8:f9
tenancy=ocid1.tenancy.oc1..test
region=ca-toronto-1
key_file=key.pem
`

// keyFolder holds a configuration and its key, as "oci setup config" leaves it.
func keyFolder(t testing.TB, config string, phrase string) (folder, file string) {
	t.Helper()
	folder = t.TempDir()
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(testKey())}
	if phrase != "" {
		block = encryptedKey(phrase)
	}
	must(t, os.WriteFile(filepath.Join(folder, "key.pem"), pem.EncodeToMemory(block), 0o600))
	file = filepath.Join(folder, "config")
	must(t, os.WriteFile(file, []byte(config), 0o600))
	return folder, file
}

// An API key needs no metadata and no identity service, and signs with the
// name that the profile gives.
func TestAPIKeySigns(t *testing.T) {
	c := newCloud(t)
	_, file := keyFolder(t, strings.Replace(goodProfile, "key_file", "pass_phrase = a=b==c \nkey_file", 1), "a=b==c")
	opt := c.options("")
	opt.Auth, opt.ConfigFile = APIKey, file
	if _, err := c.client(opt).Address(within(t, 5*time.Second), testPrivateIP); err != nil {
		t.Fatal(err)
	}
	if m, f, api := c.seen(); m != 0 || f != 0 || api != 1 {
		t.Errorf("%d, %d, %d requests", m, f, api)
	}
	want := `keyId="ocid1.tenancy.oc1..test/ocid1.user.oc1..test/0a:1b:2c:3d:4e:5f:60:71:82:93:a4:b5:c6:d7:e8:f9"`
	if got := c.headers[0].Get("Authorization"); !strings.Contains(got, want) {
		t.Errorf("Authorization %s, want %s in it", got, want)
	}
}

// The endpoint comes from the profile's region, or from the parameter, in any
// realm.
func TestAPIKeyEndpoint(t *testing.T) {
	_, file := keyFolder(t, goodProfile, "")
	for region, want := range map[string]string{
		"": "https://iaas.ca-toronto-1.oraclecloud.com", "phx": "https://iaas.us-phoenix-1.oraclecloud.com",
		"us-langley-1": "https://iaas.us-langley-1.oraclegovcloud.com",
	} {
		client, err := New(context.Background(), Options{Auth: APIKey, ConfigFile: file, Region: region})
		must(t, err)
		if got, err := client.endpoint(context.Background()); err != nil || got != want {
			t.Errorf("region %q: %s, %v; want %s", region, got, err, want)
		}
	}
	_, file = keyFolder(t, strings.Replace(goodProfile, "region=ca-toronto-1\n", "", 1), "")
	client, err := New(context.Background(), Options{Auth: APIKey, ConfigFile: file})
	must(t, err)
	if _, err := client.endpoint(context.Background()); KindOf(err) != Local || ProblemOf(err) != Missing {
		t.Errorf("no region anywhere: %v", err)
	}
}

func TestAPIKeyProblems(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("changing owners needs root")
	}
	edit := func(old, new string) string { return strings.Replace(goodProfile, old, new, 1) }
	nothing := func(*testing.T, string) {}
	key := func(f func(string) error) func(*testing.T, string) {
		return func(t *testing.T, folder string) { must(t, f(filepath.Join(folder, "key.pem"))) }
	}
	config := func(f func(string) error) func(*testing.T, string) {
		return func(t *testing.T, folder string) { must(t, f(filepath.Join(folder, "config"))) }
	}
	mode := func(m os.FileMode) func(string) error { return func(p string) error { return os.Chmod(p, m) } }
	foreign := func(p string) error { return os.Chown(p, 65534, 65534) }
	folder := func(p string) error { must(t, os.Remove(p)); return os.Mkdir(p, 0o700) }
	for name, test := range map[string]struct {
		config  string
		spoil   func(t *testing.T, folder string)
		problem Problem
		says    string
	}{
		"fine":                           {goodProfile, nothing, NoProblem, ""},
		"config readable":                {goodProfile, config(mode(0o644)), NoProblem, ""},
		"config missing":                 {goodProfile, config(os.Remove), Missing, "does not exist"},
		"config writable":                {goodProfile, config(mode(0o664)), Unsafe, "0664"},
		"config somebody's":              {goodProfile, config(foreign), Unsafe, "65534"},
		"config with phrase readable":    {edit("key_file", "pass_phrase=x\nkey_file"), config(mode(0o644)), Unsafe, "pass_phrase"},
		"config is a folder":             {goodProfile, config(folder), Unreadable, "no regular file"},
		"key missing":                    {goodProfile, key(os.Remove), Missing, "does not exist"},
		"key readable by group":          {goodProfile, key(mode(0o640)), Unsafe, "0640"},
		"key readable by all":            {goodProfile, key(mode(0o644)), Unsafe, "0644"},
		"key somebody's":                 {goodProfile, key(foreign), Unsafe, "65534"},
		"key is a folder":                {goodProfile, key(folder), Unreadable, "no regular file"},
		"key empty":                      {goodProfile, key(func(p string) error { return os.Truncate(p, 0) }), Malformed, "key.pem"},
		"key encrypted, no phrase":       {goodProfile, key(encrypt), Malformed, "pass_phrase"},
		"no such profile":                {edit("[DEFAULT]", "[PROD]"), nothing, Malformed, "[DEFAULT]"},
		"profile twice":                  {goodProfile + "[DEFAULT]\n", nothing, Malformed, ":12:"},
		"bracket missing":                {edit("[DEFAULT]", "[DEFAULT"), nothing, Malformed, ":6:"},
		"line without =":                 {edit("region=ca-toronto-1", "region ca-toronto-1"), nothing, Malformed, ":10:"},
		"key given twice":                {edit("region=", "user=x\nregion="), nothing, Malformed, ":10: user is given twice, first in line 7"},
		"no user":                        {edit("user = ocid1.user.oc1..test\n", ""), nothing, Malformed, "lacks user"},
		"user empty":                     {edit("user = ocid1.user.oc1..test", "user ="), nothing, Malformed, ":7: user is empty"},
		"user is a tenancy":              {edit("user = ocid1.user.oc1..test", "user=ocid1.tenancy.oc1..test"), nothing, Malformed, ":7:"},
		"fingerprint of another kind":    {edit("0a:1b", "0a1b"), nothing, Malformed, ":8:"},
		"other authentication":           {edit("region=", "authentication_type=instance_principal\nregion="), nothing, Malformed, ":10:"},
		"token file missing":             {edit("region=", "security_token_file=token\nregion="), nothing, Missing, "token"},
		"empty file":                     {"", nothing, Malformed, "no profile [DEFAULT]"},
		"secret not quoted from a typo":  {edit("region=", "pass_phrase my-very-secret-phrase\nregion="), nothing, Malformed, `"pass_phrase..."`},
		"byte order mark and CRLF":       {"\ufeff" + strings.ReplaceAll(goodProfile, "\n", "\r\n"), nothing, NoProblem, ""},
		"upper-case key, spaces, ; note": {edit("user = ", "; note\n  USER=  "), nothing, NoProblem, ""},
	} {
		t.Run(name, func(t *testing.T) {
			folder, file := keyFolder(t, test.config, "")
			test.spoil(t, folder)
			_, err := New(context.Background(), Options{Auth: APIKey, ConfigFile: file, Endpoint: "https://127.0.0.1:1"})
			if test.problem == NoProblem {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if KindOf(err) != Local || ProblemOf(err) != test.problem || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v (%s, %s), want %s and %q", err, KindOf(err), ProblemOf(err), test.problem, test.says)
			}
			if err != nil && strings.Contains(err.Error(), "secret-phrase") {
				t.Errorf("the error gives a secret away: %v", err)
			}
		})
	}
}

func encrypt(path string) error {
	return os.WriteFile(path, pem.EncodeToMemory(encryptedKey("x")), 0o600)
}

// encryptedKey is the test key in the format that "openssl genrsa -aes128" wrote
// before version 3, and that the configurations of long-lived machines hold.
func encryptedKey(phrase string) *pem.Block {
	//lint:ignore SA1019 the format is what it is
	block, err := x509.EncryptPEMBlock(rand.Reader, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(testKey()), []byte(phrase), x509.PEMCipherAES128)
	if err != nil {
		panic(err)
	}
	return block
}

// A session token ("oci session authenticate") signs as ST$token.
func TestSessionTokenProfile(t *testing.T) {
	folder, file := keyFolder(t, strings.Replace(goodProfile, "region=", "security_token_file=token\nregion=", 1), "")
	must(t, os.WriteFile(filepath.Join(folder, "token"), []byte("a.b.c\n"), 0o600))
	client, err := New(context.Background(), Options{Auth: APIKey, ConfigFile: file})
	must(t, err)
	if cred, err := client.credentials.credential(context.Background()); err != nil || cred.keyID != "ST$a.b.c" {
		t.Errorf("key id %q, %v", cred.keyID, err)
	}
}

// A resource principal comes from the environment; versions that would use the
// network behind our back are refused.
func TestResourcePrincipal(t *testing.T) {
	folder, _ := keyFolder(t, "", "")
	token := filepath.Join(folder, "rpst")
	must(t, os.WriteFile(token, []byte(tokenExpiring(time.Now().Add(time.Hour))), 0o600))
	t.Setenv("OCI_RESOURCE_PRINCIPAL_VERSION", "2.2")
	t.Setenv("OCI_RESOURCE_PRINCIPAL_RPST", token)
	t.Setenv("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM", filepath.Join(folder, "key.pem"))
	t.Setenv("OCI_RESOURCE_PRINCIPAL_REGION", "ca-toronto-1")
	opt := Options{Auth: ResourcePrincipal}
	client, err := New(context.Background(), opt)
	must(t, err)
	if cred, err := client.credentials.credential(context.Background()); err != nil || !strings.HasPrefix(cred.keyID, "ST$") || !cred.key.Equal(testKey()) {
		t.Errorf("key id %q, %v", cred.keyID, err)
	}
	if got, err := client.endpoint(context.Background()); err != nil || got != "https://iaas.ca-toronto-1.oraclecloud.com" {
		t.Errorf("endpoint %s, %v", got, err)
	}
	must(t, os.Chmod(filepath.Join(folder, "key.pem"), 0o644))
	if _, err := New(context.Background(), opt); ProblemOf(err) != Unsafe {
		t.Errorf("readable key: %v", err)
	}
	must(t, os.Chmod(filepath.Join(folder, "key.pem"), 0o600))
	must(t, os.Remove(token))
	if _, err := New(context.Background(), opt); ProblemOf(err) != Missing {
		t.Errorf("no token: %v", err)
	}
	t.Setenv("OCI_RESOURCE_PRINCIPAL_VERSION", "3.0")
	if _, err := New(context.Background(), opt); KindOf(err) != Local {
		t.Errorf("version 3.0: %v", err)
	}
}
