// SPDX-License-Identifier: Apache-2.0

package fabric

import (
	"os"
	"os/exec"
	"testing"
)

// The first "ip netns add" after a boot makes /run/netns a mount of its own. If that came over a namespace of ours, its
// name could not be deleted any more. The test calls itself in a mount namespace that is like a machine after its boot.
func TestDeleteAfterTheFirstIPNetns(t *testing.T) {
	const inside = "OCF_TEST_AFTER_BOOT"
	if os.Getenv(inside) == "" {
		if os.Geteuid() != 0 {
			t.Skip("needs root: mounts")
		}
		cmd := exec.Command("unshare", "--mount", "--propagation", "private", "sh", "-c",
			`mount -t tmpfs tmpfs /run && exec "$0" -test.v -test.run '^TestDeleteAfterTheFirstIPNetns$'`, os.Args[0])
		cmd.Env = append(os.Environ(), inside+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	if _, err := NewNamespace("ours"); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("ip", "netns", "add", "theirs").CombinedOutput(); err != nil {
		t.Fatalf("ip netns add: %v\n%s", err, out)
	}
	if err := DeleteNamespace("ours"); err != nil {
		t.Error(err)
	}
	if err := DeleteNamespace("theirs"); err != nil {
		t.Error(err)
	}
}
