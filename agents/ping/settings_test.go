// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ocf-oci/internal/icmp"
	"ocf-oci/internal/ocf"
)

func request(assignments ...string) *ocf.Request {
	environ := []string{"OCF_RESOURCE_INSTANCE=p_ping:0"}
	for _, a := range assignments {
		environ = append(environ, "OCF_RESKEY_"+a)
	}
	return ocf.NewRequest(model(), "monitor", environ)
}

// The timeouts are those that the original computes (whole-number divisions, in this order), but for its reading of ms.
func TestTimeout(t *testing.T) {
	for _, c := range []struct {
		parameters []string
		want       time.Duration
	}{
		{[]string{"CRM_meta_timeout=60000", "host_list=a b c"}, 6 * time.Second},
		{[]string{"CRM_meta_timeout=60000", "host_list=a b"}, 9 * time.Second},
		{[]string{"CRM_meta_timeout=60000", "host_list=a a"}, 9 * time.Second}, // entries, not hosts
		{[]string{"CRM_meta_timeout=20000", "host_list=a", "attempts=1"}, 18 * time.Second},
		{[]string{"CRM_meta_timeout=20000", "host_list=a b c d e f g"}, 5 * time.Second}, // 0 by the formula
		{[]string{"host_list=a b"}, 9 * time.Second},                                     // 60 s from the meta-data
		{[]string{"host_list=a", "timeout="}, 18 * time.Second},
		{[]string{"host_list=a", "timeout=2"}, 2 * time.Second},
		{[]string{"host_list=a", "timeout=2s"}, 2 * time.Second},
		{[]string{"host_list=a", "timeout=500ms"}, 500 * time.Millisecond},
		{[]string{"host_list=a", "timeout=1500msec"}, 1500 * time.Millisecond},
		{[]string{"host_list=a", "timeout=2min"}, 2 * time.Minute},
		{[]string{"host_list=a", "timeout=0"}, 5 * time.Second},
		{[]string{"host_list=a", "timeout=1h"}, 300 * time.Second},
	} {
		s, bad := readSettings(request(c.parameters...))
		if bad != nil || s.plan.Timeout != c.want {
			t.Errorf("%v: %v, %v, want %v", c.parameters, s.plan.Timeout, bad, c.want)
		}
	}
}

func TestWrongParametersAreNamed(t *testing.T) {
	for parameter, want := range map[string]string{
		"multiplier=abc": `multiplier="abc"`, "multiplier=1.5": `multiplier="1.5"`, "multiplier=99999999999": "multiplier",
		"attempts=0": `attempts="0"`, "attempts=three": `attempts="three"`, "hysteresis=-1": `hysteresis="-1"`,
		"failure_score=low": `failure_score="low"`, "dampen=soon": `dampen="soon"`, "timeout=5parsecs": `timeout="5parsecs"`,
		"host_list=": "host_list is empty", "host_list= \n": "host_list is empty",
		"host_list=a=b": `"a=b"`, "host_list=a=-1": `"a=-1"`, "host_list=tcp://a": `"tcp://a"`,
	} {
		r := request("host_list=10.0.0.1", parameter)
		if strings.HasPrefix(parameter, "host_list") {
			r = request(parameter)
		}
		if _, bad := readSettings(r); bad == nil || !strings.Contains(bad.Error(), want) {
			t.Errorf("%s: %v, want %q", parameter, bad, want)
		}
	}
}

func TestEmptyParametersAreDefaults(t *testing.T) {
	s, bad := readSettings(request("host_list=a", "name=", "dampen=", "multiplier=", "attempts=", "failure_score=", "debug=", "hysteresis=", "options=", "pidfile="))
	if bad != nil || s.name != "pingd" || s.dampen != "5s" || s.multiplier != 1 || s.plan.Attempts != 3 || s.failureScore != nil || s.debug != 0 {
		t.Errorf("%+v, %v", s, bad)
	}
}

func TestStateFile(t *testing.T) {
	for want, parameters := range map[string][]string{
		"/var/run/ping-pingd":    nil,
		"/var/run/ping-reach":    {"name=reach"},
		"/var/run/ping-p_ping:0": {"CRM_meta_globally_unique=true"},
		"/var/run/ping-other":    {"CRM_meta_globally_unique=false", "name=other"},
		"/tmp/x":                 {"pidfile=/tmp/x"},
	} {
		if got := stateFile(request(parameters...)); got != want {
			t.Errorf("%v: %s, want %s", parameters, got, want)
		}
	}
}

func TestHosts(t *testing.T) {
	hosts, words, err := parseHosts("10.0.0.1 gw=3 10.0.0.1=4\ttcp://[::1]:22=2 fe80::1%eth0\nidle=0")
	if err != nil || words != 6 {
		t.Fatal(hosts, words, err)
	}
	got := map[string]int64{}
	for _, h := range hosts {
		got[h.Text] = h.weight
	}
	want := map[string]int64{"10.0.0.1": 5, "gw": 3, "tcp://[::1]:22": 2, "fe80::1%eth0": 1, "idle": 0}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOptions(t *testing.T) {
	addr := netip.MustParseAddr
	for _, c := range []struct {
		text  string
		want  sockets
		notes []string // the beginning of each
	}{
		{text: ""},
		{text: "-I eth0", want: sockets{Options: icmp.Options{Interface: "eth0"}}},
		{text: "-Ieth0 -4", want: sockets{Options: icmp.Options{Interface: "eth0"}, family: 4}},
		{text: "-I 10.0.0.9", want: sockets{Options: icmp.Options{Source: addr("10.0.0.9")}}},
		{text: "-S fd00::9 -6", want: sockets{Options: icmp.Options{Source: addr("fd00::9")}, family: 6}},
		{text: "-s 1000 -Q 0x10 -M do -m 7", want: sockets{Options: icmp.Options{Size: 1000, TOS: 16, DontFragment: true, Mark: 7}}},
		{text: "-b 100 -O 8 -H 3 -M", want: sockets{Options: icmp.Options{Size: 100, TOS: 8, TTL: 3, DontFragment: true}}},
		{text: "--ttl=9 --tos 4 --iface ens3", want: sockets{Options: icmp.Options{TTL: 9, TOS: 4, Interface: "ens3"}}},
		{text: "-q -n -A -v"},
		{text: "-c 5 -W 3 -t 64 -i 0.2", notes: []string{"options: -c 5 has no effect: set attempts", "options: -W 3", "options: -t 64", "options: -i 0.2"}},
		{text: "-i0.2 -4", want: sockets{family: 4}, notes: []string{"options: -i 0.2"}},
		{text: "-H many -z", notes: []string{"options: -H many", "options: -z"}},
		{text: "-S 65536 -M want", notes: []string{"options: -S 65536", "options: -M want"}},
		{text: "10.0.0.7", notes: []string{"options: 10.0.0.7"}},
	} {
		got, notes := parseOptions(c.text)
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(sockets{}), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
			t.Errorf("%q: %s", c.text, diff)
		}
		if len(notes) != len(c.notes) {
			t.Errorf("%q: notes %q, want %q", c.text, notes, c.notes)
			continue
		}
		for i, want := range c.notes {
			if !strings.HasPrefix(notes[i], want) {
				t.Errorf("%q: note %q, want %q", c.text, notes[i], want)
			}
		}
	}
}

func TestDoubts(t *testing.T) {
	for parameter, want := range map[string]string{
		"use_fping=1": "use_fping has no effect", "timeout=60": "leaves no room", "multiplier=1000000": "INFINITY",
		"pidfile=state": "absolute path", "debug=maybe": "counts as false", "options=-c 4": "has no effect",
	} {
		s, bad := readSettings(request("host_list=10.0.0.1", parameter))
		if bad != nil || len(s.notes) != 1 || !strings.Contains(s.notes[0], want) {
			t.Errorf("%s: %q, %v", parameter, s.notes, bad)
		}
	}
	if s, bad := readSettings(request("host_list=10.0.0.1 gw", "multiplier=1000", "timeout=2s")); bad != nil || len(s.notes) != 0 {
		t.Errorf("nothing doubtful: %q, %v", s.notes, bad)
	}
}

// What can never answer is said, and what may is not.
func TestHostsThatCannotBe(t *testing.T) {
	for word, doubtful := range map[string]bool{
		"10.0.0.1": false, "gw": false, "gw.example.com.": false, "a_b-c.d1": false, "1a.2b": false, "fe80::1%eth0": false, "tcp://gw:22": false, "g\u00fc.example": false,
		"10.0.0.300": true, "10.0.0.1,10.0.0.2": true, "gw;": true, "a..b": true, "10.1": true, "7": true, "fe80:::1": true, "-": false,
	} {
		s, bad := readSettings(request("timeout=2s", "host_list="+word))
		if said := strings.Contains(strings.Join(s.notes, "\n"), "neither an address nor a host name"); bad != nil || said != doubtful {
			t.Errorf("%s: %q, %v", word, s.notes, bad)
		}
	}
}

func FuzzHostsAndOptions(f *testing.F) {
	f.Add("10.0.0.1=2 tcp://[::1]:22 gw", "-I eth0 -s 100 --ttl=3 -t")
	f.Fuzz(func(t *testing.T, list, options string) {
		parseOptions(options)
		hosts, words, err := parseHosts(list)
		if err != nil {
			return
		}
		sum := int64(0)
		for _, h := range hosts {
			sum += h.weight
			if h.Text == "" || h.Name == "" && !h.Addr.IsValid() {
				t.Errorf("%q: a host without a name: %+v", list, h)
			}
		}
		if len(hosts) > words || sum < 0 || sum > int64(words)*maxWeight {
			t.Errorf("%q: %d hosts of %d words, sum %d", list, len(hosts), words, sum)
		}
	})
}
