// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"ocf-oci/internal/ocf"
)

// settings is what the parameters ask for.
type settings struct {
	group    string
	services []string // instead of the group
	full     bool     // monitor looks at the services
	grace    time.Duration
	backend  string // auto, monit, systemd

	controlFile, socket, url string
}

// wrong is a reason to end an action, with the code that start gives it.
type wrong struct {
	reason *ocf.Reason
	code   ocf.Code
	again  bool // it may be over in a moment
	args   []any
}

func (w *wrong) text() string                    { return w.reason.Text(w.args...) }
func (w *wrong) result(code ocf.Code) ocf.Result { return w.reason.Result(code, w.args...) }

// get returns a parameter; an empty one counts as not set.
func get(r *ocf.Request, name string) string {
	if value := strings.TrimSpace(r.Get(name)); value != "" {
		return value
	}
	p, _ := model().Parameter(name)
	return p.Default
}

// readSettings reads the parameters. They are as right as possible even if one of them is wrong, so that stop can work
// with them.
func readSettings(r *ocf.Request) (settings, *wrong) {
	var bad *wrong
	refuse := func(name, must string) {
		if bad == nil {
			bad = &wrong{reason: reasonValue, code: ocf.ErrConfigured, args: []any{name, get(r, name), must}}
		}
	}
	listed := map[string]bool{}
	s := settings{group: get(r, "group"), backend: get(r, "backend"), controlFile: get(r, "monit_control_file"),
		socket: get(r, "monit_socket"), url: get(r, "monit_url")}
	for _, name := range strings.FieldsFunc(get(r, "services"), func(c rune) bool { return strings.ContainsRune(" ,;\t\n", c) }) {
		if !listed[name] {
			listed[name], s.services = true, append(s.services, name)
		}
	}
	if strings.ContainsAny(s.group, " /\t\n") {
		refuse("group", "the name of one group")
	}
	switch s.backend {
	case "auto", "monit", "systemd":
	default:
		refuse("backend", "auto, monit or systemd")
		s.backend = "auto"
	}
	switch get(r, "monitor_services") {
	case "full":
		s.full = true
	case "", "none":
	default:
		refuse("monitor_services", "none or full")
	}
	var err error
	if s.grace, err = ocf.ParseDuration(get(r, "start_grace")); err != nil {
		refuse("start_grace", "a time such as 60s")
	}
	for _, name := range []string{"monit_control_file", "monit_socket"} {
		if path := get(r, name); path != "" && !filepath.IsAbs(path) {
			refuse(name, "an absolute path")
		}
	}
	if s.url != "" && !strings.HasPrefix(s.url, "http://") && !strings.HasPrefix(s.url, "https://") {
		refuse("monit_url", "an address such as http://127.0.0.1:2812")
	}
	if i := strings.Index(s.url, "@"); i >= 0 { // the value itself must not be printed
		bad = &wrong{reason: reasonValue, code: ocf.ErrConfigured, args: []any{"monit_url", "..." + s.url[i:],
			"an address without a password; that is read from monit's control file"}}
	}
	return s, bad
}

// decideDepth sets full from NGCP's configuration if the parameter does not say.
func (s *settings) decideDepth(call *ocf.Call) {
	if get(call.Request, "monitor_services") != "" {
		return
	}
	word, err := handbookDepth(ngcpConfig)
	if err != nil {
		call.Log.Warn(fmt.Sprintf("%v; monitor_services is none", err))
	}
	s.full = word == "full"
}
