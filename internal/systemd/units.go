// SPDX-License-Identifier: Apache-2.0

// Package systemd starts, stops and watches units through systemctl(1), which for root talks to systemd itself and needs
// no message bus.
package systemd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"ocf-oci/internal/command"
	"ocf-oci/internal/process"
)

// Unit is a unit as systemd sees it.
type Unit struct {
	ID     string // "kamailio.service"
	Load   string // loaded, not-found, masked, error ...
	Active string // active, reloading, inactive, failed, activating, deactivating
	Sub    string // running, exited, auto-restart, start-pre ...
	Result string // success, exit-code, timeout ...
	Job    string // number of a queued job, empty if none

	// Once: it runs to its end and is inactive then (Type=oneshot without RemainAfterExit). Soon after a good end systemd
	// forgets that it has ever run.
	Once         bool
	ControlGroup string   // below the cgroup file system; empty if it has none
	WantedBy     []string // what starts it
}

// Text is the unit's state as "systemctl status" words it.
func (u Unit) Text() string {
	if u.Load != "loaded" {
		return u.Load
	}
	text := u.Active + " (" + u.Sub + ")"
	if u.Result != "" && u.Result != "success" {
		text += ", result " + u.Result
	}
	return text
}

// Client runs systemctl.
type Client struct {
	Env []string // of the command
}

// Running tells whether systemd is process 1 here, as sd_booted(3) does.
func Running() bool {
	info, err := os.Lstat("/run/systemd/system")
	return err == nil && info.IsDir()
}

// ErrMissing means that a unit does not exist here.
var ErrMissing = errors.New("unit not found")

func (c Client) run(ctx context.Context, args ...string) (string, error) {
	out, err := command.Run(ctx, command.Command{Name: "systemctl", Args: append([]string{"--no-pager", "--no-ask-password"}, args...), Env: c.Env, Limit: 16 << 20})
	var failed *command.Error
	switch { // the command's arguments would fill the screen
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		err = fmt.Errorf("systemctl %s has not answered: %w", args[0], context.DeadlineExceeded)
	case errors.As(err, &failed) && failed.Stderr != "":
		err = fmt.Errorf("systemctl %s: %s", args[0], failed.Stderr)
	case errors.As(err, &failed):
		err = fmt.Errorf("systemctl %s: %w", args[0], failed.Err)
	}
	return string(out.Stdout), err
}

const properties = "Id,LoadState,ActiveState,SubState,Result,Job,Type,RemainAfterExit,ControlGroup,WantedBy"

// Show asks for units, in the order asked.
func (c Client) Show(ctx context.Context, names ...string) ([]Unit, error) {
	if len(names) == 0 {
		return nil, nil
	}
	text, err := c.run(ctx, append([]string{"show", "--property=" + properties, "--"}, names...)...)
	if err != nil {
		return nil, fmt.Errorf("asking systemd for its units: %w", err)
	}
	blocks := strings.Split(strings.TrimSpace(text), "\n\n")
	if len(blocks) != len(names) {
		return nil, fmt.Errorf("asking systemd for %d units: it told of %d", len(names), len(blocks))
	}
	units := make([]Unit, len(blocks))
	for i, block := range blocks {
		units[i] = unit(names[i], block) // an alias has another Id
	}
	return units, nil
}

// unit reads what systemctl shows of a unit.
func unit(name, block string) Unit {
	u := Unit{ID: name}
	oneshot, remains := false, false
	for line := range strings.Lines(block) {
		property, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch property {
		case "LoadState":
			u.Load = value
		case "ActiveState":
			u.Active = value
		case "SubState":
			u.Sub = value
		case "Result":
			u.Result = value
		case "Job":
			if value != "0" {
				u.Job = value
			}
		case "Type": // a mount has one as well: its file system
			oneshot = value == "oneshot" && strings.HasSuffix(name, ".service")
		case "RemainAfterExit":
			remains = value == "yes"
		case "ControlGroup":
			u.ControlGroup = value
		case "WantedBy":
			u.WantedBy = strings.Fields(value)
		}
	}
	u.Once = oneshot && !remains
	return u
}

// Wants returns the units that a target wants or requires, sorted: services, sockets, timers, mounts and the like. Not
// other targets and slices, which stand for much more than what was meant. ErrMissing: no such target.
func (c Client) Wants(ctx context.Context, target string) ([]string, error) {
	text, err := c.run(ctx, "show", "--property=LoadState,Wants,Requires", "--", target)
	if err != nil {
		return nil, fmt.Errorf("asking systemd for the units of %s: %w", target, err)
	}
	var names []string
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if name == "LoadState" && value != "loaded" {
			return nil, fmt.Errorf("asking systemd for the units of %s: %w (%s)", target, ErrMissing, value)
		}
		if name == "Wants" || name == "Requires" {
			names = append(names, strings.Fields(value)...)
		}
	}
	return own(names), nil
}

// own are the units that can be started and stopped for themselves, sorted.
func own(names []string) []string {
	names = slices.DeleteFunc(names, func(n string) bool {
		return n == "-.mount" || !slices.Contains([]string{".service", ".socket", ".timer", ".path", ".mount", ".automount", ".swap"}, filepath.Ext(n))
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// Start queues the start of units and returns at once.
func (c Client) Start(ctx context.Context, names ...string) error {
	return c.order(ctx, "start", names)
}

// Stop queues the stop of units and returns at once.
func (c Client) Stop(ctx context.Context, names ...string) error {
	return c.order(ctx, "stop", names)
}

// Forget clears what systemd remembers of failures and of too many starts, which would keep it from starting a unit.
func (c Client) Forget(ctx context.Context, names ...string) error {
	return c.order(ctx, "reset-failed", names)
}

func (c Client) order(ctx context.Context, verb string, names []string) error {
	args := []string{verb}
	if verb != "reset-failed" {
		args = append(args, "--no-block")
	}
	if _, err := c.run(ctx, append(append(args, "--"), names...)...); err != nil {
		return fmt.Errorf("asking systemd to %s %s: %w", verb, strings.Join(names, ", "), err)
	}
	return nil
}

// Kill has systemd send SIGKILL to all processes of a unit.
func (c Client) Kill(ctx context.Context, name string) error {
	if _, err := c.run(ctx, "kill", "--signal=SIGKILL", "--", name); err != nil {
		return fmt.Errorf("asking systemd to kill %s: %w", name, err)
	}
	return nil
}

// cgroups are where the unified hierarchy is mounted.
var cgroups = []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"}

// Processes returns the living processes in the unit's control group and those below it. It does not ask systemd.
func (u Unit) Processes() ([]process.ID, error) {
	if u.ControlGroup == "" || u.ControlGroup == "/" {
		return nil, nil
	}
	for _, root := range cgroups {
		dir := filepath.Join(root, u.ControlGroup)
		if _, err := os.Stat(filepath.Join(dir, "cgroup.procs")); err != nil {
			continue
		}
		return inGroup(dir)
	}
	return nil, nil // systemd removes the group with its last process
}

func inGroup(dir string) ([]process.ID, error) {
	var all []process.ID
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err != nil || !entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(path, "cgroup.procs"))
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENODEV) || errors.Is(err, syscall.EOPNOTSUPP) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, word := range strings.Fields(string(text)) {
			pid, err := strconv.Atoi(word)
			if err != nil {
				continue
			}
			id, living, err := process.Find(pid)
			if err != nil {
				return err
			}
			if living {
				all = append(all, id)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing the processes of a unit: %w", err)
	}
	return all, nil
}
