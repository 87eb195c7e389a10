// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"ocf-oci/internal/command"
)

// sshOptions: never ask, notice within 15 s that the peer is gone.
var sshOptions = []string{"-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3"}

// Remote is the peer: the same program, which carries the orders out there.
type Remote struct {
	name, program string
	environ       []string
}

// TrySSH tells whether a host lets us in without asking.
func TrySSH(ctx context.Context, environ []string, host string) error {
	_, err := command.Run(ctx, command.Command{Name: "ssh", Args: append(append([]string{}, sshOptions...), host, "true"), Env: environ})
	if err != nil {
		return fmt.Errorf("ssh to %s does not work without a password: %w", host, err)
	}
	return nil
}

// NewRemote finds this very program on the peer, or copies it there.
func NewRemote(ctx context.Context, environ []string, host string) (*Remote, error) {
	if err := TrySSH(ctx, environ, host); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	text, err := os.ReadFile(self)
	if err != nil {
		return nil, fmt.Errorf("read this program: %w", err)
	}
	sum := sha256.Sum256(text)
	want := hex.EncodeToString(sum[:])
	r := &Remote{name: host, environ: environ}
	for _, path := range []string{self, filepath.Join(Dir, "ngcp-ha")} {
		out, err := r.ssh(ctx, nil, "sha256sum "+quote(path))
		if err == nil && strings.HasPrefix(out, want) {
			r.program = path
			return r, nil
		}
	}
	r.program = filepath.Join(Dir, "ngcp-ha")
	_, err = r.ssh(ctx, bytes.NewReader(text), fmt.Sprintf("umask 077 && mkdir -p %s && cat >%s.new && chmod 700 %[2]s.new && mv %[2]s.new %[2]s", quote(Dir), quote(r.program)))
	if err != nil {
		return nil, fmt.Errorf("copy this program to %s: %w", host, err)
	}
	return r, nil
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// Name is the peer's name.
func (r *Remote) Name() string { return r.name }

func (r *Remote) command(ctx context.Context, line string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "ssh", append(append([]string{}, sshOptions...), r.name, line)...)
	cmd.Env = r.environ
	return cmd
}

func (r *Remote) ssh(ctx context.Context, stdin io.Reader, line string) (string, error) {
	cmd := r.command(ctx, line)
	cmd.Stdin = stdin
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return string(out), fmt.Errorf("on %s: %w: %s", r.name, err, lastLine(stderr.String()))
	}
	return string(out), nil
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}

// Facts asks the peer.
func (r *Remote) Facts(ctx context.Context, q Question) (Facts, error) {
	var f Facts
	text, err := json.Marshal(q)
	if err != nil {
		return f, err
	}
	out, err := r.ssh(ctx, bytes.NewReader(text), quote(r.program)+" migrate-node facts")
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal([]byte(out), &f); err != nil {
		return f, fmt.Errorf("facts of %s: %w", r.name, err)
	}
	return f, nil
}

// ErrLost means that the connection to the peer was lost: what it was told may be done or not.
var ErrLost = errors.New("connection lost")

// Message is a line that migrate-node carry prints.
type Message struct {
	Event string `json:"event,omitempty"`
	Error string `json:"error,omitempty"`
	Done  bool   `json:"done,omitempty"`
}

// Carry has the peer carry an order out. If the connection is lost it goes on there; the next Carry waits for its end.
func (r *Remote) Carry(ctx context.Context, o Order, event func(string)) error {
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	cmd := r.command(ctx, quote(r.program)+" migrate-node carry")
	cmd.Stdin = bytes.NewReader(text)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("ssh to %s: %w", r.name, err)
	}
	var last Message
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m Message
		if json.Unmarshal(lines.Bytes(), &m) != nil {
			continue
		}
		last = m
		if m.Event != "" {
			event(m.Event)
		}
	}
	err = cmd.Wait()
	switch {
	case last.Error != "":
		return errors.New(last.Error)
	case last.Done:
		return nil
	}
	return fmt.Errorf("%s: %w (%v) %s", r.name, ErrLost, err, lastLine(stderr.String()))
}

// Echo has the peer answer on UDP at an address until ready, which is called when it does, returns.
func (r *Remote) Echo(ctx context.Context, address string, ready func()) error {
	cmd := r.command(ctx, quote(r.program)+" migrate-node echo "+quote(address))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	if lines.Scan() && lines.Text() == "ready" {
		ready()
	}
	_ = in.Close()
	_, _ = io.Copy(io.Discard, out)
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, lastLine(stderr.String()))
	}
	return nil
}
