// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ocf-oci/lab"
	"ocf-oci/lab/cluster"
	"ocf-oci/lab/fabric"
	"ocf-oci/lab/witness"
)

// A pair under Heartbeat 3 in haresources mode, with monit, sshd and a repository of local files.

// pairVIPs are the shared addresses of the pair.
var pairVIPs = []netip.Addr{netip.MustParseAddr("192.168.255.250"), netip.MustParseAddr("192.168.1.161")}

// both are the nodes; sp1 is active at first.
var both = []string{"sp1", "sp2"}

// repositoryPackages are what the nodes may install; all else is in the tree below them.
var repositoryPackages = []string{"heartbeat", "libheartbeat2", "corosync", "pacemaker", "pacemaker-cli-utils", "crmsh", "cluster-glue", "resource-agents", "fping"}

const hacf = `# the pair of the handbook
logfacility daemon
keepalive 500ms
deadtime 10	# seconds
initdead 12
ucast eth1 192.168.255.251
ucast eth1 192.168.255.252
auto_failback off
node sp1 sp2
ping 10.15.20.30
ping 192.168.211.1
crm off
`

const haresourcesFile = `# addresses, then services
sp1 IPaddr::192.168.255.250/24/eth1 \
    192.168.1.161/24/eth2 monit-services
`

const configYML = `# NGCP, edited by hand
ha:
  monitor_services: full   # look at all of them
  gcs: "heartbeat-2"       # group communication
  crm: heartbeat-2
`

// repository downloads the packages once for all runs and returns the folder, with an index in it.
var repository = sync.OnceValues(func() (string, error) {
	dir, err := filepath.Abs("../../build/repository")
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o777); err != nil { // apt's own user writes here
		return "", err
	}
	for _, p := range repositoryPackages {
		if got, _ := filepath.Glob(filepath.Join(dir, p+"_*.deb")); len(got) > 0 {
			continue
		}
		names := []string{p}
		// The version that the machine has, since its libraries stay in the nodes.
		if out, err := exec.Command("dpkg-query", "-W", "-f", "${Version}", p).Output(); err == nil && len(out) > 0 {
			names = []string{p + "=" + string(out), p}
		}
		var errs error
		for _, name := range names {
			cmd := exec.Command("apt-get", "download", name)
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			if err != nil {
				if _, uerr := exec.Command("apt-get", "update", "-qq").CombinedOutput(); uerr == nil {
					cmd := exec.Command("apt-get", "download", name)
					cmd.Dir = dir
					out, err = cmd.CombinedOutput()
				}
			}
			if err == nil {
				errs = nil
				break
			}
			errs = errors.Join(errs, fmt.Errorf("download %s: %w: %s", name, err, out))
		}
		if errs != nil {
			return "", errs
		}
	}
	cmd := exec.Command("apt-ftparchive", "packages", ".")
	cmd.Dir = dir
	index, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("index of the repository: %w", err)
	}
	return dir, os.WriteFile(filepath.Join(dir, "Packages"), index, 0o644)
})

// heartbeatFiles are what the nodes have besides the system: the pair's configuration, and keys for ssh.
func heartbeatFiles(t *testing.T) map[string]cluster.File {
	t.Helper()
	dir, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	files := ngcpFiles()
	files["/etc/ngcp-config/config.yml"] = cluster.File{Content: []byte(configYML)}
	files["/etc/ha.d/ha.cf"] = cluster.File{Content: []byte(hacf)}
	files["/etc/ha.d/haresources"] = cluster.File{Content: []byte(haresourcesFile)}
	files["/etc/ha.d/authkeys"] = cluster.File{Mode: 0o600, Content: []byte("auth 1\n1 sha1 TheSecretOfThisLab\n")}
	files["/etc/ssh/ssh_config.d/lab.conf"] = cluster.File{Content: []byte("StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nLogLevel ERROR\n")}
	key := filepath.Join(t.TempDir(), "key")
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	files["/root/.ssh/id_ed25519"] = cluster.File{Source: key, Mode: 0o600}
	files["/root/.ssh/authorized_keys"] = cluster.File{Source: key + ".pub", Mode: 0o600}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files["/srv/packages/"+filepath.Base(path)] = cluster.File{Source: path, Mode: 0o644}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// prepareScript turns a node of the lab into one that has Heartbeat and no pacemaker. Nothing is started: a node whose
// package comes more than initdead before the other's takes the other for dead, and its services.
const prepareScript = `set -e
export DEBIAN_FRONTEND=noninteractive
mkdir -p /run/sshd /var/lib/monit
systemctl start ssh monit
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/*
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
echo 'deb [trusted=yes] file:/srv/packages ./' >/etc/apt/sources.list
printf 'force-unsafe-io\npath-exclude=/usr/share/man/*\npath-exclude=/usr/share/doc/*\n' >/etc/dpkg/dpkg.cfg.d/lab
apt-get update -qq
apt-get -y -q purge corosync pacemaker pacemaker-cli-utils crmsh pcs
ln -sf /usr/lib/ocf/resource.d/ngcp/monit-services /etc/ha.d/resource.d/monit-services 2>/dev/null || { mkdir -p /etc/ha.d/resource.d; ln -sf /usr/lib/ocf/resource.d/ngcp/monit-services /etc/ha.d/resource.d/monit-services; }
ln -sf ngcp-ha /usr/sbin/ngcp-migrate-ha-crm
for i in $(seq 100); do monit summary >/dev/null 2>&1 && break; sleep 0.2; done
apt-get -y -q install --no-install-recommends heartbeat
rm /usr/sbin/policy-rc.d
cd /etc && find ha.d -type f -o -type l | sort | xargs sha256sum >/root/ha.d.sum
`

// heartbeatPair brings the pair up, active on sp1.
func heartbeatPair(t *testing.T, name string) *lab.Lab {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: nodes are made of namespaces")
	}
	l := up(t, lab.Options{Name: name, Nodes: 2, Scenario: lab.NGCP, Files: heartbeatFiles(t)})
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	each(t, func(node string) error {
		_, err := l.Output(ctx, node, "sh", "-c", prepareScript)
		return err
	})
	each(t, func(node string) error {
		_, err := l.Output(ctx, node, "systemctl", "start", "heartbeat")
		return err
	})
	eventually(t, 2*time.Minute, "Heartbeat runs the services on sp1", func() error { return activeUnder(ctx, l, "sp1", "heartbeat") })
	return l
}

// each runs f for both nodes at once.
func each(t *testing.T, f func(node string) error) {
	t.Helper()
	var wg sync.WaitGroup
	for _, n := range both {
		wg.Go(func() {
			if err := f(n); err != nil {
				t.Errorf("%s: %v", n, err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

// eventually polls until f is satisfied.
func eventually(t *testing.T, limit time.Duration, what string, f func() error) {
	t.Helper()
	end := time.Now().Add(limit)
	for {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: not within %s: %v", what, limit, err)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func peerOf(node string) string {
	if node == "sp1" {
		return "sp2"
	}
	return "sp1"
}

// activeUnder tells whether a node has all addresses and services by this stack, and its peer none.
func activeUnder(ctx context.Context, l *lab.Lab, node, stack string) error {
	for _, n := range both {
		if l.Cluster().Node(n).State() != cluster.Up {
			continue
		}
		out, err := l.Output(ctx, n, "sh", "-c", `ip -br -4 address; for p in /run/ngcp-*.pid; do kill -0 $(cat $p) 2>/dev/null && echo service; done; systemctl is-active heartbeat pacemaker | tr '\n' ' '`)
		if err != nil && out == nil {
			return err
		}
		text := string(out)
		addresses, services := 0, strings.Count(text, "service\n")
		for _, a := range pairVIPs {
			addresses += strings.Count(text, " "+a.String()+"/")
		}
		want, wantServices := 0, 0
		if n == node {
			want, wantServices = len(pairVIPs), len(ngcpServices)
		}
		if addresses != want || services != wantServices {
			return fmt.Errorf("%s has %d addresses and %d services, not %d and %d", n, addresses, services, want, wantServices)
		}
		states := map[string]string{"heartbeat": "active inactive ", "pacemaker": "inactive active "}
		if !strings.HasSuffix(text, states[stack]) {
			lines := strings.Split(strings.TrimSpace(text), "\n")
			return fmt.Errorf("%s: heartbeat, pacemaker: %s, want %s", n, lines[len(lines)-1], states[stack])
		}
	}
	return nil
}

// watch puts a witness into the networks of the shared addresses.
func watch(t *testing.T, l *lab.Lab) *witness.Witness {
	t.Helper()
	w, err := witness.Watch(fabric.NamespacePath(l.Name()+"-vcn"), 50*time.Millisecond, pairVIPs...)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// single stops a witness and fails if an address was on two nodes at any moment.
func single(t *testing.T, w *witness.Witness) {
	t.Helper()
	reports, err := w.Stop()
	if err != nil {
		t.Error(err)
	}
	for a, r := range reports {
		if len(r.Answers) < 20 {
			t.Errorf("%s: %d answers to %d questions: the witness sees nothing", a, len(r.Answers), r.Questions)
		}
		if d := r.Duplicates(); len(d) > 0 {
			t.Errorf("%s was on two nodes %d times: %s", a, len(d), strings.Join(d[:min(len(d), 3)], "; "))
		}
		t.Logf("%s: %d questions, %d answers, never two", a, r.Questions, len(r.Answers))
	}
}

// outage is the longest silence of the last address to come back since from.
func outage(w *witness.Witness, from time.Time) time.Duration {
	var worst time.Duration
	for _, a := range pairVIPs {
		worst = max(worst, w.Now(a).Longest(from, time.Now()).Took)
	}
	return worst
}
