// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ocf-oci/lab"
	"ocf-oci/lab/cluster"
	"ocf-oci/lab/region/control"
	"ocf-oci/lab/scenario"
)

// peer is an agent that moves 10.0.0.100 in the cloud: ours, or the installed ocf:heartbeat:ocivip.
type peer struct {
	ours bool
	run  func(action string, words ...string) (int, string)
}

// want is nil if an action ends with a code.
func (p peer) want(code int, action string, words ...string) error {
	if got, out := p.run(action, words...); got != code {
		return fmt.Errorf("%s: want %d, got %d\n%s", action, code, got, out)
	}
	return nil
}

// stage is the node on which a defect is looked for.
type stage struct {
	peer
	sh    func(line string) string
	fault func(kind, value string)
}

// carries is nil if the operating system has the address, or has it not.
func (s stage) carries(want bool) error {
	if out := s.sh("ip -o -4 addr show"); strings.Contains(out, " 10.0.0.100/") != want {
		return fmt.Errorf("the operating system's addresses:\n%s", out)
	}
	return nil
}

// A defect of ocf:heartbeat:ocivip that ours must not have. The check runs on both: ocivip shows that it would catch it.
var ocivipDefects = []struct {
	name  string
	check func(stage) error
}{
	{"3.0, 7.2: an API that answers 503 makes a healthy address not running", func(s stage) error {
		if err := s.want(0, "start"); err != nil {
			return err
		}
		s.fault("status", "503")
		return s.want(0, "monitor", "@level=10", "@interval=10s")
	}},
	{"3.0, 7.3: a stop meanwhile says 0 and leaves the address", func(s stage) error {
		if err := s.want(0, "start"); err != nil {
			return err
		}
		s.fault("refuse", "")
		return errors.Join(s.want(0, "stop"), s.carries(false))
	}},
	{"3.0: nobody looks whether the operating system has the address", func(s stage) error {
		if err := s.want(0, "start"); err != nil {
			return err
		}
		s.sh("ip addr del $(ip -o -4 addr show | grep -o '10.0.0.100/[0-9]*' | head -1) dev ens3")
		return s.want(7, "monitor", "@interval=10s")
	}},
	{"3.0, 7.6: 10.0.0.10 counts as here because 10.0.0.100 is", func(s stage) error {
		if err := s.want(0, "start"); err != nil {
			return err
		}
		return s.want(7, "monitor", "ip=10.0.0.10", "secondary_private_ip=10.0.0.10")
	}},
	{"3.0: stop fails when the address is not there", func(s stage) error {
		if err := s.want(0, "start"); err != nil {
			return err
		}
		s.sh("ip addr del $(ip -o -4 addr show | grep -o '10.0.0.100/[0-9]*' | head -1) dev ens3")
		return s.want(0, "stop")
	}},
	{"3.0: start fails when the address is there already", func(s stage) error {
		s.sh("ip addr add 10.0.0.100/24 dev ens3")
		return s.want(0, "start")
	}},
	{"3.0, 7.4: a start that got halfway is never finished", func(s stage) error {
		if err := s.want(0, "start"); err != nil {
			return err
		}
		s.sh("ip addr del $(ip -o -4 addr show | grep -o '10.0.0.100/[0-9]*' | head -1) dev ens3")
		return errors.Join(s.want(0, "start"), s.carries(true))
	}},
	{"3.0: one 404 of the metadata service makes start fail", func(s stage) error {
		s.fault("imds 404 once", "")
		return s.want(0, "start")
	}},
	{"3.0: reload says 0 though nothing was announced or done", func(s stage) error { return s.want(3, "reload") }},
}

// ocivipFiles are the command line that ocivip needs, installed in the nodes.
func ocivipFiles(t *testing.T) map[string]cluster.File {
	t.Helper()
	files := map[string]cluster.File{}
	for name, source := range map[string]string{"oci": "testdata/bin/oci", "oci-curl.sh": "../../lab/region/testdata/oci-curl.sh"} {
		path, err := filepath.Abs(source)
		check(t, err)
		files["/usr/local/bin/"+name] = cluster.File{Source: path, Mode: 0o755}
	}
	return files
}

func defectsOfOcivip(ctx context.Context, t *testing.T, l *lab.Lab) {
	const node = "vrouter2"
	s := stage{
		sh: func(line string) string { t.Helper(); return output(ctx, t, l, node, "bash", "-c", line) },
		fault: func(kind, value string) {
			t.Helper()
			f := control.Fault{Target: "api", Kind: kind, Value: value}
			if kind == "imds 404 once" {
				f = control.Fault{Target: "imds", Kind: "status", Value: "404", Count: 1}
			}
			must(t)(l.Region().SetFault(ctx, f))
		},
	}
	ours := peer{true, func(action string, words ...string) (int, string) {
		code, out, _ := agent(ctx, t, l, node, action, append([]string{"ip=10.0.0.100", "cidr_netmask=24"}, words...)...)
		return code, out
	}}
	theirs := peer{false, func(action string, words ...string) (int, string) {
		words = append([]string{"secondary_private_ip=10.0.0.100", "api_delay=0", "@env=HA_LOGFACILITY=none",
			"@env=PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}, words...)
		argv := scenario.AgentCommand(action, words)
		argv[len(argv)-2] = "/usr/lib/ocf/resource.d/heartbeat/ocivip"
		cmd, err := l.Command(ctx, node, argv...)
		check(t, err)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		var exit *exec.ExitError
		if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return cmd.ProcessState.ExitCode(), out.String()
	}}
	for _, d := range ocivipDefects {
		t.Run(d.name, func(t *testing.T) {
			for _, s.peer = range []peer{ours, theirs} {
				calm(ctx, t, l)
				for _, ip := range []string{"10.0.0.100/32", "10.0.0.10/32"} {
					s.sh("ip address flush to " + ip)
				}
				s.sh("rm -rf /run/ocf-oci")
				if _, err := l.Region().Owner(ctx, vip); err != nil { // ocivip's stop deletes it
					must(t)(l.Region().Create(ctx, control.NewAddress{Address: vip, Subnet: "isv", Node: "vrouter1"}))
				}
				must(t)(l.Region().Give(ctx, vip, "vrouter1"))
				switch err := d.check(s); {
				case s.ours && err != nil:
					t.Errorf("ours: %v", err)
				case !s.ours && err == nil:
					t.Error("ocivip does not show it: the check would not catch it")
				case !s.ours:
					t.Logf("ocivip: %v", err)
				}
			}
		})
	}
	calm(ctx, t, l)
	bare(ctx, t, l)
	// Whether the peer works at all: else each check would be shown nothing.
	if err := errors.Join(theirs.want(0, "start"), theirs.want(0, "monitor"), theirs.want(0, "stop"), theirs.want(7, "monitor")); err != nil {
		t.Errorf("ocivip in peace: %v", err)
	}
	must(t)(l.Region().Create(ctx, control.NewAddress{Address: vip, Subnet: "isv", Node: "vrouter1"}))
	for _, n := range l.Topology().Nodes {
		output(ctx, t, l, n.Name, "bash", "-c", "rm -rf /run/ocf-oci; ip address flush to 10.0.0.100/32; true")
	}
}
