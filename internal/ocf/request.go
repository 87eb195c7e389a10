// SPDX-License-Identifier: Apache-2.0

package ocf

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"ocf-oci/metadata"
)

const (
	keyPrefix  = "OCF_RESKEY_"
	metaPrefix = "CRM_meta_"

	// defaultTimeout is pacemaker's own default for an operation that has none.
	defaultTimeout = 20 * time.Second
)

// Request is what the cluster asks for: the action, and the environment read
// into types. It is not changed after NewRequest.
type Request struct {
	Action   string
	Instance string // name of the resource; "default" if nobody told
	Type     string // resource type; the agent's own name if nobody told
	Provider string

	CheckLevel int           // OCF_CHECK_LEVEL, 0 if unset or no number
	Interval   time.Duration // of the operation; 0 for a probe and for one-off actions
	Timeout    time.Duration // CRM_meta_timeout, else the meta-data's, else 20 s
	Role       string        // CRM_meta_role: "Stopped" for a monitor of the inactive resource

	// Env is the whole environment as it came. Children get Environ instead.
	Env map[string]string

	meta       *metadata.Agent
	noInstance bool
}

// NewRequest reads environ ("NAME=value" each, the first of several wins as in
// getenv(3)) for one action of an agent. It accepts anything: what is missing or
// malformed falls back to the documented value.
func NewRequest(meta *metadata.Agent, action string, environ []string) *Request {
	r := &Request{Action: action, Env: make(map[string]string, len(environ)), meta: meta}
	for _, entry := range environ {
		name, value, ok := strings.Cut(entry, "=")
		if _, dup := r.Env[name]; ok && name != "" && !dup {
			r.Env[name] = value
		}
	}
	r.Type = r.or("OCF_RESOURCE_TYPE", meta.Name)
	r.Provider = r.or("OCF_RESOURCE_PROVIDER", meta.Provider)
	r.Instance = r.or("OCF_RESOURCE_INSTANCE", "default")
	r.noInstance = r.Env["OCF_RESOURCE_INSTANCE"] == "" && r.Env["OCF_RA_VERSION_MAJOR"] != ""
	level := r.or("OCF_CHECK_LEVEL", r.Env[keyPrefix+"OCF_CHECK_LEVEL"])
	if n, err := strconv.Atoi(level); err == nil && n > 0 {
		r.CheckLevel = n
	}
	r.Role = r.Meta("role")
	r.Interval = r.milliseconds("interval")
	r.Timeout = r.milliseconds("timeout")
	if r.Timeout <= 0 {
		r.Timeout = meta.Timeout(action)
	}
	if r.Timeout <= 0 {
		r.Timeout = defaultTimeout
	}
	return r
}

func (r *Request) or(name, fallback string) string {
	if v := r.Env[name]; v != "" {
		return v
	}
	return fallback
}

// longest keeps sums of a clock and a timeout within what a Duration can hold.
const longest = 100 * 365 * 24 * time.Hour

// milliseconds reads a CRM_meta duration: plain milliseconds from pacemaker,
// with a unit from a person. What cannot be read is 0.
func (r *Request) milliseconds(name string) time.Duration {
	text := strings.TrimSpace(r.Meta(name))
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Duration(min(max(n, 0), longest.Milliseconds())) * time.Millisecond
	}
	d, err := ParseDuration(text)
	if err != nil {
		return 0
	}
	return min(d, longest)
}

// Get returns an instance parameter, or its default from the meta-data if it is
// not set at all. A parameter set to the empty value stays empty.
func (r *Request) Get(name string) string {
	if v, ok := r.Lookup(name); ok {
		return v
	}
	p, _ := r.meta.Parameter(name)
	return p.Default
}

// Lookup returns an instance parameter only if it is set in the environment.
func (r *Request) Lookup(name string) (string, bool) {
	v, ok := r.Env[keyPrefix+name]
	return v, ok
}

// Meta returns the meta attribute CRM_meta_<name>, empty if it is not set.
func (r *Request) Meta(name string) string {
	return r.Env[keyPrefix+metaPrefix+name]
}

// IsProbe tells whether this is a monitor that asks for the first time on this
// node: one without an interval, as ocf_is_probe has it.
func (r *Request) IsProbe() bool {
	return r.Action == "monitor" && r.Interval == 0
}

// Unknown returns the names of the instance parameters in the environment which
// the agent does not know, sorted.
func (r *Request) Unknown() []string {
	var names []string
	for variable := range r.Env {
		name, ok := strings.CutPrefix(variable, keyPrefix)
		if !ok || name == "" || strings.HasPrefix(name, metaPrefix) || name == "crm_feature_set" || name == "OCF_CHECK_LEVEL" {
			continue
		}
		if _, known := r.meta.Parameter(name); !known {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Environ returns the environment for a child process, sorted: everything that
// came (pacemaker's tools need OCF_* and CRM_meta_*), with the C locale, so that
// output can be read, and PATH completed by the directories of system tools.
func (r *Request) Environ() []string {
	var out []string
	for name, value := range r.Env {
		switch name {
		case "LANG", "LANGUAGE", "LC_ALL", "PATH":
		default:
			out = append(out, name+"="+value)
		}
	}
	out = append(out, "LC_ALL=C", "PATH="+completePath(r.Env["PATH"]))
	slices.Sort(out)
	return out
}

// completePath appends the directories that resource-agents' shell library
// appends, each only if it is missing: a daemon's PATH may lack sbin. Relative
// entries are dropped; root should not run what lies in some directory.
func completePath(path string) string {
	var dirs []string
	for _, d := range append(strings.Split(path, ":"), "/sbin", "/bin", "/usr/sbin", "/usr/bin") {
		if strings.HasPrefix(d, "/") && !slices.Contains(dirs, d) {
			dirs = append(dirs, d)
		}
	}
	return strings.Join(dirs, ":")
}
