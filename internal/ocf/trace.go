// SPDX-License-Identifier: Apache-2.0

package ocf

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// newLogger returns the logger of an action: to ocf_log's destinations and, if
// wanted (OCF_TRACE_RA, trace_ra), every step to the trace as well. The trace
// stays open until the process ends.
func newLogger(r *Request, s *sink) *slog.Logger {
	ocfLog := newHandler(s)
	if !IsTrue(r.or("OCF_TRACE_RA", r.Get("trace_ra"))) {
		return slog.New(ocfLog)
	}
	file, err := openTrace(r, s)
	if err != nil {
		slog.New(ocfLog).Warn(fmt.Sprintf("no trace: %v", err))
	}
	if file == nil {
		return slog.New(ocfLog)
	}
	trace := slog.NewTextHandler(file, &slog.HandlerOptions{Level: LevelTrace, ReplaceAttr: traceAttr})
	traceEnvironment(r, slog.New(trace))
	return slog.New(&tee{ocfLog, trace})
}

// openTrace opens the trace's destination: OCF_TRACE_FILE or trace_file (an
// absolute path, or the number of an open file from 3 to 9), else a file of its
// own for this action in trace_dir. On a terminal without a file there is no
// trace.
func openTrace(r *Request, s *sink) (*os.File, error) {
	destination := r.or("OCF_TRACE_FILE", r.Get("trace_file"))
	var wrong error
	switch {
	case len(destination) == 1 && destination >= "3" && destination <= "9":
		fd := int(destination[0] - '0')
		// One that was passed on to us has no close-on-exec flag; the Go runtime's
		// own descriptors, which may have any number, all have.
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC != 0 {
			return nil, fmt.Errorf("file descriptor %d, named by OCF_TRACE_FILE or trace_file, is not open", fd)
		}
		return os.NewFile(uintptr(fd), "trace"), nil
	case filepath.IsAbs(destination):
		return createTrace(destination)
	case destination != "":
		wrong = fmt.Errorf("%q is neither an absolute path nor the number of an open file (3 to 9); the trace goes to trace_dir", destination)
	}
	if s.tty {
		return nil, wrong
	}
	dir := r.Get("trace_dir")
	if dir == "" {
		dir = filepath.Join(r.or("HA_VARLIB", "/var/lib/heartbeat"), "trace_ra")
	}
	name := fmt.Sprintf("%s.%s.%s", safeName(r.Instance), safeName(r.Action), s.now().Format("2006-01-02.15:04:05"))
	file, err := createTrace(filepath.Join(dir, safeName(r.Type), name))
	return file, errors.Join(wrong, err)
}

func createTrace(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("making the trace's directory: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the trace: %w", err)
	}
	return file, nil
}

// safeName makes a name fit for one path element.
func safeName(name string) string {
	return strings.NewReplacer("/", "_", "\x00", "_").Replace(strings.TrimLeft(name, "."))
}

// traceAttr writes levels by ocf_log's names and keeps secrets out.
func traceAttr(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.LevelKey {
		if l, ok := a.Value.Any().(slog.Level); ok {
			if l <= LevelTrace {
				return slog.String(a.Key, "TRACE")
			}
			return slog.String(a.Key, levelName(l))
		}
	}
	switch a.Value.Kind() {
	case slog.KindString, slog.KindAny:
		return slog.String(a.Key, redact(a.Key, a.Value.String()))
	}
	return a
}

// traceEnvironment writes what the request was made of.
func traceEnvironment(r *Request, log *slog.Logger) {
	names := make([]string, 0, len(r.Env))
	for name := range r.Env {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		log.Log(context.Background(), LevelTrace, "environment", "name", name, "value", redact(name, r.Env[name]))
	}
}

// tee hands every record to both handlers that want it.
type tee struct{ a, b slog.Handler }

func (t *tee) Enabled(ctx context.Context, l slog.Level) bool {
	return t.a.Enabled(ctx, l) || t.b.Enabled(ctx, l)
}

func (t *tee) Handle(ctx context.Context, rec slog.Record) error {
	var errs []error
	for _, h := range []slog.Handler{t.a, t.b} {
		if h.Enabled(ctx, rec.Level) {
			errs = append(errs, h.Handle(ctx, rec.Clone()))
		}
	}
	return errors.Join(errs...)
}

func (t *tee) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &tee{t.a.WithAttrs(attrs), t.b.WithAttrs(attrs)}
}

func (t *tee) WithGroup(name string) slog.Handler {
	return &tee{t.a.WithGroup(name), t.b.WithGroup(name)}
}
