// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"io/fs"
	"os"
	"strings"

	"github.com/oracle/oci-go-sdk/v65/common/auth"
)

// resource is a resource principal of version 2.2: token and key in files or
// variables that the platform renews. Nothing of it uses the network; versions
// 1.1 and 3.0 do, through an HTTP client that we could not bind to an address.
type resource struct {
	provider auth.ConfigurationProviderWithClaimAccess
}

func newResourcePrincipal() (credentialSource, error) {
	if v := os.Getenv(auth.ResourcePrincipalVersionEnvVar); v != auth.ResourcePrincipalVersion2_2 {
		return nil, localError(Missing, nil, "resource principal: %s is %q, only %s is supported", auth.ResourcePrincipalVersionEnvVar, v, auth.ResourcePrincipalVersion2_2)
	}
	for _, file := range []struct {
		variable string
		check    func(fs.FileInfo) error
	}{{auth.ResourcePrincipalPrivatePEMEnvVar, private}, {auth.ResourcePrincipalRPSTEnvVar, unchanged}} {
		path := os.Getenv(file.variable)
		if path == "" {
			return nil, localError(Missing, nil, "resource principal: %s is not set", file.variable)
		}
		if strings.HasPrefix(path, "/") { // else the variable holds the content
			if _, err := readLocal("resource principal file", path, file.check); err != nil {
				return nil, err
			}
		}
	}
	provider, err := auth.ResourcePrincipalConfigurationProvider()
	if err != nil {
		return nil, localError(Malformed, err, "resource principal cannot be used")
	}
	return resource{provider}, nil
}

// credential implements credentialSource. The provider reads its files again
// when the token has expired.
func (r resource) credential(context.Context) (credential, error) {
	keyID, err := r.provider.KeyID()
	if err != nil {
		return credential{}, localError(Malformed, err, "resource principal token cannot be used")
	}
	key, err := r.provider.PrivateRSAKey()
	if err != nil {
		return credential{}, localError(Malformed, err, "resource principal key cannot be used")
	}
	return credential{key: key, keyID: keyID}, nil
}

// drop implements credentialSource: only the platform can renew the token.
func (r resource) drop(context.Context, string) bool { return false }

func (r resource) region() string {
	name, err := r.provider.Region()
	if err != nil {
		return ""
	}
	return name
}
