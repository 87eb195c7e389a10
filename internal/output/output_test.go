// SPDX-License-Identifier: Apache-2.0

package output

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// full takes some bytes and no more.
type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.left {
		return f.left, errors.New("no space left")
	}
	f.left -= len(p)
	return len(p), nil
}

func TestLostOutputIsAFailure(t *testing.T) {
	var stderr strings.Builder
	w := To(&full{5})
	fmt.Fprint(w, "12345")
	if code := w.Code(0, &stderr, "x"); code != 0 || stderr.Len() != 0 {
		t.Errorf("code %d, %q", code, stderr.String())
	}
	fmt.Fprint(w, "6")
	if code := w.Code(0, &stderr, "x"); code != 1 || !strings.Contains(stderr.String(), "no space left") {
		t.Errorf("code %d, %q", code, stderr.String())
	}
	if code := w.Code(3, &stderr, "x"); code != 3 {
		t.Errorf("another code became %d", code)
	}
}
