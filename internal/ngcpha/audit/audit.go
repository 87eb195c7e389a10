// SPDX-License-Identifier: Apache-2.0

// Package audit writes every change that a person or a program makes to the cluster into syslog, with who and what.
package audit

import (
	"fmt"
	"log/syslog"
	"os"
	"os/user"
	"strings"
)

// unsetLoginUID is what the kernel shows for processes that nobody logged in for (audit(8)): (uid_t)-1.
const unsetLoginUID = "4294967295"

// Log writes one line, such as "standby on for sp2 (lifetime reboot)". That syslog cannot be reached is no reason to
// fail: the error is for a warning.
func Log(env []string, what string) error {
	w, err := syslog.New(syslog.LOG_NOTICE|syslog.LOG_DAEMON, "ngcp-ha")
	if err != nil {
		return fmt.Errorf("writing to syslog: %w", err)
	}
	defer w.Close()
	return w.Notice(line(who(env), what))
}

func line(who, what string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, who+": "+what)
}

// who is the user, and who became that user.
func who(env []string) string {
	name := nameOf(fmt.Sprint(os.Getuid()))
	var from []string
	if text, err := os.ReadFile("/proc/self/loginuid"); err == nil {
		if id := strings.TrimSpace(string(text)); id != "" && id != unsetLoginUID {
			if login := nameOf(id); login != name {
				from = append(from, "logged in as "+login)
			}
		}
	}
	for _, e := range env {
		key, value, _ := strings.Cut(e, "=")
		if value == "" {
			continue
		}
		switch key {
		case "SUDO_USER":
			from = append(from, "sudo by "+value)
		case "SSH_CONNECTION":
			address, _, _ := strings.Cut(value, " ")
			from = append(from, "ssh from "+address)
		}
	}
	from = append(from, fmt.Sprintf("process %d", os.Getpid()))
	return name + " (" + strings.Join(from, ", ") + ")"
}

func nameOf(id string) string {
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return "user " + id
}
