// SPDX-License-Identifier: Apache-2.0

package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocf-oci/lab/fabric"
)

// A stale lab that cannot be removed, here because its namespace's name is a folder with something in it, is named, and
// is no reason to refuse another lab.
func TestSweepGoesOn(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: labs live below /run")
	}
	name := fmt.Sprintf("t-sweep-%d", os.Getpid())
	f := folderOf(name)
	block := fabric.NamespacePath(name + "-vcn")
	for _, dir := range []string{string(f), filepath.Join(block, "something")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
	}
	t.Cleanup(func() { os.RemoveAll(block) })
	if err := f.save(State{Options: Options{Name: name}, Created: time.Now(), Namespaces: []string{name + "-vcn"}}); err != nil {
		t.Fatal(err)
	}
	lock, err := lockFile(f.path("lock"), lockMake)
	if err != nil {
		t.Fatal(err)
	}
	lock.Close() // its daemon is dead
	var out strings.Builder
	if err := withBase(func() error { return sweep(t.Context(), &out) }); err != nil {
		t.Errorf("the next lab is refused: %v", err)
	}
	if !strings.Contains(out.String(), "stays behind in "+string(f)) {
		t.Errorf("what stays behind is not named:\n%s", out.String())
	}
	if _, err := f.load(); err != nil {
		t.Errorf("its state is gone, so that nobody can remove it later: %v", err)
	}
}
