// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"regexp"
	"strings"

	"github.com/oracle/oci-go-sdk/v65/common"
)

// fingerprintForm is that of an API key: 16 bytes in hex with colons.
var fingerprintForm = regexp.MustCompile(`^([0-9a-f]{2}:){15}[0-9a-f]{2}$`)

// newAPIKey makes the credential of a profile: a user's API key, or the session
// token of "oci session authenticate" if the profile has a security_token_file.
func newAPIKey(path, name string) (credentialSource, error) {
	p, err := readProfile(path, name)
	if err != nil {
		return nil, err
	}
	if kind := p.values["authentication_type"]; kind.value != "" {
		return nil, localError(Malformed, nil, "%s:%d: authentication_type=%s in a profile that is used for an API key: set auth instead", p.file, kind.line, kind.value)
	}
	keyID, err := p.keyID()
	if err != nil {
		return nil, err
	}
	keyFile, err := p.need("key_file")
	if err != nil {
		return nil, err
	}
	if keyFile, err = p.path(keyFile); err != nil {
		return nil, err
	}
	pem, err := readLocal("key file", keyFile, private)
	if err != nil {
		return nil, err
	}
	phrase := p.value("pass_phrase")
	if phrase == "" {
		phrase = p.value("passphrase")
	}
	key, err := common.PrivateKeyFromBytes(pem, optional(phrase))
	if err != nil {
		return nil, localError(Malformed, err, "key file %s is no RSA key that the profile's pass_phrase opens", keyFile)
	}
	return fixed{cred: credential{key: key, keyID: keyID}, name: p.value("region")}, nil
}

// keyID names the profile's key for the service.
func (p profile) keyID() (string, error) {
	if file := p.value("security_token_file"); file != "" {
		file, err := p.path(file)
		if err != nil {
			return "", err
		}
		token, err := readLocal("security token file", file, private)
		if err != nil {
			return "", err
		}
		if strings.TrimSpace(string(token)) == "" {
			return "", localError(Malformed, nil, "security token file %s is empty", file)
		}
		return "ST$" + strings.TrimSpace(string(token)), nil
	}
	var parts [3]string
	for i, key := range []string{"tenancy", "user", "fingerprint"} {
		value, err := p.need(key)
		if err != nil {
			return "", err
		}
		parts[i] = value
	}
	for _, key := range []string{"tenancy", "user"} {
		if e := p.values[key]; !strings.HasPrefix(e.value, "ocid1."+key+".") {
			return "", localError(Malformed, nil, "%s:%d: %s=%s is not an OCID of that kind (ocid1.%s....)", p.file, e.line, key, e.value, key)
		}
	}
	if e := p.values["fingerprint"]; !fingerprintForm.MatchString(e.value) {
		return "", localError(Malformed, nil, "%s:%d: fingerprint=%s is not 16 bytes in hex with colons", p.file, e.line, e.value)
	}
	return strings.Join(parts[:], "/"), nil
}
