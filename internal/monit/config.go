// SPDX-License-Identifier: Apache-2.0

package monit

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"ocf-oci/internal/plainfile"
)

// ControlFiles are where distributions keep the control file.
var ControlFiles = []string{"/etc/monit/monitrc", "/etc/monitrc", "/usr/local/etc/monitrc"}

// Sockets are where distributions and NGCP put the unix socket.
var Sockets = []string{"/run/monit/monit.sock", "/run/monit.sock", "/run/monit.socket", "/var/lib/monit/monit.sock"}

// pidFiles are where a daemon of root writes its number if nothing is configured.
var pidFiles = []string{"/run/monit.pid", "/var/run/monit.pid", "/run/monit/monit.pid"}

// controlFileLimit is far more than a thousand services need.
const controlFileLimit = 16 << 20

// programTimeout is monit's own limit for a start or stop program.
const programTimeout = 30 * time.Second

// Config is what a control file says, as far as it matters here.
type Config struct {
	File     string
	Access   Access // empty if there is no "set httpd"
	PidFile  string // of the daemon
	Poll     time.Duration
	Services []Definition
}

// Definition is a service as the control file defines it.
type Definition struct {
	Name     string
	Type     Type
	PidFile  string // of a process; empty if it is found by Matching
	Matching string // extended regular expression for the command line
	Groups   []string
	NoStart  bool // "onreboot nostart"
	Start    *Command
	Stop     *Command
}

// Command is a start or stop program.
type Command struct {
	Argv     []string
	UID, GID string // name or number; empty: those of the daemon
	Timeout  time.Duration
}

// Service returns the definition of a service.
func (c *Config) Service(name string) (Definition, bool) {
	for _, d := range c.Services {
		if d.Name == name {
			return d, true
		}
	}
	return Definition{}, false
}

// Group returns the names of a group's services in the order of the file. monit compares names without case.
func (c *Config) Group(group string) []string {
	var names []string
	for _, d := range c.Services {
		if slices.ContainsFunc(d.Groups, func(g string) bool { return strings.EqualFold(g, group) }) {
			names = append(names, d.Name)
		}
	}
	return names
}

// FindControlFile returns the first control file that exists; fs.ErrNotExist if there is none.
func FindControlFile() (string, error) {
	for _, file := range ControlFiles {
		if _, err := os.Stat(file); err == nil {
			return file, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("looking for monit's control file: %w", err)
		}
	}
	return "", fmt.Errorf("looking for monit's control file %s: %w", strings.Join(ControlFiles, ", "), fs.ErrNotExist)
}

// ReadConfig reads a control file with everything that it includes. Statements that do not matter here are skipped, so
// it only fails if a file cannot be read.
func ReadConfig(file string) (*Config, error) {
	c := &Config{File: file, Poll: 30 * time.Second}
	if err := c.read(file, map[string]bool{}); err != nil {
		return nil, fmt.Errorf("reading monit's control file: %w", err)
	}
	return c, nil
}

func (c *Config) read(file string, seen map[string]bool) error {
	if seen[file] {
		return nil
	}
	seen[file] = true
	text, err := plainfile.Read(file, controlFileLimit)
	if err != nil {
		return err
	}
	p := &parser{tokens: lex(string(text))}
	for p.more() {
		switch t := p.next(); {
		case t.is("include"):
			pattern := p.next().text
			if !filepath.IsAbs(pattern) {
				pattern = filepath.Join(filepath.Dir(file), pattern)
			}
			files, err := filepath.Glob(pattern)
			if err != nil {
				return fmt.Errorf("include %s: %w", pattern, err)
			}
			for _, f := range files {
				if info, err := os.Stat(f); err == nil && !info.Mode().IsRegular() {
					continue
				}
				if err := c.read(f, seen); err != nil {
					return err
				}
			}
		case t.is("set"):
			c.set(p)
		case t.is("check"):
			if d := p.check(); d.Name != "" {
				c.Services = append(c.Services, d)
			}
		}
	}
	return nil
}

func (c *Config) set(p *parser) {
	switch t := p.next(); {
	case t.is("daemon"):
		if n, err := strconv.Atoi(p.peek().text); err == nil {
			c.Poll = time.Duration(n) * time.Second
		}
	case t.is("pidfile"):
		c.PidFile = p.next().text
	case t.is("httpd"):
		c.Access = p.httpd()
	}
}

// PIDFiles are the files that may hold the daemon's number.
func (c *Config) PIDFiles() []string {
	if c.PidFile != "" {
		return []string{c.PidFile}
	}
	return pidFiles
}

// httpd reads what follows "set httpd".
func (p *parser) httpd() Access {
	var a Access
	port, address, tls := "", "", false
	for p.more() && !p.peek().is("set", "check", "include") {
		switch t := p.next(); {
		case t.is("unixsocket"):
			a.Socket = p.next().text
		case t.is("port"):
			port = p.next().text
		case t.is("address"):
			address = p.next().text
		case t.is("ssl"):
			tls = !p.peek().is("disable")
		case t.is("pemfile", "pemfile:", "pemchain", "pemchain:"):
			if p.peek().is(":") {
				p.next()
			}
			a.Certificates = p.next().text
		case t.is("allow"):
			user, password := p.allow()
			if a.User == "" {
				a.User, a.Password = user, password
			}
		}
	}
	if port == "" {
		return a
	}
	switch address {
	case "", "localhost", "0.0.0.0", "any":
		address = "127.0.0.1"
	case "::":
		address = "::1"
	}
	a.URL = "http://" + net.JoinHostPort(address, port)
	if tls {
		a.URL = "https://" + net.JoinHostPort(address, port)
	}
	return a
}

// allow reads what follows "allow": a user with a password, in place or in a file, unless it may only read.
func (p *parser) allow() (user, password string) {
	t := p.next()
	if t.is("cleartext") {
		t = token{text: firstLine(p.next().text)}
	}
	user, password, ok := strings.Cut(t.text, ":")
	if !ok || t.is("md5", "crypt", "pam") || user == "" || strings.ContainsAny(user, "/@.") {
		return "", "" // a host, a network, or a kind of password that cannot be read back
	}
	if p.peek().is("read-only", "readonly") {
		return "", ""
	}
	return user, password
}

func firstLine(file string) string {
	text, err := plainfile.Read(file, controlFileLimit)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(line)
}
