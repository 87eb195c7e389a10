// SPDX-License-Identifier: Apache-2.0

package ocf

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ocf-oci/metadata"
)

func model() *metadata.Agent {
	return &metadata.Agent{
		Name: "Model", Provider: "oci",
		Parameters: []metadata.Parameter{
			{Name: "ip", Required: true},
			{Name: "arp_count", Default: "5", HasDefault: true},
			{Name: "netmask", Hidden: true},
		},
		Actions: []metadata.Action{{Name: "start", Timeout: 120 * time.Second}, {Name: "monitor", Timeout: 20 * time.Second}},
	}
}

func TestRequest(t *testing.T) {
	type facts struct {
		Instance, Type, Provider, Role, Kind string
		Level                                int
		Interval, Timeout                    time.Duration
		Probe                                bool
	}
	base := facts{Instance: "default", Type: "Model", Provider: "oci", Kind: "monitor"}
	for _, c := range []struct {
		name, action, env string
		want              func(*facts)
	}{
		{"nothing", "monitor", "", func(f *facts) { f.Kind, f.Probe, f.Timeout = Probe, true, 20*time.Second }},
		{"no timeout anywhere", "promote", "", func(f *facts) { f.Kind, f.Timeout = "promote", 20*time.Second }},
		{"timeout of the meta-data", "start", "", func(f *facts) { f.Kind, f.Timeout = "start", 120*time.Second }},
		{"all", "monitor", "OCF_RESOURCE_INSTANCE=vip OCF_RESOURCE_TYPE=T OCF_RESOURCE_PROVIDER=P OCF_CHECK_LEVEL=10 OCF_RESKEY_CRM_meta_interval=10000 OCF_RESKEY_CRM_meta_timeout=1500",
			func(f *facts) {
				f.Instance, f.Type, f.Provider, f.Level, f.Interval, f.Timeout = "vip", "T", "P", 10, 10*time.Second, 1500*time.Millisecond
			}},
		{"units", "monitor", "OCF_RESKEY_CRM_meta_interval=10s OCF_RESKEY_CRM_meta_timeout=1min",
			func(f *facts) { f.Interval, f.Timeout = 10*time.Second, time.Minute }},
		{"nonsense", "monitor", "OCF_RESKEY_CRM_meta_interval=x OCF_RESKEY_CRM_meta_timeout=-5 OCF_CHECK_LEVEL=ten",
			func(f *facts) { f.Kind, f.Probe, f.Timeout = Probe, true, 20*time.Second }},
		{"empty", "monitor", "OCF_RESOURCE_INSTANCE= OCF_RESOURCE_TYPE= OCF_CHECK_LEVEL= OCF_RESKEY_CRM_meta_timeout=0",
			func(f *facts) { f.Kind, f.Probe, f.Timeout = Probe, true, 20*time.Second }},
		{"stopped", "monitor", "OCF_RESKEY_CRM_meta_role=Stopped OCF_RESKEY_CRM_meta_interval=7000",
			func(f *facts) {
				f.Role, f.Kind, f.Interval, f.Timeout = "Stopped", StoppedMonitor, 7*time.Second, 20*time.Second
			}},
		{"level as a parameter", "monitor", "OCF_RESKEY_OCF_CHECK_LEVEL=20 OCF_RESKEY_CRM_meta_interval=1",
			func(f *facts) { f.Level, f.Interval, f.Timeout = 20, time.Millisecond, 20*time.Second }},
		{"level twice", "monitor", "OCF_CHECK_LEVEL=10 OCF_RESKEY_OCF_CHECK_LEVEL=20 OCF_RESKEY_CRM_meta_interval=1",
			func(f *facts) { f.Level, f.Interval, f.Timeout = 10, time.Millisecond, 20*time.Second }},
		{"huge", "monitor", "OCF_RESKEY_CRM_meta_interval=1 OCF_RESKEY_CRM_meta_timeout=9223372036854775807",
			func(f *facts) { f.Interval, f.Timeout = time.Millisecond, longest }},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := base
			c.want(&want)
			r := NewRequest(model(), c.action, strings.Fields(c.env))
			got := facts{r.Instance, r.Type, r.Provider, r.Role, r.Kind(), r.CheckLevel, r.Interval, r.Timeout, r.IsProbe()}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestGet(t *testing.T) {
	r := NewRequest(model(), "start", []string{"OCF_RESKEY_ip=10.0.0.1", "OCF_RESKEY_ip=second", "OCF_RESKEY_netmask=", "OCF_RESKEY_CRM_meta_on_node=n1"})
	if got := r.Get("ip"); got != "10.0.0.1" {
		t.Errorf("ip: %q", got)
	}
	if got := r.Get("arp_count"); got != "5" {
		t.Errorf("default: %q", got)
	}
	if _, ok := r.Lookup("arp_count"); ok {
		t.Error("a default counts as set")
	}
	if got := NewRequest(model(), "start", []string{"OCF_RESKEY_arp_count="}).Get("arp_count"); got != "" {
		t.Errorf("explicitly empty: %q", got)
	}
	if got, ok := r.Lookup("netmask"); got != "" || !ok {
		t.Errorf("explicitly empty: %q %v", got, ok)
	}
	if r.Meta("on_node") != "n1" || r.Meta("on") != "" || r.Get("nothing") != "" {
		t.Error("meta attribute or unknown parameter")
	}
}

func TestUnknown(t *testing.T) {
	r := NewRequest(model(), "validate-all", strings.Fields(
		"OCF_RESKEY_ip=1 OCF_RESKEY_netmask=1 OCF_RESKEY_zeta=1 OCF_RESKEY_arpcount=1 OCF_RESKEY_CRM_meta_timeout=1 OCF_RESKEY_crm_feature_set=1 OCF_RESKEY_OCF_CHECK_LEVEL=1 OCF_RESKEY_= OTHER=1"))
	if d := cmp.Diff([]string{"arpcount", "zeta"}, r.Unknown()); d != "" {
		t.Error(d)
	}
}

func TestCompletePath(t *testing.T) {
	for path, want := range map[string]string{
		"":                        "/sbin:/bin:/usr/sbin:/usr/bin",
		"/usr/bin:/opt/x":         "/usr/bin:/opt/x:/sbin:/bin:/usr/sbin",
		"/sbin:/bin:/usr/sbin::.": "/sbin:/bin:/usr/sbin:/usr/bin",
	} {
		if got := completePath(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}

// checkRequest holds for every environment whatever.
func checkRequest(t interface{ Fatalf(string, ...any) }, action string, environ []string) {
	r := NewRequest(model(), action, environ)
	if r.Timeout <= 0 || r.Interval < 0 || r.CheckLevel < 0 || r.Instance == "" || r.Type == "" {
		t.Fatalf("%+v", r)
	}
	soft, hard := limits(r.Timeout)
	if soft <= 0 || soft > hard || hard > r.Timeout/10*9 {
		t.Fatalf("limits of %v: %v %v", r.Timeout, soft, hard)
	}
	if r.IsProbe() && r.Kind() != Probe && r.Kind() != StoppedMonitor {
		t.Fatalf("kind %q", r.Kind())
	}
	for _, name := range r.Unknown() {
		if _, ok := r.Lookup(name); !ok {
			t.Fatalf("unknown parameter %q is not set", name)
		}
	}
	children := r.Environ()
	if !slices.IsSorted(children) {
		t.Fatalf("not sorted: %q", children)
	}
	again := NewRequest(model(), action, children)
	for name, value := range r.Env {
		switch name {
		case "LANG", "LANGUAGE", "LC_ALL", "PATH":
		default:
			if again.Env[name] != value {
				t.Fatalf("a child does not get %q", name)
			}
		}
	}
	for _, line := range []string{r.Instance, strings.Join(environ, "")} {
		if out := oneLine(line); strings.ContainsAny(out, "\n\r\x1b\x00") || out != oneLine(out) {
			t.Fatalf("not one clean line: %q", out)
		}
	}
}

func TestRequestProperties(t *testing.T) {
	name := rapid.OneOf(rapid.SampledFrom([]string{
		"OCF_RESKEY_ip", "OCF_RESKEY_CRM_meta_timeout", "OCF_RESKEY_CRM_meta_interval", "OCF_RESKEY_CRM_meta_role", "OCF_CHECK_LEVEL",
		"OCF_RESOURCE_INSTANCE", "PATH", "LC_ALL", "", "OCF_RESKEY_",
	}), rapid.String())
	value := rapid.OneOf(rapid.SampledFrom([]string{"", "0", "-1", "20000", "20s", "1e999", "99999999999999999999", "Stopped", "a\nb"}), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		var environ []string
		for range rapid.IntRange(0, 8).Draw(t, "n") {
			environ = append(environ, name.Draw(t, "name")+"="+value.Draw(t, "value"))
		}
		checkRequest(t, rapid.SampledFrom([]string{"start", "monitor", "", "x\x00y"}).Draw(t, "action"), environ)
	})
}

// FuzzRequest feeds the environment, NUL separated as in /proc/PID/environ.
func FuzzRequest(f *testing.F) {
	f.Add("monitor", "")
	f.Add("start", "OCF_RESKEY_ip=10.0.0.1\x00OCF_RESKEY_CRM_meta_timeout=20000\x00OCF_RESOURCE_INSTANCE=vip")
	f.Add("monitor", "OCF_RESKEY_CRM_meta_interval=0.5h\x00OCF_CHECK_LEVEL=10\x00=x\x00novalue\x00PATH=:.:")
	f.Add("validate-all", "OCF_RESKEY_=1\x00OCF_RESKEY_a\nb=\xff\x00OCF_RESKEY_CRM_meta_timeout=9223372036854775807")
	f.Fuzz(func(t *testing.T, action, environ string) {
		checkRequest(t, action, strings.Split(environ, "\x00"))
	})
}
