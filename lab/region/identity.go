// SPDX-License-Identifier: Apache-2.0

package region

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"ocf-oci/lab/region/fault"
	"ocf-oci/lab/region/iam"
	"ocf-oci/lab/region/signature"
	"ocf-oci/lab/region/token"
	"ocf-oci/lab/region/vcn"
)

type dynamicGroup struct {
	name string
	rule iam.Rule
}

// user is an IAM user; Keys are its API keys, fingerprint to public key (PEM).
type user struct {
	ID     string
	Groups []string
	Keys   map[string]string
}

// APIKey is what a user puts into ~/.oci/config.
type APIKey struct {
	Tenancy, User, Fingerprint, Region string
	PrivateKeyPEM                      []byte
}

// TenancyID is the tenancy's OCID.
func (r *Region) TenancyID() string {
	return vcn.OCID("tenancy", r.spec.Realm, "", r.spec.Seed, "tenancy")
}

// CompartmentID is the OCID of the compartment that holds the network.
func (r *Region) CompartmentID() string { return r.current().Compartment }

func (r *Region) userID(name string) string {
	return vcn.OCID("user", r.spec.Realm, "", r.spec.Seed, name)
}

// NewAPIKey makes an API key for a user of the Spec.
func (r *Region) NewAPIKey(name string) (APIKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return APIKey{}, fmt.Errorf("API key of %s: %w", name, err)
	}
	return r.AddAPIKey(name, key)
}

// AddAPIKey makes the region know a user's key.
func (r *Region) AddAPIKey(name string, key *rsa.PrivateKey) (APIKey, error) {
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return APIKey{}, fmt.Errorf("API key of %s: %w", name, err)
	}
	// The fingerprint of an API key is the MD5 of its DER form, by Oracle's definition.
	fingerprint := strings.ReplaceAll(fmt.Sprintf("% x", md5.Sum(der)), " ", ":")
	r.mu.Lock()
	defer r.mu.Unlock()
	u, ok := r.users[name]
	if !ok {
		return APIKey{}, fmt.Errorf("API key: there is no user %q in the region's Spec", name)
	}
	u.Keys[fingerprint] = string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	return APIKey{
		Tenancy: r.TenancyID(), User: u.ID, Fingerprint: fingerprint, Region: r.spec.Region,
		PrivateKeyPEM: pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}),
	}, nil
}

// Config returns the text of an OCI configuration file for the key.
func (k APIKey) Config(keyFile string) string {
	return fmt.Sprintf("[DEFAULT]\ntenancy=%s\nuser=%s\nfingerprint=%s\nregion=%s\nkey_file=%s\n", k.Tenancy, k.User, k.Fingerprint, k.Region, keyFile)
}

// RevokeAPIKey forgets a user's key.
func (r *Region) RevokeAPIKey(name, fingerprint string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.users[name].Keys, fingerprint)
}

// NewSessionToken issues a session token for a node out of band, with the key that signs for
// it: what a resource principal, or a security_token_file in a configuration, consists of.
func (r *Region) NewSessionToken(node string, life time.Duration) (text string, keyPEM []byte, err error) {
	state := r.current()
	inst, ok := state.InstanceByName(node)
	if !ok {
		return "", nil, noNode(node)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return "", nil, fmt.Errorf("session key of %s: %w", node, err)
	}
	now := time.Now()
	text, err = r.issuer.Issue(token.Claims{
		Instance: string(inst.ID), Compartment: state.Compartment, Tenancy: r.TenancyID(), Issued: now, Expires: now.Add(life), SessionKey: &key.PublicKey,
	})
	return text, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}), err
}

// authenticate verifies the signature of an API request and says who sent it.
func (x *exchange) authenticate() (iam.Principal, error) {
	p, err := signature.Parse(x.req.Header.Get("Authorization"))
	if err != nil {
		return iam.Principal{}, err
	}
	var who iam.Principal
	var key *rsa.PublicKey
	if text, ok := strings.CutPrefix(p.KeyID, "ST$"); ok {
		who, key, err = x.session(text)
	} else {
		who, key, err = x.r.apiKey(p.KeyID)
	}
	if err != nil {
		return iam.Principal{}, err
	}
	return who, signature.Verify(x.req, x.body, p, key, x.clock, "date", "(request-target)", "host")
}

// session checks a session token against the clock and the faults.
func (x *exchange) session(text string) (iam.Principal, *rsa.PublicKey, error) {
	claims, err := x.r.issuer.Check(text)
	if err != nil {
		return iam.Principal{}, nil, err
	}
	if !x.clock.Before(claims.Expires) {
		return iam.Principal{}, nil, fmt.Errorf("the session token expired at %s", claims.Expires.UTC())
	}
	for _, f := range x.r.faults.Match(x.question(), fault.ExpiredToken) {
		if claims.Issued.Before(f.SetAt) {
			x.hit(f)
			return iam.Principal{}, nil, errors.New("the session token expired")
		}
	}
	inst, ok := x.r.current().Instances[vcn.InstanceID(claims.Instance)]
	if !ok || claims.Tenancy != x.r.TenancyID() {
		return iam.Principal{}, nil, errors.New("the session token is of an instance that does not exist")
	}
	return x.r.instancePrincipal(inst, claims.Compartment), claims.SessionKey, nil
}

func (r *Region) instancePrincipal(inst vcn.Instance, compartment string) iam.Principal {
	who := iam.Principal{ID: string(inst.ID), Type: "instance", Compartment: compartment}
	for _, g := range r.groups {
		if g.rule.Matches(who.ID, compartment) {
			who.Groups = append(who.Groups, g.name)
		}
	}
	return who
}

// apiKey finds the user and the key of a keyId TENANCY/USER/FINGERPRINT.
func (r *Region) apiKey(keyID string) (iam.Principal, *rsa.PublicKey, error) {
	parts := strings.Split(keyID, "/")
	if len(parts) != 3 || parts[0] != r.TenancyID() {
		return iam.Principal{}, nil, errors.New("the keyId is not TENANCY/USER/FINGERPRINT of this tenancy")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, u := range r.users {
		text, ok := u.Keys[parts[2]]
		if u.ID != parts[1] || !ok {
			continue
		}
		block, _ := pem.Decode([]byte(text))
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return iam.Principal{}, nil, fmt.Errorf("the key %s: %w", parts[2], err)
		}
		return iam.Principal{ID: u.ID, Type: "user", Groups: u.Groups}, key.(*rsa.PublicKey), nil
	}
	return iam.Principal{}, nil, errors.New("the user or its key does not exist")
}

// authorize asks the policy. Lacking a right looks as if the thing did not exist.
func (x *exchange) authorize(permissions []string) error {
	r := x.r
	r.mu.Lock()
	policy, compartment := r.policy, r.state.Compartment
	r.mu.Unlock()
	missing, ok := policy.Allows(iam.Request{
		Principal: x.who, Operation: x.call.Operation, Permissions: permissions, Compartment: compartment,
		CompartmentName: r.spec.Compartment, Tenancy: r.TenancyID(), Region: r.spec.Region,
	})
	if ok {
		return nil
	}
	x.denied = missing
	return &vcn.Refusal{
		Status: http.StatusNotFound, Code: "NotAuthorizedOrNotFound",
		Message: "Authorization failed or requested resource not found.",
	}
}

// SetPolicy replaces the IAM statements, one a line. When it returns an error (with the line of
// each mistake) the old policy stays.
func (r *Region) SetPolicy(text string) error {
	dir := iam.Directory{Tenancy: r.TenancyID(), Compartments: map[string]string{strings.ToLower(r.spec.Compartment): r.CompartmentID()}}
	for _, g := range r.spec.DynamicGroups {
		dir.DynamicGroups = append(dir.DynamicGroups, strings.ToLower(g.Name))
	}
	for _, u := range r.spec.Users {
		for _, g := range u.Groups {
			dir.Groups = append(dir.Groups, strings.ToLower(g))
		}
	}
	policy, err := iam.Parse(text, dir)
	if err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	r.mu.Lock()
	r.policy = policy
	r.mu.Unlock()
	return nil
}

// Policy returns the IAM statements in force.
func (r *Region) Policy() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.policy.Text
}
