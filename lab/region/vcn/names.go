// SPDX-License-Identifier: Apache-2.0

package vcn

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strings"
)

var ocidLetters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// OCID returns the identifier of a kind of object (privateip, vnic, subnet ...) in the
// form ocid1.KIND.REALM.REGION.UNIQUE, the same for the same seed and name.
func OCID(kind, realm, region, seed, name string) string {
	sum := sha256.Sum256([]byte(seed + "\x00" + kind + "\x00" + name))
	unique := "a" + ocidLetters.EncodeToString(sum[:]) // 53 letters; OCI's have about 60
	return "ocid1." + kind + "." + realm + "." + region + "." + unique + "labsim"
}

// Named returns the OCID of an object of this state's region by its name.
func (s *State) Named(kind, name string) string {
	return OCID(kind, s.Realm, s.Region, s.Seed, name)
}

// next returns an OCID that no object ever had: deleting an address and creating it
// again gives another object.
func (s *State) next(kind string) string {
	s.Serial++
	return OCID(kind, s.Realm, s.Region, s.Seed, fmt.Sprintf("#%d", s.Serial))
}

// etag returns a fresh entity tag, eight hexadecimal digits as the service's are.
func (s *State) etag() string {
	s.Serial++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s etag %d", s.Seed, s.Serial))
	return hex.EncodeToString(sum[:4])
}

// MAC returns a locally administered address as OCI gives them (02:00:17:..),
// derived from the seed and a name.
func MAC(seed, name string) string {
	sum := sha256.Sum256([]byte(seed + "\x00mac\x00" + name))
	return strings.ToLower(fmt.Sprintf("02:00:17:%02x:%02x:%02x", sum[0], sum[1], sum[2]))
}
