// SPDX-License-Identifier: Apache-2.0

package region

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"ocf-oci/lab/region/fault"
	"ocf-oci/lab/region/pki"
	"ocf-oci/lab/region/signature"
	"ocf-oci/lab/region/token"
	"ocf-oci/lab/region/vcn"
)

// authHandler is the identity service: it turns an instance's certificate into a
// session token.
func (r *Region) authHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/x509", func(w http.ResponseWriter, req *http.Request) { r.serveAuth(w, req, "X509Federation") })
	mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) { r.serveAuth(w, req, "") })
	return mux
}

func (r *Region) serveAuth(w http.ResponseWriter, req *http.Request, operation string) {
	x := r.begin(w, req, Auth, operation)
	if x == nil {
		return
	}
	defer x.end()
	if !x.misbehave(r.Settings().Latency) {
		return
	}
	if operation == "" {
		x.refuse(&vcn.Refusal{Status: http.StatusNotFound, Code: "NotFound", Message: "The identity service of this region has no " + req.Method + " " + req.URL.Path + "."})
		return
	}
	text, err := x.federate()
	if err != nil {
		x.refuse(&vcn.Refusal{Status: http.StatusUnauthorized, Code: "NotAuthenticated", Message: err.Error()})
		return
	}
	x.send(reply{body: object{"token": text}})
}

// federate checks an instance's request for a session token and issues one.
func (x *exchange) federate() (string, error) {
	var b struct {
		Certificate string `json:"certificate"`
		PublicKey   string `json:"publicKey"`
	}
	if err := json.Unmarshal(x.body, &b); err != nil {
		return "", fmt.Errorf("the body is not a federation request: %w", err)
	}
	der, err := base64.StdEncoding.DecodeString(b.Certificate)
	if err != nil {
		return "", fmt.Errorf("certificate is not base64: %w", err)
	}
	id, err := x.r.ca.Check(der, x.clock)
	if err != nil {
		return "", err
	}
	p, err := signature.Parse(x.req.Header.Get("Authorization"))
	if err != nil {
		return "", err
	}
	// Clients before 2021 name the certificate by its SHA-1, in upper case.
	want := x.r.TenancyID() + "/fed-x509-sha256/" + id.SHA256
	if !strings.EqualFold(p.KeyID, want) && !strings.EqualFold(p.KeyID, x.r.TenancyID()+"/fed-x509/"+id.SHA1) {
		return "", fmt.Errorf("the keyId is not TENANCY/fed-x509-sha256/FINGERPRINT of the certificate (%s)", want)
	}
	if err := signature.Verify(x.req, x.body, p, id.Key, x.clock, "date", "(request-target)"); err != nil {
		return "", err
	}
	if _, ok := x.r.current().Instances[vcn.InstanceID(id.Instance)]; !ok || id.Tenancy != x.r.TenancyID() {
		return "", fmt.Errorf("there is no instance %s", id.Instance)
	}
	session, err := publicKey(b.PublicKey)
	if err != nil {
		return "", err
	}
	x.call.Principal = id.Instance
	life := x.r.Settings().TokenLife
	if len(x.strike(fault.ExpiredToken)) > 0 {
		life = -time.Minute
	}
	return x.r.issuer.Issue(token.Claims{
		Instance: id.Instance, Compartment: id.Compartment, Tenancy: id.Tenancy, Issued: x.clock, Expires: x.clock.Add(life), SessionKey: session,
	})
}

// publicKey reads the session key: the base64 between the lines of a PEM block.
func publicKey(text string) (*rsa.PublicKey, error) {
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("publicKey is not base64: %w", err)
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("publicKey: %w", err)
	}
	session, ok := key.(*rsa.PublicKey)
	if !ok || session.N.BitLen() < 2048 {
		return nil, errors.New("publicKey is not an RSA key of at least 2048 bits")
	}
	return session, nil
}

// leafSlot holds an instance's identity certificate, made at its first use.
type leafSlot struct {
	mu   sync.Mutex
	leaf pki.Leaf
}

// leafLife is how long an identity certificate lives; the service rotates them several
// times a day.
const leafLife = 24 * time.Hour

// leaf returns an instance's identity certificate, renewed well before its end.
func (r *Region) leaf(id vcn.InstanceID) (pki.Leaf, error) {
	r.mu.Lock()
	slot := r.leaves[id]
	if slot == nil {
		slot = &leafSlot{}
		r.leaves[id] = slot
	}
	compartment := r.state.Compartment
	r.mu.Unlock()
	slot.mu.Lock()
	defer slot.mu.Unlock()
	if time.Until(slot.leaf.NotAfter) > leafLife/4 {
		return slot.leaf, nil
	}
	leaf, err := r.ca.Issue(pki.Identity{Instance: string(id), Compartment: compartment, Tenancy: r.TenancyID()}, leafLife)
	if err == nil {
		slot.leaf = leaf
	}
	return leaf, err
}

// issueLeaves makes the certificates of all instances beforehand, so that no client's first
// request pays for the key.
func (r *Region) issueLeaves() {
	for id := range r.current().Instances {
		if r.life.Err() != nil {
			return
		}
		if _, err := r.leaf(id); err != nil {
			r.log.Error("issue an identity certificate", "instance", id, "error", err)
		}
	}
}

// InstanceIdentity returns what IMDS gives a node as its identity: certificate, key and
// intermediate certificate, PEM-encoded.
func (r *Region) InstanceIdentity(node string) (cert, key, intermediate []byte, err error) {
	inst, ok := r.current().InstanceByName(node)
	if !ok {
		return nil, nil, nil, noNode(node)
	}
	leaf, err := r.leaf(inst.ID)
	return leaf.Certificate, leaf.Key, r.ca.IntermediatePEM(), err
}

func noNode(name string) error { return fmt.Errorf("there is no node %q in this region", name) }
