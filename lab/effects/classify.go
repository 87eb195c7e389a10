// SPDX-License-Identifier: Apache-2.0

package effects

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// cwd stands for the working directory where a call takes a folder's descriptor.
const cwd = uint64(0xffffffff_ffffff9c) // AT_FDCWD

// effect tells whether the system call at whose entry a thread stands changes the outside.
func (w *watch) effect(tid int) (Effect, bool) {
	info, ok := syscallAt(tid)
	if !ok {
		return Effect{}, false
	}
	a := info.Args
	switch info.Nr {
	case unix.SYS_SENDTO, unix.SYS_WRITE:
		return w.send(tid, a[0], a[1], a[2])
	case unix.SYS_WRITEV:
		base, size := w.vector(tid, a[1])
		return w.send(tid, a[0], base, size)
	case unix.SYS_SENDMSG:
		vector := w.word(tid, a[1]+16) // msg_iov
		base, size := w.vector(tid, vector)
		return w.send(tid, a[0], base, size)
	case unix.SYS_OPENAT:
		if a[2]&unix.O_CREAT != 0 {
			return w.file(tid, "create", a[0], a[1])
		}
	case unix.SYS_RENAME:
		return w.file(tid, "rename", cwd, a[1])
	case unix.SYS_UNLINK:
		return w.file(tid, "remove", cwd, a[0])
	case unix.SYS_MKDIR:
		return w.file(tid, "mkdir", cwd, a[0])
	case unix.SYS_RENAMEAT, unix.SYS_RENAMEAT2:
		return w.file(tid, "rename", a[2], a[3])
	case unix.SYS_UNLINKAT:
		return w.file(tid, "remove", a[0], a[1])
	case unix.SYS_MKDIRAT:
		return w.file(tid, "mkdir", a[0], a[1])
	}
	return Effect{}, false
}

// send classifies bytes for a file descriptor.
func (w *watch) send(tid int, fd, base, size uint64) (Effect, bool) {
	target, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", tid, int32(fd)))
	if err != nil {
		return Effect{}, false
	}
	if w.below(target) {
		return Effect{"write", filepath.Base(target)}, true
	}
	inode, ok := strings.CutPrefix(target, "socket:[")
	if !ok {
		return Effect{}, false
	}
	inode = strings.TrimSuffix(inode, "]")
	switch family(tid, inode) {
	case "tcp", "tcp6":
		return Effect{"tcp", fmt.Sprintf("%d bytes", size)}, true
	case "packet":
		return Effect{"packet", fmt.Sprintf("%d bytes", size)}, true
	case "netlink":
		head := w.bytes(tid, base, 16)
		if len(head) < 6 {
			return Effect{}, false
		}
		if name, changes := changing[binary.NativeEndian.Uint16(head[4:])]; changes {
			return Effect{"netlink", name}, true
		}
	}
	return Effect{}, false
}

// changing are the rtnetlink requests that change something (linux/rtnetlink.h).
var changing = map[uint16]string{
	unix.RTM_NEWADDR: "RTM_NEWADDR", unix.RTM_DELADDR: "RTM_DELADDR", unix.RTM_NEWLINK: "RTM_NEWLINK",
	unix.RTM_SETLINK: "RTM_SETLINK", unix.RTM_NEWROUTE: "RTM_NEWROUTE", unix.RTM_DELROUTE: "RTM_DELROUTE",
}

// family finds a socket in the tables of its network namespace.
func family(tid int, inode string) string {
	for _, f := range []string{"tcp", "tcp6", "netlink", "packet"} {
		table, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", tid, f))
		if err != nil {
			continue
		}
		for line := range bytes.Lines(table) {
			for _, field := range bytes.Fields(line) {
				if string(field) == inode {
					return f
				}
			}
		}
	}
	return ""
}

// file classifies a path relative to a folder's descriptor.
func (w *watch) file(tid int, kind string, dir, path uint64) (Effect, bool) {
	name := w.text(tid, path)
	if !filepath.IsAbs(name) {
		link := fmt.Sprintf("/proc/%d/fd/%d", tid, int32(dir))
		if int32(dir) == unix.AT_FDCWD {
			link = fmt.Sprintf("/proc/%d/cwd", tid)
		}
		base, err := os.Readlink(link)
		if err != nil {
			return Effect{}, false
		}
		name = filepath.Join(base, name)
	}
	if !w.below(name) && name != w.tracer.Below {
		return Effect{}, false
	}
	return Effect{kind, filepath.Base(name)}, true
}

// below compares by the end of the path: the command sees its own root, the tracer another.
func (w *watch) below(path string) bool { return strings.Contains(path+"/", w.tracer.Below+"/") }

func (w *watch) bytes(tid int, at uint64, n int) []byte {
	b := make([]byte, n)
	got, err := unix.PtracePeekData(tid, uintptr(at), b)
	if err != nil {
		return nil
	}
	return b[:got]
}

func (w *watch) word(tid int, at uint64) uint64 {
	b := w.bytes(tid, at, 8)
	if len(b) < 8 {
		return 0
	}
	return binary.NativeEndian.Uint64(b)
}

// vector reads the first struct iovec.
func (w *watch) vector(tid int, at uint64) (base, size uint64) {
	return w.word(tid, at), w.word(tid, at+8)
}

func (w *watch) text(tid int, at uint64) string {
	var s []byte
	for len(s) < unix.PathMax {
		b := w.bytes(tid, at+uint64(len(s)), 8)
		if len(b) == 0 {
			break
		}
		if i := bytes.IndexByte(b, 0); i >= 0 {
			return string(append(s, b[:i]...))
		}
		s = append(s, b...)
	}
	return string(s)
}

// tgid is the process of a thread.
func tgid(tid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", tid))
	if err != nil {
		return tid
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "Tgid:"); ok {
			if n, err := strconv.Atoi(strings.TrimSpace(rest)); err == nil {
				return n
			}
		}
	}
	return tid
}
