// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const original = "/usr/lib/ocf/resource.d/pacemaker/ping"

// command is the program; it returns the exit code.
func command() int {
	agent := flag.String("agent", "build/bin/ping", "the agent under test")
	turns := flag.Int("turns", 15, "measurements of each, if limit allows")
	limit := flag.Duration("limit", 40*time.Second, "stop measuring one agent in one scenario after this time; one measurement is always made")
	asJSON := flag.Bool("json", false, "print JSON")
	inside := flag.Bool("inside", false, "already in the namespaces (used by the program itself)")
	flag.Parse()
	if err := run(*agent, *turns, *limit, *asJSON, *inside); err != nil {
		fmt.Fprintln(os.Stderr, "bench/ping:", err)
		return 1
	}
	return 0
}

func run(agent string, turns int, limit time.Duration, asJSON, inside bool) error {
	if !inside {
		return enter(agent)
	}
	var all []result
	for _, s := range scenarios() {
		r, err := measure(s, agent, turns, limit)
		if err != nil {
			return err
		}
		all = append(all, r)
		if !asJSON {
			r.print(os.Stdout)
		}
	}
	if asJSON {
		out := json.NewEncoder(os.Stdout)
		out.SetIndent("", "  ")
		if err := out.Encode(all); err != nil {
			return err
		}
	}
	return targets(all, os.Stderr)
}

// enter runs the program again in fresh namespaces: a peer with 10.99.0.1 to .50; 10.99.1.0/24 is silent.
func enter(agent string) error {
	agent, err := filepath.Abs(agent)
	if err != nil {
		return err
	}
	for _, needed := range []string{agent, original, "/usr/bin/fping", "/usr/sbin/attrd_updater"} {
		if _, err := os.Stat(needed); err != nil {
			return fmt.Errorf("%w; run make setup build", err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	const setup = `set -e
mount -t tmpfs tmpfs /run
mount --bind /bin/true /usr/sbin/attrd_updater
ip link set lo up
ip netns add peer
ip link add v0 type veth peer name v1 netns peer
ip addr add 10.99.0.254/23 dev v0
ip link set v0 up
ip -n peer link set v1 up
for i in $(seq 1 50); do ip -n peer addr add 10.99.0.$i/23 dev v1; done
exec "$0" -inside "$@"`
	args := append([]string{"-n", "-m", "--propagation", "private", "--", "sh", "-c", setup, self, "-agent", agent}, flagsBesides("agent")...)
	cmd := exec.Command("unshare", args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// flagsBesides are the flags that were set, without one.
func flagsBesides(without string) (args []string) {
	flag.Visit(func(f *flag.Flag) {
		if f.Name != without {
			args = append(args, "-"+f.Name+"="+f.Value.String())
		}
	})
	return args
}
