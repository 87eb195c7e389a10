// SPDX-License-Identifier: Apache-2.0

package attrd

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocf-oci/internal/command"
)

// stub puts an attrd_updater on a PATH of its own; it writes its arguments and environment to log and then runs body.
func stub(t *testing.T, body string) (u Updater, log string) {
	t.Helper()
	dir := t.TempDir()
	log = filepath.Join(dir, "log")
	script := "#!/bin/sh\nprintf '%s\\n' \"$* node=$OCF_RESKEY_CRM_meta_on_node\" >>" + log + "\n" + body + "\n"
	if err := os.WriteFile(filepath.Join(dir, "attrd_updater"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return Updater{Env: []string{"PATH=" + dir + ":/bin", "OCF_RESKEY_CRM_meta_on_node=sp1"}}, log
}

func lines(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

func TestArgumentsAndEnvironment(t *testing.T) {
	u, log := stub(t, "")
	if err := errors.Join(u.Set(t.Context(), "pingd", "2000", "5s"), u.Delete(t.Context(), "pingd", "5s")); err != nil {
		t.Fatal(err)
	}
	got := lines(t, log)
	if len(got) != 2 || got[0] != "-n pingd -B 2000 -d 5s node=sp1" || got[1] != "-D -n pingd -d 5s node=sp1" {
		t.Errorf("called as %q", got)
	}
}

func TestFailureTellsExitCodeAndWords(t *testing.T) {
	u, log := stub(t, "echo 'Could not update: Connection refused' >&2; exit 102")
	err := u.Set(t.Context(), "pingd", "0", "5s")
	var failed *command.Error
	if !errors.As(err, &failed) || failed.ExitCode != 102 || !strings.Contains(err.Error(), "Connection refused") {
		t.Errorf("err = %v", err)
	}
	if got := lines(t, log); len(got) != 1 {
		t.Errorf("without patience called %d times", len(got))
	}
}

func TestPatienceOutlivesARestart(t *testing.T) {
	u, log := stub(t, `[ "$(wc -l <"${0%/*}/log")" -ge 3 ] || exit 102`)
	u.Patience = 2 * time.Second
	if err := u.Set(t.Context(), "pingd", "1000", "5s"); err != nil {
		t.Error(err)
	}
	if got := lines(t, log); len(got) != 3 {
		t.Errorf("called %d times", len(got))
	}
}

func TestDeadlineEndsAHungCommand(t *testing.T) {
	u, _ := stub(t, "sleep 60")
	u.Patience = time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := u.Set(ctx, "pingd", "1", "5s"); err == nil || time.Since(began) > 2*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}
