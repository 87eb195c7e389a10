// SPDX-License-Identifier: Apache-2.0

package metadata

import (
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func valid() *Agent {
	return &Agent{
		Name: "x", Provider: "oci", Version: "1", Short: "s", Long: "l",
		Parameters: []Parameter{
			{Name: "ip", Required: true, UniqueGroup: "address", Short: "s", Long: "l"},
			{Name: "arp_count", Short: "s", Long: "l"},
			{Name: "cidr_netmask", Short: "s", Long: "l"},
			{Name: "netmask", Hidden: true},
		},
		Actions: []Action{
			{Name: "start", Timeout: 120 * time.Second},
			{Name: "stop", Timeout: 40 * time.Second},
			{Name: "monitor", Timeout: 30 * time.Second, Interval: time.Minute, Depth: 10},
			{Name: "monitor", Timeout: 20 * time.Second, Interval: 20 * time.Second, HasDepth: true},
			{Name: "meta-data", Timeout: 5 * time.Second},
		},
	}
}

func TestTimeout(t *testing.T) {
	for action, want := range map[string]time.Duration{"start": 120 * time.Second, "monitor": 20 * time.Second, "promote": 0} {
		if got := valid().Timeout(action); got != want {
			t.Errorf("%s: %v, want %v", action, got, want)
		}
	}
}

func TestParameter(t *testing.T) {
	if p, ok := valid().Parameter("netmask"); !ok || !p.Hidden {
		t.Errorf("hidden parameter: %+v %v", p, ok)
	}
	if p, ok := valid().Parameter("nothing"); ok {
		t.Errorf("unknown parameter: %+v", p)
	}
}

func TestNearest(t *testing.T) {
	for name, want := range map[string]string{
		"pi": "ip", "IP": "ip", "arp_cuont": "arp_count", "arpcount": "arp_count", "cidr_netmsk": "cidr_netmask",
		"netmask": "", "colour": "", "": "",
	} {
		if got, ok := valid().Nearest(name); got != want || ok != (want != "") {
			t.Errorf("%q: %q %v, want %q", name, got, ok, want)
		}
	}
}

func TestDistance(t *testing.T) {
	word := rapid.StringMatching(`[a-d]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		d := distance(a, b)
		if d != distance(b, a) {
			t.Fatal("not symmetric")
		}
		if (d == 0) != (a == b) {
			t.Fatalf("distance %d", d)
		}
		if d > max(len(a), len(b)) || d < len(a)-len(b) || d < len(b)-len(a) {
			t.Fatalf("distance %d is out of bounds", d)
		}
		if a != "" && distance(a, a[1:]) != 1 {
			t.Fatal("one deletion is not one edit")
		}
	})
}

func TestCheck(t *testing.T) {
	if err := valid().Check(); err != nil {
		t.Fatalf("a good model: %v", err)
	}
	for says, spoil := range map[string]func(*Agent){
		"is no agent name":              func(a *Agent) { a.Name = "a b" },
		"must not be empty":             func(a *Agent) { a.Long = "" },
		"environment variable":          func(a *Agent) { a.Parameters[0].Name = "a-b" },
		"declared twice":                func(a *Agent) { a.Parameters[1].Name = "ip" },
		"needs a short and a long":      func(a *Agent) { a.Parameters[0].Long = "" },
		"required and has a default":    func(a *Agent) { a.Parameters[0].HasDefault = true },
		"which does not exist":          func(a *Agent) { a.Parameters[0].ReplacedWith = []string{"no"} },
		"is no action name":             func(a *Agent) { a.Actions[0].Name = "a|b" },
		"needs a timeout":               func(a *Agent) { a.Actions[0].Timeout = 0 },
		"mandatory action stop":         func(a *Agent) { a.Actions[1].Name = "stopp" },
		"a character that XML forbids":  func(a *Agent) { a.Parameters[0].Default = "\x1b[1m" },
		"declared twice with depth 10":  func(a *Agent) { a.Actions[3].Depth = 10 },
		"have the same interval of 20s": func(a *Agent) { a.Actions[2].Interval = 20 * time.Second },
	} {
		a := valid()
		spoil(a)
		_, err := a.XML()
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("want an error saying %q, got %v", says, err)
		}
	}
}

// TestXMLKeepsText checks that whatever text the model holds, an XML reader gets
// it back.
func TestXMLKeepsText(t *testing.T) {
	text := rapid.StringOf(rapid.RuneFrom([]rune("ab <>&\"'ü]\n;-")))
	rapid.Check(t, func(t *rapid.T) {
		a := valid()
		a.Parameters[1].Default, a.Parameters[1].HasDefault = text.Draw(t, "default"), true
		a.Long = "x" + text.Draw(t, "long") + "x"
		out, err := a.XML()
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Long       string `xml:"longdesc"`
			Parameters []struct {
				Name    string `xml:"name,attr"`
				Content struct {
					Default *string `xml:"default,attr"`
				} `xml:"content"`
			} `xml:"parameters>parameter"`
		}
		if err := xml.Unmarshal(out, &got); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if got.Long != a.Long || len(got.Parameters) != 3 || got.Parameters[0].Content.Default != nil {
			t.Fatalf("%+v", got)
		}
		if d := cmp.Diff(a.Parameters[1].Default, *got.Parameters[1].Content.Default); d != "" {
			t.Fatal(d)
		}
	})
}
