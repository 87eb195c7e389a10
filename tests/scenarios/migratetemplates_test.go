// SPDX-License-Identifier: Apache-2.0

package scenarios

import (
	"context"
	"strings"
	"testing"

	"ocf-oci/lab"
	"ocf-oci/lab/cluster"
)

// templates: where a site's templates make the files, it is they that are called, and what they make is checked before
// anything is started with it.
func templates(ctx context.Context, t *testing.T, l *lab.Lab, node string) {
	const order = `{"verb":"do","step":7,"direction":"migrate","peer":"sp1"}`
	for _, c := range []struct{ name, build, want string }{
		{"templates fail", "echo template broken >&2; exit 3", "build the configuration from templates"},
		{"nothing built", "exit 0", "cluster.crm was not built"},
		{"a syntax error", "sed 's/^group g_vips/grup g_vips/' /root/built.crm >/etc/pacemaker/cluster.crm", "/etc/pacemaker/cluster.crm:"},
		{"an address is missing", "sed 's/192.168.1.161/192.168.1.99/' /root/built.crm >/etc/pacemaker/cluster.crm", "does not have the shared address 192.168.1.161 of haresources"},
		{"no corosync.conf", "cp /root/built.crm /etc/pacemaker/cluster.crm", "corosync.conf was not built"},
		{"a node is missing", "cp /root/built.crm /etc/pacemaker/cluster.crm; mkdir -p /etc/corosync; echo 'name: sp1' >/etc/corosync/corosync.conf", "does not have node sp2"},
	} {
		check(t, l.Cluster().Node(node).Install(ctx, map[string]cluster.File{
			"/usr/local/sbin/ngcpcfg": {Mode: 0o755, Content: []byte("#!/bin/sh\nset -e\n[ \"$1\" = build ]\nmkdir -p /etc/pacemaker\n" + c.build + "\n")},
			"/root/built.crm":         {Content: []byte(handbook)},
		}))
		out, err := l.Output(ctx, node, "sh", "-c", "echo '"+order+"' | ngcp-ha migrate-node carry")
		if exitCode(err) != 1 || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: code %d, no %q in %s", c.name, exitCode(err), c.want, out)
		}
	}
	check(t, second(l.Output(ctx, node, "sh", "-c", "rm -rf /usr/local/sbin/ngcpcfg /root/built.crm /etc/pacemaker/cluster.crm /etc/corosync/corosync.conf /var/lib/ngcp-ha")))
}

// goodTemplates puts templates onto both nodes that make good files, and another way than convert does.
func goodTemplates(ctx context.Context, t *testing.T, l *lab.Lab) {
	t.Helper()
	const build = `#!/bin/sh
set -e
[ "$1" = build ]
mkdir -p /etc/pacemaker /etc/corosync
{ echo "# made by a template"; cat /root/built/cluster.crm; } >/etc/pacemaker/cluster.crm
{ echo "# made by a template"; cat /root/built/corosync.conf; } >/etc/corosync/corosync.conf
install -m 400 /root/built/authkey /etc/corosync/authkey
`
	for _, n := range both {
		check(t, l.Cluster().Node(n).Install(ctx, map[string]cluster.File{"/usr/local/sbin/ngcpcfg": {Mode: 0o755, Content: []byte(build)}}))
		check(t, second(l.Output(ctx, n, "ngcp-ha", "convert", "--from", "/etc/ha.d", "--to", "/root/built")))
	}
}

// builtByTemplates: what runs was made by the templates of goodTemplates.
func builtByTemplates(ctx context.Context, t *testing.T, l *lab.Lab) {
	t.Helper()
	for _, n := range both {
		out, err := l.Output(ctx, n, "sh", "-c", "head -qn 1 /etc/pacemaker/cluster.crm /etc/corosync/corosync.conf")
		if err != nil || string(out) != "# made by a template\n# made by a template\n" {
			t.Errorf("%s: not made by templates: %v\n%s", n, err, out)
		}
		check(t, second(l.Output(ctx, n, "rm", "-r", "/usr/local/sbin/ngcpcfg", "/root/built")))
	}
}
