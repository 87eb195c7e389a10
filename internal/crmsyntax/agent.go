// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/beevik/etree"
)

// An agent is written [CLASS:[PROVIDER:]]TYPE. Without a class it is an OCF
// agent. Only OCF agents have a provider; it may be left out and is then
// looked for: heartbeat if that has the agent or nobody has, else pacemaker,
// else the first in the alphabet.

// Agents knows which OCF agents a machine has.
type Agents interface {
	// Providers returns the providers that have an OCF agent of this type.
	Providers(typ string) []string
}

// OCFRoot finds agents below a directory such as /usr/lib/ocf.
type OCFRoot string

// Providers lists the directories in resource.d that hold the agent.
func (root OCFRoot) Providers(typ string) []string {
	if typ == "" || strings.ContainsAny(typ, `/*?[\`) || strings.HasPrefix(typ, ".") {
		return nil
	}
	found, _ := filepath.Glob(filepath.Join(string(root), "resource.d", "*", typ))
	var providers []string
	for _, path := range found {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			providers = append(providers, filepath.Base(filepath.Dir(path)))
		}
	}
	sort.Strings(providers)
	return providers
}

// agentClasses are the classes of agents (resources-3.9.rng).
var agentClasses = []string{"ocf", "lsb", "heartbeat", "stonith", "upstart", "service", "systemd", "nagios"}

// agent reads an agent's name into class, provider and type.
func (c *cursor) agent(el *etree.Element) {
	tok := c.take("an agent: [CLASS:[PROVIDER:]]TYPE or @TEMPLATE")
	if c.failed {
		return
	}
	parts := strings.Split(tok.text, ":")
	class, provider, typ := "ocf", "", parts[len(parts)-1]
	if len(parts) > 1 {
		class = parts[0]
	}
	if len(parts) == 3 {
		provider = parts[1]
	}
	if len(parts) > 3 || typ == "" || class == "" || len(parts) == 3 && provider == "" {
		c.fail(tok, "write it as CLASS:PROVIDER:TYPE, for instance ocf:heartbeat:IPaddr2",
			"%s is no agent", quoteWord(shorten(tok.text)))
		return
	}
	class = c.choice(tok, class, "class of agents", agentClasses)
	if class != "ocf" && provider != "" {
		c.report(tok, "write "+class+":"+typ, "agents of class %s have no provider", class)
		return
	}
	el.CreateAttr("class", class)
	if class == "ocf" {
		el.CreateAttr("provider", c.provider(tok, provider, typ))
	}
	el.CreateAttr("type", typ)
}

// provider finds the provider of an OCF agent.
func (c *cursor) provider(tok token, provider, typ string) string {
	var found []string
	if c.p.opt.Agents != nil {
		found = c.p.opt.Agents.Providers(typ)
	}
	if c.p.opt.CheckAgents && c.p.opt.Agents != nil {
		switch {
		case len(found) == 0:
			c.report(tok, "install it, or correct the name", "there is no OCF agent %s on this machine", quoteWord(shorten(typ)))
		case provider != "" && !slices.Contains(found, provider):
			c.report(tok, "there is ocf:"+found[0]+":"+typ, "there is no agent ocf:%s:%s on this machine", provider, typ)
		}
	}
	switch {
	case provider != "":
		return provider
	case len(found) == 0 || slices.Contains(found, "heartbeat"):
		return "heartbeat"
	case slices.Contains(found, "pacemaker"):
		return "pacemaker"
	}
	return found[0]
}

// printAgent writes an agent in full. crmsh leaves ocf:heartbeat out; what the
// short form means depends on the machine it is read on, the long one does not.
func printAgent(el *etree.Element) string {
	name := el.SelectAttrValue("class", "")
	if provider := el.SelectAttrValue("provider", ""); provider != "" {
		name += ":" + provider
	}
	return quoteWord(name + ":" + el.SelectAttrValue("type", ""))
}
