// SPDX-License-Identifier: Apache-2.0

package region

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"

	"ocf-oci/lab/region/vcn"
)

// retryTokenLife is how long the service remembers a retry token.
const retryTokenLife = 24 * time.Hour

// retried is what a retry token stands for: the object its first use created.
type retried struct {
	made   vcn.AddressID
	digest [32]byte
	at     time.Time
	done   chan struct{} // closed when the first use is over; nil once restored
}

type savedRetry struct {
	Key, Digest string
	Made        vcn.AddressID
	At          time.Time
}

// once carries out a create, or answers with what the same request created before when it
// carries the same opc-retry-token.
func (x *exchange) once(create func() (vcn.Address, error)) (reply, error) {
	text := x.req.Header.Get("Opc-Retry-Token")
	if text == "" {
		a, err := create()
		return reply{body: showAddress(x.r.current(), a), etag: a.ETag}, err
	}
	key, digest := x.who.ID+" "+x.call.Operation+" "+text, sha256.Sum256(x.body)
	x.r.mu.Lock()
	before, used := x.r.retries[key]
	if used && x.clock.Sub(before.at) > retryTokenLife {
		used = false
	}
	mine := retried{digest: digest, at: x.clock, done: make(chan struct{})}
	if !used {
		x.r.retries[key] = mine
	}
	x.r.mu.Unlock()
	if used {
		return x.again(key, before, digest)
	}
	defer close(mine.done)
	a, err := create()
	x.r.mu.Lock()
	defer x.r.mu.Unlock()
	if err != nil { // a refused request may be retried with the same token
		delete(x.r.retries, key)
		return reply{}, err
	}
	mine.made = a.ID
	x.r.retries[key] = mine
	return reply{body: showAddress(x.r.state, a), etag: a.ETag}, nil
}

// again answers a request whose token was used before.
func (x *exchange) again(key string, before retried, digest [32]byte) (reply, error) {
	if before.done != nil {
		select {
		case <-before.done:
		case <-x.req.Context().Done():
		}
		x.r.mu.Lock()
		before = x.r.retries[key]
		x.r.mu.Unlock()
	}
	if before.digest != digest {
		return reply{}, vcn.Invalid("The opc-retry-token was used before with another request.")
	}
	state := x.r.current()
	a, ok := state.Addresses[before.made]
	if !ok {
		return reply{}, &vcn.Refusal{Status: http.StatusConflict, Code: "InvalidatedRetryToken",
			Message: "The retry token was used in an earlier request, but a later operation invalidated it."}
	}
	return reply{body: showAddress(state, a), etag: a.ETag}, nil
}

// savedRetries is for Save; r.mu is held.
func (r *Region) savedRetries() []savedRetry {
	var out []savedRetry
	for k, v := range r.retries {
		if v.made != "" && time.Since(v.at) < retryTokenLife {
			out = append(out, savedRetry{k, base64.StdEncoding.EncodeToString(v.digest[:]), v.made, v.at})
		}
	}
	return out
}

func (r *Region) restoreRetries(list []savedRetry) {
	for _, s := range list {
		v := retried{made: s.Made, at: s.At}
		digest, _ := base64.StdEncoding.DecodeString(s.Digest)
		copy(v.digest[:], digest)
		r.retries[s.Key] = v
	}
}
