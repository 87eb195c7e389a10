// SPDX-License-Identifier: Apache-2.0

package packages

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ocf-oci/internal/command"
)

// Apt is Debian's.
type Apt struct{ Environ []string }

// cacheDir is where apt keeps what it fetched.
const cacheDir = "/var/cache/apt/archives"

// options are for every call: no questions, the administrator's own configuration files stay, and another apt that runs is waited for.
var options = []string{"-q", "-y", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold", "-o", "APT::Sandbox::User=root"}

func (a Apt) run(ctx context.Context, dir, name string, args ...string) (command.Output, error) {
	env := append([]string{"DEBIAN_FRONTEND=noninteractive", "LC_ALL=C"}, a.Environ...)
	out, err := command.Run(ctx, command.Command{Name: name, Args: args, Env: env, Dir: dir})
	if err != nil {
		return out, fmt.Errorf("%w\n%s", err, tail(out))
	}
	return out, nil
}

// tail is the end of what a program said.
func tail(out command.Output) string {
	lines := strings.Split(strings.TrimSpace(string(out.Stdout)+string(out.Stderr)), "\n")
	return strings.Join(lines[max(0, len(lines)-6):], "\n")
}

// lockWait is how long another apt or dpkg is waited for, such as the one that a killed run left behind.
const lockWait = 5 * time.Minute

// mend finishes what a killed dpkg left.
func (a Apt) mend(ctx context.Context) error {
	for end := time.Now().Add(lockWait); ; {
		out, err := a.run(ctx, "", "dpkg", "--configure", "-a", "--force-confdef", "--force-confold")
		if err == nil {
			return nil
		}
		if !strings.Contains(string(out.Stderr), "locked by another process") || time.Now().After(end) || ctx.Err() != nil {
			return fmt.Errorf("finish what an interrupted dpkg left: %w", err)
		}
		time.Sleep(time.Second)
	}
}

// Installed lists what is installed.
func (a Apt) Installed(ctx context.Context) ([]Package, error) {
	out, err := a.run(ctx, "", "dpkg-query", "-W", "-f", "${db:Status-Status}\t${Package}\t${Version}\t${source:Package}\n")
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	var all []Package
	for line := range strings.Lines(string(out.Stdout)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) == 4 && f[0] == "installed" {
			all = append(all, Package{f[1], f[2], f[3]})
		}
	}
	return all, nil
}

// Simulate tells what installing would do.
func (a Apt) Simulate(ctx context.Context, names ...string) (Plan, error) {
	out, err := a.run(ctx, "", "apt-get", append(append([]string{"-s", "install", "--no-install-recommends"}, options...), names...)...)
	if err != nil {
		return Plan{}, fmt.Errorf("simulate the installation of %s: %w", strings.Join(names, " "), err)
	}
	var p Plan
	for line := range strings.Lines(string(out.Stdout)) {
		f := strings.Fields(line)
		switch {
		case len(f) < 2:
		case f[0] == "Remv":
			p.Remove = append(p.Remove, f[1])
		case f[0] == "Inst" && strings.HasPrefix(f[min(2, len(f)-1)], "["):
			p.Upgrade = append(p.Upgrade, f[1])
		case f[0] == "Inst":
			p.Install = append(p.Install, f[1])
		}
	}
	return p, nil
}

// Fetch downloads only.
func (a Apt) Fetch(ctx context.Context, names ...string) error {
	if err := a.mend(ctx); err != nil {
		return err
	}
	if _, err := a.run(ctx, "", "apt-get", append(append([]string{"install", "--download-only", "--no-install-recommends"}, options...), names...)...); err != nil {
		return fmt.Errorf("fetch %s: %w", strings.Join(names, " "), err)
	}
	return nil
}

// Save downloads the files of installed packages; what no repository has any more is taken from the cache, or made
// again by dpkg-repack if that is installed.
func (a Apt) Save(ctx context.Context, dir string, list []Package) error {
	for _, p := range list {
		_, err := a.run(ctx, dir, "apt-get", append([]string{"download", p.Name + "=" + p.Version}, options...)...)
		if err == nil {
			continue
		}
		if cerr := copyCached(dir, p); cerr == nil {
			continue
		}
		if _, rerr := a.run(ctx, dir, "dpkg-repack", p.Name); rerr != nil {
			return fmt.Errorf("no file of %s %s can be had, neither from a repository, nor from %s, nor by dpkg-repack, so there would be no way back: %w", p.Name, p.Version, cacheDir, err)
		}
	}
	return nil
}

func copyCached(dir string, p Package) error {
	found, err := filepath.Glob(filepath.Join(cacheDir, p.Name+"_"+strings.ReplaceAll(url.PathEscape(p.Version), ":", "%3a")+"_*.deb"))
	if err != nil || len(found) == 0 {
		return errors.New("not in the cache")
	}
	src, err := os.Open(found[0])
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.Create(filepath.Join(dir, filepath.Base(found[0])))
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}

// Install installs names and files.
func (a Apt) Install(ctx context.Context, what ...string) error {
	if err := a.mend(ctx); err != nil {
		return err
	}
	args := append([]string{"install", "--no-install-recommends", "--allow-downgrades", "--reinstall"}, options...)
	if !strings.Contains(strings.Join(what, ""), "/") {
		args = append([]string{"install", "--no-install-recommends"}, options...)
	}
	if _, err := a.run(ctx, "", "apt-get", append(args, what...)...); err != nil {
		return fmt.Errorf("install %s: %w", strings.Join(what, " "), err)
	}
	return nil
}

// Purge removes packages with their configuration.
func (a Apt) Purge(ctx context.Context, names ...string) error {
	if len(names) == 0 {
		return nil
	}
	if err := a.mend(ctx); err != nil {
		return err
	}
	if _, err := a.run(ctx, "", "apt-get", append(append([]string{"purge"}, options...), names...)...); err != nil {
		return fmt.Errorf("remove %s: %w", strings.Join(names, " "), err)
	}
	return nil
}
