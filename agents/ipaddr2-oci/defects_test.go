// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// A defect of ocf:heartbeat:IPaddr2 that ours must not have. check does what brings it to light and returns what is
// wrong, or nil. It is run on both: on ours it must find nothing, and on the original, where that has the defect in the
// version that Debian 12 installs, it must find it, or it would not catch it in ours either.
type defect struct {
	name     string
	original bool // the installed original has it
	check    func(*testing.T, string) error
}

func codeOf(t *testing.T, i *instance, action string, want int, more ...string) error {
	t.Helper()
	if r := i.run(t, action, more...); r.code != want {
		return fmt.Errorf("%s %v: want %d, got %v", action, more, want, r)
	}
	return nil
}

func hasAddress(t *testing.T, text string) bool { return strings.Contains(sh(t, "ip addr show"), text) }

// steps runs checks until one fails.
func steps(checks ...func() error) error {
	for _, c := range checks {
		if err := c(); err != nil {
			return err
		}
	}
	return nil
}

// stopWith configures the address, spoils the definition, and wants stop to take it away.
func stopWith(parameters ...string) func(*testing.T, string) error {
	return func(t *testing.T, agent string) error {
		i := newInstance(agent, append([]string{"ip=10.0.0.100", "arp_count=1"}, parameters...)...)
		sh(t, "ip addr add 10.0.0.100/24 brd 10.0.0.255 dev eth0")
		if err := codeOf(t, i, "stop", 0); err != nil {
			return err
		}
		if hasAddress(t, "10.0.0.100/") {
			return fmt.Errorf("stop said 0, and the address is there")
		}
		return codeOf(t, i, "probe", 7)
	}
}

var defects = []defect{
	{"1.3: a bad arp_count makes stop fail", true, stopWith("arp_count=0")},
	{"1.3: a bad arp_sender makes stop fail", true, stopWith("arp_sender=foo")},
	{"1.3: a long label makes stop fail", true, stopWith("nic=eth0", "iflabel=averylonglabelindeed")},
	{"1.3: a bad arp_interval makes stop fail", true, stopWith("arp_interval=0")},
	{"1.3: unique_clone_address outside a clone makes stop fail", true, stopWith("unique_clone_address=true")},
	{"1.3: an address that cannot be understood makes a probe fail", true, func(t *testing.T, agent string) error {
		return codeOf(t, newInstance(agent, "ip="), "probe", 7)
	}},
	{"1.3: a missing network namespace makes stop fail", true, func(t *testing.T, agent string) error {
		i := newInstance(agent, "ip=10.0.0.100", "network_namespace=nosuch")
		return steps(func() error { return codeOf(t, i, "stop", 0) }, func() error { return codeOf(t, i, "probe", 7) },
			func() error { return codeOf(t, i, "start", 5) })
	}},
	{"1.5: another prefix length is not seen, and stays after stop", true, func(t *testing.T, agent string) error {
		i := newInstance(agent, "ip=10.0.0.100", "run_arping=false")
		sh(t, "ip addr add 10.0.0.100/32 dev eth0")
		return steps(func() error { return codeOf(t, i, "start", 0) }, func() error { return codeOf(t, i, "stop", 0) }, func() error {
			if hasAddress(t, "10.0.0.100/") {
				return fmt.Errorf("the address is still there after stop")
			}
			return nil
		})
	}},
	{"1.5: the address on another interface is not seen, and start makes it twice", true, func(t *testing.T, agent string) error {
		i := newInstance(agent, "ip=10.0.0.100", "nic=eth0", "run_arping=false")
		sh(t, "ip addr add 10.0.0.100/24 dev eth1")
		return steps(func() error { return codeOf(t, i, "start", 0) }, func() error {
			if n := strings.Count(sh(t, "ip -o addr show"), " 10.0.0.100/"); n != 1 {
				return fmt.Errorf("the address is there %d times", n)
			}
			return codeOf(t, i, "stop", 0)
		})
	}},
	{"1.5, 7.7: an interface without link is called good, all the more with an alternative name", true, func(t *testing.T, agent string) error {
		i := newInstance(agent, "ip=10.1.0.100")
		sh(t, "ip link property add dev eth1 altname enp0s9")
		defer sh(t, "ip link property del dev eth1 altname enp0s9; ip -n peer link set e1 up")
		if err := codeOf(t, i, "start", 0); err != nil {
			return err
		}
		sh(t, "ip -n peer link set e1 down; sleep 0.2")
		return codeOf(t, i, "monitor", 7)
	}},
	{"1.5: an interface given by its alternative name is not found", true, func(t *testing.T, agent string) error {
		i := newInstance(agent, "ip=10.1.0.100", "nic=enp0s9")
		sh(t, "ip link property add dev eth1 altname enp0s9")
		defer sh(t, "ip link property del dev eth1 altname enp0s9")
		return steps(func() error { return codeOf(t, i, "start", 0) }, func() error { return codeOf(t, i, "monitor", 0) })
	}},
	{"1.5: an interface with the name of a word of ip's output", false, func(t *testing.T, agent string) error {
		sh(t, "ip link add secondary type veth peer name DOWN; ip link set secondary up; ip link set DOWN up; ip addr add 10.3.0.1/24 dev secondary")
		defer sh(t, "ip link del secondary")
		i := newInstance(agent, "ip=10.3.0.100", "run_arping=false", "arp_count=1")
		return steps(func() error { return codeOf(t, i, "start", 0) }, func() error { return codeOf(t, i, "monitor", 0) },
			func() error { return codeOf(t, i, "stop", 0) }, func() error { return codeOf(t, i, "monitor", 7) })
	}},
	{"1.5, 7.8: duplicate address detection that failed is called good", true, func(t *testing.T, agent string) error {
		i := newInstance(agent, "ip=2001:db8::9")
		sh(t, "ip -6 addr add 2001:db8::9/64 dev eth0; sleep 2.5; ip -6 addr show eth0 | grep -q dadfailed")
		return codeOf(t, i, "monitor", 7)
	}},
	{"1.6, 7.9: another owner on the network is not noticed by default", true, func(t *testing.T, agent string) error {
		return codeOf(t, newInstance(agent, "ip=10.0.0.9", "arp_count=1"), "start", 1)
	}},
	{"1.8, 7.1: without the connected route stop says 0 and leaves the address", true, func(t *testing.T, agent string) error {
		i := newInstance(agent, "ip=10.0.0.100", "nic=eth0", "run_arping=false")
		if err := codeOf(t, i, "start", 0); err != nil {
			return err
		}
		sh(t, "ip route del 10.0.0.0/24 dev eth0")
		defer sh(t, "ip route replace 10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1")
		return steps(func() error { return codeOf(t, i, "monitor", 0) }, func() error { return codeOf(t, i, "stop", 0) }, func() error {
			if hasAddress(t, "10.0.0.100/") {
				return fmt.Errorf("the address is there after a stop that said 0")
			}
			return nil
		})
	}},
	{"1.8, 7.8: without the route, stop does not find an IPv6 address in another spelling", true, func(t *testing.T, agent string) error {
		i := newInstance(agent, "ip=2001:DB8:0:0:0:0:0:100")
		sh(t, "ip -6 addr add 2001:db8::100/64 dev eth0 nodad; ip -6 route del 2001:db8::/64 dev eth0")
		defer sh(t, "ip -6 route replace 2001:db8::/64 dev eth0 proto kernel metric 256; ip -6 addr del 2001:db8::100/64 dev eth0 2>/dev/null || true")
		if err := codeOf(t, i, "stop", 0); err != nil {
			return err
		}
		if hasAddress(t, "2001:db8::100/") {
			return fmt.Errorf("the address is there after a stop that said 0")
		}
		return nil
	}},
	{"1.8: stop takes the other addresses of the prefix along when the kernel promotes none", true, func(t *testing.T, agent string) error {
		sh(t, "sysctl -qw net.ipv4.conf.all.promote_secondaries=0 net.ipv4.conf.eth1.promote_secondaries=0")
		defer sh(t, "sysctl -qw net.ipv4.conf.all.promote_secondaries=1; ip addr flush to 10.5.0.0/24 dev eth1")
		first := newInstance(agent, "ip=10.5.0.1", "nic=eth1", "cidr_netmask=24", "run_arping=false", "arp_count=1")
		sh(t, "ip addr add 10.5.0.1/24 dev eth1; ip addr add 10.5.0.2/24 dev eth1")
		if err := codeOf(t, first, "stop", 0); err != nil {
			return err
		}
		if hasAddress(t, "10.5.0.1/") || !hasAddress(t, "10.5.0.2/") {
			return fmt.Errorf("addresses after stop:\n%s", sh(t, "ip -o -4 addr show dev eth1"))
		}
		return nil
	}},
	{"1.8, 7.10: stop kills whatever has the number of its announcer", true, func(t *testing.T, agent string) error {
		i := newInstance(agent, "ip=10.0.0.100", "run_arping=false")
		if err := codeOf(t, i, "start", 0); err != nil {
			return err
		}
		sh(t, "timeout 20 sh -c 'while pgrep -f [s]end_arp >/dev/null; do sleep 0.1; done'") // it removes its file when it ends
		innocent := exec.Command("sleep", "30")
		if err := innocent.Start(); err != nil {
			t.Fatal(err)
		}
		killed := make(chan error, 1)
		go func() { killed <- innocent.Wait() }()
		defer func() { _ = innocent.Process.Kill() }()
		pid := innocent.Process.Pid
		for file, text := range map[string]string{"/run/resource-agents/send_arp-10.0.0.100": fmt.Sprint(pid),
			stateDir + "/vip.announcer": fmt.Sprintf(`{"pid":%d,"born":1}`, pid)} {
			_ = os.WriteFile(file, []byte(text), 0o600) // the other agent's folder may be missing
		}
		if err := codeOf(t, i, "stop", 0); err != nil {
			return err
		}
		select {
		case err := <-killed:
			return fmt.Errorf("an innocent process was killed: %v", err)
		case <-time.After(time.Second):
			return nil
		}
	}},
	{"1.9: a changed label makes a probe fail", false, func(t *testing.T, agent string) error {
		sh(t, "ip addr add 10.0.0.100/24 brd 10.0.0.255 dev eth0 label eth0:old")
		return codeOf(t, newInstance(agent, "ip=10.0.0.100", "iflabel=new"), "probe", 0)
	}},
	{"1.9, 7.18: validate-all without a level looks at this node", true, func(t *testing.T, agent string) error {
		i := newInstance(agent, "ip=10.0.0.100", "nic=onlyelsewhere")
		return codeOf(t, i, "validate-all", 0)
	}},
	{"1.1: a clone's address runs over", true, func(t *testing.T, agent string) error {
		i := newInstance(agent, "ip=10.0.0.254", "unique_clone_address=true", "CRM_meta_globally_unique=true", "CRM_meta_clone=3", "CRM_meta_clone_max=4", "CRM_meta_interval=0")
		if r := i.run(t, "start"); r.code == 6 && strings.Contains(r.stderr, "no room for clone instance") {
			return nil
		}
		return fmt.Errorf("nothing is said about 10.0.0.257")
	}},
	{"7.6: 10.0.0.100 is not 10.0.0.10", false, func(t *testing.T, agent string) error {
		sh(t, "ip addr add 10.0.0.100/24 brd 10.0.0.255 dev eth0")
		return codeOf(t, newInstance(agent, "ip=10.0.0.10"), "probe", 7)
	}},
	{"7.8: the label in the policy table stays behind after a failed start", true, func(t *testing.T, agent string) error {
		i := newInstance(agent, "ip=2001:db8::9", "lvs_ipv6_addrlabel=true", "arp_count=1", "arp_interval=10")
		defer sh(t, "ip addrlabel del prefix 2001:db8::9 label 99 2>/dev/null || true")
		if err := codeOf(t, i, "start", 1); err != nil {
			return err
		}
		if strings.Contains(sh(t, "ip addrlabel list"), "2001:db8::9") {
			return fmt.Errorf("the label is still there")
		}
		return nil
	}},
	{"7.5: an action that lasts longer than its timeout is killed without a word", true, func(t *testing.T, agent string) error {
		i := newInstance(agent, "ip=2001:db8::100", "CRM_meta_timeout=1000") // the kernel looks for duplicates longer than that
		r := i.run(t, "start")
		if r.code == 0 || r.took > time.Second || !strings.Contains(r.stderr, "ocf-exit-reason:") {
			return fmt.Errorf("start within a second: %v", r)
		}
		return codeOf(t, i, "stop", 0)
	}},
	{"7.11, 7.14: a monitor starts dozens of programs", true, func(t *testing.T, agent string) error {
		i := newInstance(agent, "ip=10.0.0.100", "run_arping=false", "arp_count=1")
		if err := codeOf(t, i, "start", 0); err != nil {
			return err
		}
		cmd := exec.Command("strace", "-f", "-qq", "-e", "trace=execve", "-o", "/run/world/execs", agent, "monitor")
		cmd.Env = append(i.env, "OCF_RESKEY_CRM_meta_interval=10000")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		text, err := os.ReadFile("/run/world/execs")
		if n := strings.Count(string(text), "execve("); err != nil || n != 1 {
			return fmt.Errorf("%d programs (%v)", n, err)
		}
		return codeOf(t, i, "stop", 0)
	}},
	{"7.17: no reload-agent, so every change makes the address bounce", true, func(t *testing.T, agent string) error {
		i := newInstance(agent, "ip=10.0.0.100", "run_arping=false")
		return steps(func() error { return codeOf(t, i, "start", 0) }, func() error { return codeOf(t, i, "reload-agent", 0, "arp_count=9") },
			func() error { return codeOf(t, i, "monitor", 0) })
	}},
	{"7.19: an exit without a reason", true, func(t *testing.T, agent string) error {
		for _, action := range []string{"monitor", "probe"} {
			if r := newInstance(agent, "ip=10.0.0.100").run(t, action); r.code != 7 || !strings.Contains(r.stderr, "ocf-exit-reason:") {
				return fmt.Errorf("%s: %v", action, r)
			}
		}
		return nil
	}},
}

func TestDefectsOfIPaddr2(t *testing.T) {
	if !insideWorld(t) {
		return
	}
	agents := []string{install(t)}
	if _, err := os.Stat(original); err == nil {
		agents = append(agents, original)
	}
	for _, d := range defects {
		t.Run(d.name, func(t *testing.T) {
			for _, agent := range agents {
				reset(t, trial{})
				err := d.check(t, agent)
				switch {
				case agent != original && err != nil:
					t.Errorf("ours: %v", err)
				case agent == original && d.original && err == nil:
					t.Error("the original does not show it: the check would not catch it")
				}
			}
		})
	}
}
