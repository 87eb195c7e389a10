// SPDX-License-Identifier: Apache-2.0

package process

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"
)

func sleeper(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("sleep", append(args, "60")...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd
}

func TestLife(t *testing.T) {
	cmd := sleeper(t)
	id, living, err := Find(cmd.Process.Pid)
	if err != nil || !living || id.Start == 0 {
		t.Fatalf("%+v %v %v", id, living, err)
	}
	if lives, err := id.Lives(); !lives || err != nil || id.Frozen() {
		t.Errorf("%v %v", lives, err)
	}
	if age := time.Since(id.Began()); age < -time.Second || age > time.Minute {
		t.Errorf("it began %v ago", age)
	}
	// The same number at another time is another process, and gets no signal.
	other := ID{id.PID, id.Start - 1}
	if lives, _ := other.Lives(); lives {
		t.Error("another process is taken for this one")
	}
	if err := other.Signal(syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	if lives, _ := id.Lives(); !lives {
		t.Fatal("the signal went to a process that nobody meant")
	}
	if err := id.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(5 * time.Second); !id.Frozen(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not frozen")
		}
	}
	if err := id.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	// Until its parent waits for it, it is a zombie: that does not live.
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		if lives, _ := id.Lives(); !lives {
			break
		}
		if time.Now().After(end) {
			t.Fatal("a zombie lives")
		}
	}
	_ = cmd.Wait()
	if _, living, err := Find(id.PID); living || err != nil {
		t.Errorf("%v %v", living, err)
	}
	if err := id.Signal(syscall.SIGKILL); err != nil {
		t.Error(err)
	}
}

func TestSignalRefuses(t *testing.T) {
	for _, pid := range []int{0, -1, 1, os.Getpid()} {
		id, _, _ := Find(pid)
		id.PID = pid
		if err := id.Signal(0); err == nil {
			t.Errorf("process %d may be signalled", pid)
		}
	}
}

func TestFromFile(t *testing.T) {
	cmd := sleeper(t)
	file := filepath.Join(t.TempDir(), "pid")
	for text, want := range map[string]bool{strconv.Itoa(cmd.Process.Pid) + "\n": true, " " + strconv.Itoa(cmd.Process.Pid) + " \nmore": true,
		"": false, "x": false, "0": false, "1": false, "-1": false, "4194304000": false} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if id, living, err := FromFile(file); living != want || err != nil || want && id.PID != cmd.Process.Pid {
			t.Errorf("%q: %+v %v %v", text, id, living, err)
		}
	}
	if _, living, err := FromFile(file + "/below"); living || err != nil {
		t.Errorf("%v %v", living, err)
	}
	if _, _, err := FromFile(filepath.Dir(file)); err == nil {
		t.Error("a directory is a pidfile")
	}
}

func TestMatching(t *testing.T) {
	cmd := sleeper(t, "0.123456")
	ids, err := Matching(regexp.MustCompile(`^sleep 0\.123456 60$`))
	if err != nil || len(ids) != 1 || ids[0].PID != cmd.Process.Pid {
		t.Errorf("%v %v", ids, err)
	}
	self := regexp.MustCompile(regexp.QuoteMeta(filepath.Base(os.Args[0])))
	if ids, _ := Matching(self); len(ids) > 0 {
		for _, id := range ids {
			if id.PID == os.Getpid() || id.PID == os.Getppid() {
				t.Errorf("we match ourselves: %v", id)
			}
		}
	}
}
