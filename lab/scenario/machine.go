// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// exec runs a command on a machine and keeps its exit code; the error is that it could not be run at all.
func (w *world) exec(ctx context.Context, node string, stdout, stderr io.Writer, argv ...string) error {
	cmd, err := w.lab.Command(ctx, node, argv...)
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err = cmd.Run()
	w.code = cmd.ProcessState.ExitCode()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	return nil
}

func (w *world) status() error {
	if w.code != 0 {
		return fmt.Errorf("exit status %d", w.code)
	}
	return nil
}

func (w *world) on(ctx context.Context, ts *testscript.TestScript, args []string) error {
	if err := need(args, 2, "on NODE COMMAND..."); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := w.exec(ctx, args[0], ts.Stdout(), ts.Stderr(), args[1:]...); err != nil {
		return err
	}
	return w.status()
}

func (w *world) turns(ctx context.Context, ts *testscript.TestScript, args []string) error {
	if err := need(args, 3, "turns N NODE,NODE COMMAND..."); err != nil {
		return err
	}
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	nodes := strings.Split(args[1], ",")
	for i := range n {
		begin := time.Now()
		node := nodes[i%len(nodes)]
		if err := w.on(ctx, ts, append([]string{node}, args[2:]...)); err != nil {
			return fmt.Errorf("turn %d of %d, on %s: %w", i+1, n, node, err)
		}
		ts.Logf("turn %d on %s took %s", i+1, node, time.Since(begin).Round(100*time.Millisecond))
	}
	return nil
}

// speaker is a node where pacemaker runs and sees the majority; the last one, as long as it does, for what was written
// through one node may reach the others a moment later. A busy machine gets some time to answer at all.
func (w *world) speaker(ctx context.Context) (string, error) {
	for end := time.Now().Add(time.Minute); ; time.Sleep(500 * time.Millisecond) {
		node, err := w.speakerNow(ctx)
		if err == nil || ctx.Err() != nil || time.Now().After(end) {
			return node, err
		}
	}
}

func (w *world) speakerNow(ctx context.Context) (string, error) {
	s, err := w.lab.Status(ctx)
	if err != nil {
		return "", err
	}
	best, most := "", 0
	for _, n := range s.Nodes {
		online := len(n.Pacemaker.Online)
		if !n.Cut && n.Pacemaker.Running && (online > most || online == most && n.Name == w.spoke) {
			best, most = n.Name, online
		}
	}
	if best == "" {
		return "", fmt.Errorf("pacemaker runs on no reachable node")
	}
	w.spoke = best
	return best, nil
}

func (w *world) cluster(ctx context.Context, ts *testscript.TestScript, args []string) error {
	node, err := w.speaker(ctx)
	if err != nil {
		return err
	}
	return w.on(ctx, ts, append([]string{node}, args...))
}

func (w *world) until(ctx context.Context, ts *testscript.TestScript, args []string) error {
	if err := need(args, 4, "until D NODE REGEXP|not:REGEXP COMMAND..."); err != nil {
		return err
	}
	d, err := time.ParseDuration(args[0])
	if err != nil {
		return err
	}
	enough, err := satisfied(args[2])
	if err != nil {
		return err
	}
	for end := time.Now().Add(d); ; time.Sleep(250 * time.Millisecond) {
		var out bytes.Buffer
		short, cancel := context.WithTimeout(ctx, 20*time.Second)
		node := args[1]
		if node == "cluster" {
			if node, err = w.speakerNow(short); err != nil {
				node = w.lab.Topology().Nodes[0].Name
			}
		}
		err := w.exec(short, node, &out, &out, args[3:]...)
		cancel()
		if err == nil && enough(out.Bytes()) {
			_, err := ts.Stdout().Write(out.Bytes())
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("after %s still without %q:\n%s%v", d, args[2], out.String(), err)
		}
	}
}

// satisfied is what until waits for: output that matches, or with "not:" output, and some, that does not.
func satisfied(pattern string) (func(out []byte) bool, error) {
	pattern, not := strings.CutPrefix(pattern, "not:")
	re, err := regexp.Compile("(?m)" + pattern)
	if err != nil {
		return nil, err
	}
	return func(out []byte) bool { return re.Match(out) != not && (!not || len(out) > 0) }, nil
}

// agentPath is where the packages install the agent.
const agentPath = "/usr/lib/ocf/resource.d/oci/IPaddr2"

// AgentCommand is the command line that calls the agent as pacemaker does, with nothing else in the environment.
func AgentCommand(action string, args []string) []string {
	env := map[string]string{
		"OCF_ROOT": "/usr/lib/ocf", "OCF_RA_VERSION_MAJOR": "1", "OCF_RA_VERSION_MINOR": "1",
		"OCF_RESOURCE_INSTANCE": "vip", "OCF_RESOURCE_TYPE": "IPaddr2", "OCF_RESOURCE_PROVIDER": "oci",
	}
	var order []string
	for _, a := range args {
		name, value, _ := strings.Cut(a, "=")
		switch name {
		case "@timeout", "@interval":
			d, _ := time.ParseDuration(value)
			env["OCF_RESKEY_CRM_meta_"+name[1:]] = strconv.FormatInt(d.Milliseconds(), 10)
		case "@level":
			env["OCF_CHECK_LEVEL"] = value
		case "@role":
			env["OCF_RESKEY_CRM_meta_role"] = value
		case "@name":
			env["OCF_RESOURCE_INSTANCE"] = value
		case "@env":
			n, v, _ := strings.Cut(value, "=")
			env[n] = v
		default:
			env["OCF_RESKEY_"+name] = value
		}
	}
	for name, value := range env {
		order = append(order, name+"="+value)
	}
	slices.Sort(order)
	return slices.Concat([]string{"env", "-i"}, order, []string{agentPath, action})
}

func (w *world) agent(ctx context.Context, ts *testscript.TestScript, args []string) error {
	if err := need(args, 2, "agent NODE ACTION [NAME=VALUE...]"); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return w.exec(ctx, args[0], ts.Stdout(), ts.Stderr(), AgentCommand(args[1], args[2:])...)
}

func (w *world) checkCode(_ context.Context, _ *testscript.TestScript, args []string) error {
	if !slices.Contains(args, strconv.Itoa(w.code)) {
		return fmt.Errorf("it was %d, not %s", w.code, strings.Join(args, " or "))
	}
	return nil
}
