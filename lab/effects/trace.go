// SPDX-License-Identifier: Apache-2.0

package effects

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Effect is one change of the outside, seen right before it happens.
type Effect struct {
	Kind string // netlink, tcp, packet, create, write, rename, remove, mkdir
	What string // for people
}

func (e Effect) String() string { return e.Kind + " " + e.What }

// Tracer watches one run of a command.
type Tracer struct {
	// Below is the folder whose files count.
	Below string
	// Before is called right before each effect, n counting from 1, with the command stopped. Kill ends it there.
	Before func(n int, e Effect) Verdict
}

// Verdict is what happens to the command.
type Verdict int

// The verdicts.
const (
	Continue Verdict = iota
	Kill             // SIGKILL to the whole process, the effect does not happen
)

// Result is how a run ended.
type Result struct {
	Effects []Effect
	Killed  bool
	Code    int // exit code of the command; -1 when killed
}

// Run starts cmd and watches it to its end. Everything that it forks is watched too. The calling goroutine must not be
// needed elsewhere meanwhile.
func (t *Tracer) Run(cmd *exec.Cmd) (Result, error) {
	runtime.LockOSThread() // ptrace belongs to a thread
	defer runtime.UnlockOSThread()
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Ptrace = true
	if err := cmd.Start(); err != nil {
		return Result{}, fmt.Errorf("start %s under ptrace: %w", cmd.Path, err)
	}
	w := &watch{tracer: t, root: cmd.Process.Pid, alive: map[int]bool{cmd.Process.Pid: true}, result: Result{Code: -1}}
	err := w.loop()
	return w.result, err
}

type watch struct {
	tracer *Tracer
	root   int
	// alive are the traced threads. The calling thread may have other children, which never end, so waiting must end when
	// this is empty.
	alive  map[int]bool
	result Result
}

const options = unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEFORK |
	unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_EXITKILL

func (w *watch) loop() error {
	var status unix.WaitStatus
	if _, err := wait(w.root, &status); err != nil {
		return err
	}
	if err := unix.PtraceSetOptions(w.root, options); err != nil {
		return fmt.Errorf("set ptrace options: %w", err)
	}
	if err := unix.PtraceSyscall(w.root, 0); err != nil {
		return fmt.Errorf("ptrace: %w", err)
	}
	for len(w.alive) > 0 {
		tid, err := wait(-1, &status)
		if errors.Is(err, unix.ECHILD) {
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case status.Exited():
			if tid == w.root && !w.result.Killed {
				w.result.Code = status.ExitStatus()
			}
			delete(w.alive, tid)
			continue
		case status.Signaled():
			delete(w.alive, tid)
			continue
		}
		w.alive[tid] = true
		if signal, end := w.stopped(tid, status); !end {
			// The thread may have been killed meanwhile.
			_ = unix.PtraceSyscall(tid, int(signal))
		}
	}
	return nil
}

// wait waits for a child of this thread only: the Go runtime and other tests have children too.
func wait(pid int, status *unix.WaitStatus) (int, error) {
	for {
		tid, err := unix.Wait4(pid, status, unix.WALL|unix.WNOTHREAD, nil)
		if !errors.Is(err, unix.EINTR) {
			return tid, err
		}
	}
}

// stopped handles one stop of one thread and returns the signal to go on with.
func (w *watch) stopped(tid int, status unix.WaitStatus) (unix.Signal, bool) {
	signal := status.StopSignal()
	switch {
	case signal == unix.SIGTRAP|0x80:
		e, ok := w.effect(tid)
		if !ok || w.result.Killed {
			return 0, false
		}
		w.result.Effects = append(w.result.Effects, e)
		if w.tracer.Before(len(w.result.Effects), e) == Kill {
			w.result.Killed = true
			_ = unix.Kill(tgid(tid), unix.SIGKILL)
			return 0, true
		}
		return 0, false
	case signal == unix.SIGTRAP:
		switch status.TrapCause() {
		case unix.PTRACE_EVENT_CLONE, unix.PTRACE_EVENT_FORK, unix.PTRACE_EVENT_VFORK:
			// It may have come to its end, and have been waited for, before its parent's stop was seen.
			if child, err := unix.PtraceGetEventMsg(tid); err == nil && exists(int(child)) {
				w.alive[int(child)] = true
			}
		case unix.PTRACE_EVENT_EXEC:
			// The other threads of the process are gone, and one that was not the first now has the number of the first;
			// not all of them are reported (ptrace(2), "execve(2) under ptrace").
			for other := range w.alive {
				if !exists(other) {
					delete(w.alive, other)
				}
			}
		}
		return 0, false
	case signal == unix.SIGSTOP:
		return 0, false // a new thread
	}
	return signal, false
}

// exists tells whether there is a thread or process of this number, dead ones that nobody has waited for included.
func exists(tid int) bool { return unix.Access(fmt.Sprintf("/proc/%d", tid), unix.F_OK) == nil }

// syscallInfo is struct ptrace_syscall_info (linux/ptrace.h) at the entry of a system call.
type syscallInfo struct {
	Op   uint8
	_    [3]uint8
	Arch uint32
	IP   uint64
	SP   uint64
	Nr   uint64
	Args [6]uint64
	_    [16]byte
}

const (
	getSyscallInfo = 0x420e // PTRACE_GET_SYSCALL_INFO
	entry          = 1      // PTRACE_SYSCALL_INFO_ENTRY
)

func syscallAt(tid int) (syscallInfo, bool) {
	var info syscallInfo
	_, _, errno := unix.Syscall6(unix.SYS_PTRACE, getSyscallInfo, uintptr(tid), unsafe.Sizeof(info),
		uintptr(unsafe.Pointer(&info)), 0, 0)
	return info, errno == 0 && info.Op == entry
}
