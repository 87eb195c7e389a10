// SPDX-License-Identifier: Apache-2.0

package ocf_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestTrace(t *testing.T) {
	dir := t.TempDir()
	own := filepath.Join(dir, "deep", "trace")
	named := regexp.MustCompile(`^` + agentName + `/res\.start\.\d{4}-\d\d-\d\d\.\d\d:\d\d:\d\d$`)
	for _, c := range []struct {
		name string
		env  []string
		file string // relative to dir; a pattern if it starts with ^
	}{
		{"OCF_TRACE_FILE", []string{"OCF_TRACE_RA=1", "OCF_TRACE_FILE=" + own}, "deep/trace"},
		{"parameters", []string{"OCF_RESKEY_trace_ra=true", "OCF_RESKEY_trace_file=" + own}, "deep/trace"},
		{"directory", []string{"OCF_RESKEY_trace_ra=1", "OCF_RESKEY_trace_dir=" + dir}, ""},
		{"bad file, directory", []string{"OCF_RESKEY_trace_ra=1", "OCF_RESKEY_trace_dir=" + dir, "OCF_TRACE_FILE=relative"}, ""},
		{"environment wins", []string{"OCF_TRACE_RA=no", "OCF_RESKEY_trace_ra=1", "OCF_RESKEY_trace_dir=" + dir}, "none"},
		{"off", []string{"OCF_RESKEY_trace_dir=" + dir, "OCF_TRACE_FILE=" + own}, "none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := append(c.env, "OCF_RESKEY_do=trace", "OCF_RESOURCE_INSTANCE=res", "OCF_RESKEY_password=hunter2", "HOME=/x y")
			got := runAgent(t, "start", env...)
			if got.code != 0 {
				t.Fatalf("%d %s", got.code, got.stderr)
			}
			var found []string
			_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, _ error) error {
				if !d.IsDir() {
					found = append(found, path)
				}
				return nil
			})
			defer func() {
				for _, f := range found {
					os.Remove(f)
				}
			}()
			if c.file == "none" {
				if len(found) != 0 {
					t.Errorf("traces %q", found)
				}
				return
			}
			if len(found) != 1 {
				t.Fatalf("traces %q; %s", found, got.stderr)
			}
			relative, _ := filepath.Rel(dir, found[0])
			if c.file != "" && relative != c.file || c.file == "" && !named.MatchString(relative) {
				t.Errorf("trace in %s", relative)
			}
			if info, _ := os.Stat(found[0]); info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v", info.Mode())
			}
			text, _ := os.ReadFile(found[0])
			for _, want := range []string{
				`level=TRACE msg=environment name=HOME value="/x y"`,
				`msg=environment name=OCF_RESKEY_password value=[redacted]`,
				`level=TRACE msg="action begins" action=start instance=res`,
				`level=TRACE msg=netlink op=RTM_NEWADDR address=10.0.0.1/24 session_token=[redacted]`,
				`level=DEBUG msg=request vnic=ocid1 api.op=GetVnic api.header="Authorization: [redacted]"`,
				`level=TRACE msg="action ends" code=0`,
			} {
				if !strings.Contains(string(text), want) {
					t.Errorf("no %s in\n%s", want, text)
				}
			}
			for _, secret := range []string{"hunter2", "eyJh", "abc.def"} {
				if strings.Contains(string(text)+got.stderr, secret) {
					t.Errorf("the secret %q got out", secret)
				}
			}
			if strings.Contains(got.stderr, "netlink") {
				t.Errorf("the trace is on stderr: %s", got.stderr)
			}
			if c.name == "bad file, directory" && !strings.Contains(got.stderr, "neither an absolute path nor the number") {
				t.Errorf("no warning: %s", got.stderr)
			}
		})
	}
}

// TestTraceToDescriptor traces to a file that is already open, and survives one
// that is not.
func TestTraceToDescriptor(t *testing.T) {
	for script, want := range map[string]string{
		`exec "$0" start 5>&1`: "RTM_NEWADDR",
		`exec "$0" start 2>&1`: "file descriptor 5, named by OCF_TRACE_FILE or trace_file, is not open",
	} {
		cmd := exec.Command("sh", "-c", script, filepath.Join(link(t), agentName))
		cmd.Env = []string{"PATH=/bin", "OCF_TRACE_RA=yes", "OCF_TRACE_FILE=5", "OCF_RESKEY_do=trace"}
		if got := run(t, cmd); got.code != 0 || !strings.Contains(got.stdout, want) {
			t.Errorf("%s: %d %q", script, got.code, got.stdout)
		}
	}
}

// TestTraceUnwritable: a trace that cannot be written is a warning.
func TestTraceUnwritable(t *testing.T) {
	got := runAgent(t, "start", "OCF_TRACE_RA=1", "OCF_TRACE_FILE=/dev/null/x/y", "OCF_RESKEY_do=ok")
	if got.code != 0 || !strings.Contains(got.stderr, "WARNING: no trace: ") {
		t.Errorf("%d %q", got.code, got.stderr)
	}
}
