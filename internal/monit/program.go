// SPDX-License-Identifier: Apache-2.0

package monit

import (
	"context"
	"fmt"
	"os/user"
	"regexp"
	"strconv"
	"syscall"

	"ocf-oci/internal/command"
)

// path is the only PATH that monit gives to its programs.
const path = "PATH=/bin:/usr/bin:/sbin:/usr/sbin:/usr/local/bin:/usr/local/sbin"

func compile(pattern string) (*regexp.Regexp, error) { return regexp.CompilePOSIX(pattern) }

// Run runs a start or stop program in place of the daemon, with the environment and the rights that the daemon would
// give it, for at most its own timeout. A daemon that the program leaves behind lives on.
func (c *Command) Run(ctx context.Context, service string, event string) error {
	if len(c.Argv) == 0 {
		return fmt.Errorf("service %s has an empty program", service)
	}
	credential, err := c.credential()
	if err != nil {
		return fmt.Errorf("running the program of service %s: %w", service, err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	_, err = command.Run(ctx, command.Command{
		Name: c.Argv[0], Args: c.Argv[1:], Dir: "/", Credential: credential,
		Env: []string{path, "MONIT_SERVICE=" + service, "MONIT_EVENT=" + event},
	})
	return err
}

// credential looks up "as uid U and gid G"; nil for none.
func (c *Command) credential() (*syscall.Credential, error) {
	if c.UID == "" && c.GID == "" {
		return nil, nil
	}
	var uid, gid uint32
	if c.UID != "" {
		u, err := user.Lookup(c.UID)
		if err != nil {
			if u, err = user.LookupId(c.UID); err != nil {
				return nil, err
			}
		}
		uid, gid = number(u.Uid), number(u.Gid)
	}
	if c.GID != "" {
		g, err := user.LookupGroup(c.GID)
		if err != nil {
			if g, err = user.LookupGroupId(c.GID); err != nil {
				return nil, err
			}
		}
		gid = number(g.Gid)
	}
	return &syscall.Credential{Uid: uid, Gid: gid}, nil
}

func number(text string) uint32 {
	n, _ := strconv.ParseUint(text, 10, 32) // os/user gives numbers on Linux
	return uint32(n)
}

// Check has monit read its control file; an error says what is wrong with it.
func (c *Config) Check(ctx context.Context) error {
	out, err := command.Run(ctx, command.Command{Name: "monit", Args: []string{"-c", c.File, "-t"}, Env: []string{path, "HOME=/root"}})
	if err != nil {
		return fmt.Errorf("checking monit's control file: %w %s", err, out.Stdout)
	}
	return nil
}
