// SPDX-License-Identifier: Apache-2.0

package ocf

import (
	"context"
	"log/slog"
	"strings"
)

// LevelTrace is below debug: every single step, for the trace only.
const LevelTrace = slog.Level(-8)

// LevelCritical is above error.
const LevelCritical = slog.Level(12)

// levelName returns ocf_log's word for a level.
func levelName(l slog.Level) string {
	switch {
	case l >= LevelCritical:
		return "CRIT"
	case l >= slog.LevelError:
		return "ERROR"
	case l >= slog.LevelWarn:
		return "WARNING"
	case l >= slog.LevelInfo:
		return "INFO"
	default:
		return "DEBUG"
	}
}

// handler is the slog.Handler that speaks ocf_log: "LEVEL: message key=value ...".
type handler struct {
	sink   *sink
	prefix string // of the keys, from WithGroup
	attrs  string // already written, each with a leading space
}

func newHandler(s *sink) *handler { return &handler{sink: s} }

func (h *handler) Enabled(_ context.Context, l slog.Level) bool {
	return l >= slog.LevelInfo || l >= slog.LevelDebug && h.sink.debug()
}

func (h *handler) Handle(_ context.Context, rec slog.Record) error {
	var text strings.Builder
	text.WriteString(levelName(rec.Level))
	text.WriteString(": ")
	text.WriteString(rec.Message)
	text.WriteString(h.attrs)
	rec.Attrs(func(a slog.Attr) bool {
		writeAttr(&text, h.prefix, a)
		return true
	})
	h.sink.write(oneLine(text.String()), rec.Level < slog.LevelInfo, false)
	return nil
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var text strings.Builder
	text.WriteString(h.attrs)
	for _, a := range attrs {
		writeAttr(&text, h.prefix, a)
	}
	copied := *h
	copied.attrs = text.String()
	return &copied
}

func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	copied := *h
	copied.prefix += name + "."
	return &copied
}
