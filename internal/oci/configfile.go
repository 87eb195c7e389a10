// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// profile is a section of an OCI configuration file ("SDK and CLI Configuration
// File", https://docs.oracle.com/iaas/Content/API/Concepts/sdkconfig.htm).
type profile struct {
	file   string
	name   string
	values map[string]entry // keys in lower case
}

type entry struct {
	value string
	line  int
}

const maxLocalFile = 1 << 20

// localError is an *Error of Kind Local.
func localError(problem Problem, err error, format string, args ...any) *Error {
	return &Error{Op: "authentication", Kind: Local, Problem: problem, Message: fmt.Sprintf(format, args...), Err: err}
}

// readLocal reads a file that check approves of. The check is made on the open
// file, so that the file checked is the file read.
func readLocal(what, path string, check func(fs.FileInfo) error) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0) // O_NONBLOCK: a FIFO must not hold us up
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, localError(Missing, nil, "%s %s does not exist", what, path)
	case err != nil:
		return nil, localError(Unreadable, err, "%s %s cannot be opened", what, path)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, localError(Unreadable, err, "%s %s cannot be examined", what, path)
	}
	if !info.Mode().IsRegular() {
		return nil, localError(Unreadable, nil, "%s %s is no regular file", what, path)
	}
	if err := check(info); err != nil {
		return nil, localError(Unsafe, err, "%s %s is not safe: chown it to root and chmod it to 0600", what, path)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxLocalFile))
	if err != nil {
		return nil, localError(Unreadable, err, "%s %s cannot be read", what, path)
	}
	return data, nil
}

// readProfile reads one profile. The file must not be writable by others, and
// not readable by others if it holds a passphrase.
func readProfile(path, name string) (profile, error) {
	if path == "" {
		home, err := homeFolder()
		if err != nil {
			return profile{}, localError(Missing, err, "no configuration file is given and the home folder is not known: set oci_config_file")
		}
		path = filepath.Join(home, ".oci", "config")
	}
	if name == "" {
		name = "DEFAULT"
	}
	var mode fs.FileInfo
	data, err := readLocal("configuration file", path, func(info fs.FileInfo) error { mode = info; return unchanged(info) })
	if err != nil {
		return profile{}, err
	}
	p, err := parseProfile(path, name, data)
	if err != nil {
		return profile{}, err
	}
	if p.value("pass_phrase")+p.value("passphrase") != "" {
		if err := private(mode); err != nil {
			return profile{}, localError(Unsafe, err, "configuration file %s holds a pass_phrase: chown it to root and chmod it to 0600", path)
		}
	}
	return p, nil
}

// parseProfile reads "key = value" lines of one [section]. A value goes to the
// end of the line: it may contain "=" (the SDK's own parser cuts it there).
// Lines of other sections are not judged.
func parseProfile(path, name string, data []byte) (profile, error) {
	p := profile{file: path, name: name, values: map[string]entry{}}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	inside, found := false, false
	for i, raw := range strings.Split(string(data), "\n") {
		line := strings.TrimSpace(raw)
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
			continue
		case line[0] == '[':
			section, ok := strings.CutSuffix(line[1:], "]")
			if !ok {
				return p, localError(Malformed, nil, "%s:%d: section %q lacks the closing bracket", path, i+1, line)
			}
			inside = strings.TrimSpace(section) == name
			if inside && found {
				return p, localError(Malformed, nil, "%s:%d: profile [%s] appears twice", path, i+1, name)
			}
			found = found || inside
			continue
		case !inside:
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return p, localError(Malformed, nil, "%s:%d: %q is not of the form key=value", path, i+1, shorten(line))
		}
		key = strings.ToLower(strings.TrimSpace(key))
		if first, twice := p.values[key]; twice {
			return p, localError(Malformed, nil, "%s:%d: %s is given twice, first in line %d", path, i+1, key, first.line)
		}
		p.values[key] = entry{strings.TrimSpace(value), i + 1}
	}
	if !found {
		return p, localError(Malformed, nil, "%s: there is no profile [%s]", path, name)
	}
	return p, nil
}

// shorten keeps a line that may be a misplaced secret out of the message.
func shorten(line string) string {
	if word, _, more := strings.Cut(line, " "); more || len(word) > 12 {
		return word[:min(len(word), 12)] + "..."
	}
	return line
}

func (p profile) value(key string) string { return p.values[key].value }

// need gives a value that must be there.
func (p profile) need(key string) (string, error) {
	e, ok := p.values[key]
	switch {
	case !ok:
		return "", localError(Malformed, nil, "%s: profile [%s] lacks %s", p.file, p.name, key)
	case e.value == "":
		return "", localError(Malformed, nil, "%s:%d: %s is empty", p.file, e.line, key)
	}
	return e.value, nil
}

// path makes a file name absolute: "~" is the home folder of our user, whatever
// HOME says, and a relative name starts at the configuration file.
func (p profile) path(name string) (string, error) {
	if rest, ok := strings.CutPrefix(name, "~/"); ok {
		home, err := homeFolder()
		if err != nil {
			return "", localError(Malformed, err, "%s: the home folder for %s is not known: give an absolute path", p.file, name)
		}
		return filepath.Join(home, rest), nil
	}
	if !filepath.IsAbs(name) {
		return filepath.Join(filepath.Dir(p.file), name), nil
	}
	return name, nil
}

// homeFolder asks the user database, not HOME: pacemaker's agents have none,
// and sudo keeps the caller's.
func homeFolder() (string, error) {
	me, err := user.LookupId(fmt.Sprint(os.Geteuid()))
	if err != nil {
		return "", err
	}
	return me.HomeDir, nil
}
