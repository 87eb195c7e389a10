// SPDX-License-Identifier: Apache-2.0

package state

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// maxName is the longest name of a file (NAME_MAX).
const maxName = 255

// Name returns the name of a resource's file of one kind, RESOURCE.KIND. A
// resource's name may hold anything that XML can: bytes outside letters, digits
// and "_-:@." are written as %XX, and a name too long for a file ends in a digest
// of the whole. Different resources never share a name.
func Name(resource, kind string) string {
	const hexDigits = "0123456789ABCDEF"
	var out strings.Builder
	for i := 0; i < len(resource); i++ {
		c := resource[i]
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_-:@.", c) >= 0
		if !plain || i == 0 && c == '.' {
			out.WriteString(string([]byte{'%', hexDigits[c>>4], hexDigits[c&15]}))
			continue
		}
		out.WriteByte(c)
	}
	name := out.String()
	if name == "" {
		name = "%" // which no escape leaves alone
	}
	// Room for ".KIND" and for what Lock appends.
	if room := maxName - len(kind) - len(lockSuffix) - 1; len(name) > room {
		sum := sha256.Sum256([]byte(resource))
		digest := "~" + hex.EncodeToString(sum[:]) // "~" itself is escaped
		name = name[:room-len(digest)] + digest
	}
	return name + "." + kind
}

// validName refuses what would leave the directory or collide with our own
// temporary files.
func validName(name string) error {
	if name == "" || len(name) > maxName || name[0] == '.' || strings.ContainsAny(name, "/\x00") {
		return fmt.Errorf("%q is no name for a state file; make one with Name", name)
	}
	return nil
}

func random() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return hex.EncodeToString(b[:])
}
