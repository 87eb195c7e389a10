// SPDX-License-Identifier: Apache-2.0

package metadata

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// APIVersion is the version of the OCF resource agent API that the XML follows.
const APIVersion = "1.1"

// XML returns the agent's meta-data, ready to be printed. It fails only if the
// model itself is wrong (Check).
//
// The document says version 1.1, which pacemaker and pcs want for reloadable
// parameters and unique groups, and still names the DTD of the 1.0 time,
// because ocf-tester validates against it and does not accept a document
// without. That DTD knows neither the new attributes nor the new action, so the
// internal subset declares them: the first declaration of an attribute wins
// over the external one (XML 1.0, 3.3).
func (a *Agent) XML() ([]byte, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	doc := etree.NewDocument()
	// Without an encoding (UTF-8 is XML's default): crmsh hands the text to its
	// parser already decoded, and that refuses a declared encoding then.
	doc.CreateProcInst("xml", `version="1.0"`)
	doc.CreateDirective(a.doctype())
	root := doc.CreateElement("resource-agent")
	root.CreateAttr("name", a.Name)
	root.CreateAttr("version", a.Version)
	root.CreateElement("version").SetText(APIVersion)
	describe(root, a.Long, a.Short)
	parameters := root.CreateElement("parameters")
	for _, p := range a.Parameters {
		if !p.Hidden {
			a.parameter(parameters, p)
		}
	}
	actions := root.CreateElement("actions")
	for _, x := range a.Actions {
		action(actions, x)
	}
	doc.Indent(2)
	var out bytes.Buffer
	if _, err := doc.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("writing the meta-data of %s: %w", a.Name, err)
	}
	return out.Bytes(), nil
}

// doctype is the document type declaration. The list of action names replaces
// the DTD's, so it carries exactly the agent's own.
func (a *Agent) doctype() string {
	var names []string
	seen := map[string]bool{}
	for _, x := range a.Actions {
		if !seen[x.Name] {
			seen[x.Name] = true
			names = append(names, x.Name)
		}
	}
	return "DOCTYPE resource-agent SYSTEM \"ra-api-1.dtd\" [\n" +
		"<!ATTLIST parameter unique-group CDATA #IMPLIED reloadable (1|0) \"0\">\n" +
		"<!ATTLIST action name (" + strings.Join(names, "|") + ") #REQUIRED>\n]"
}

func (a *Agent) parameter(parent *etree.Element, p Parameter) {
	e := parent.CreateElement("parameter")
	e.CreateAttr("name", p.Name)
	if p.UniqueGroup != "" {
		e.CreateAttr("unique-group", p.UniqueGroup)
		if a.groupSize(p.UniqueGroup) == 1 {
			// The 1.0 spelling says the same for a group of one, and crmsh reads only that.
			e.CreateAttr("unique", "1")
		}
	}
	if p.Required {
		e.CreateAttr("required", "1")
	}
	if p.Reloadable {
		e.CreateAttr("reloadable", "1")
	}
	// The DTD has no room for the 1.1 element "deprecated", so the text says it.
	describe(e, p.deprecation()+p.Long, p.deprecatedShort())
	content := e.CreateElement("content")
	content.CreateAttr("type", p.Type.String())
	if p.HasDefault {
		content.CreateAttr("default", p.Default)
	}
}

func (a *Agent) groupSize(group string) int {
	n := 0
	for _, p := range a.Parameters {
		if p.UniqueGroup == group {
			n++
		}
	}
	return n
}

func (p Parameter) deprecation() string {
	switch {
	case !p.Deprecated:
		return ""
	case len(p.ReplacedWith) == 0:
		return "Deprecated, do not use in new configurations.\n\n"
	default:
		return "Deprecated, use " + strings.Join(p.ReplacedWith, " and ") + " instead.\n\n"
	}
}

func (p Parameter) deprecatedShort() string {
	if p.Deprecated {
		return p.Short + " (deprecated)"
	}
	return p.Short
}

func action(parent *etree.Element, x Action) {
	e := parent.CreateElement("action")
	e.CreateAttr("name", x.Name)
	e.CreateAttr("timeout", seconds(x.Timeout))
	if x.Interval > 0 {
		e.CreateAttr("interval", seconds(x.Interval))
	}
	if x.HasDepth || x.Depth > 0 {
		e.CreateAttr("depth", strconv.Itoa(x.Depth))
	}
	if x.Role != "" {
		e.CreateAttr("role", x.Role)
	}
}

func describe(parent *etree.Element, long, short string) {
	for _, d := range []struct{ name, text string }{{"longdesc", long}, {"shortdesc", short}} {
		e := parent.CreateElement(d.name)
		e.CreateAttr("lang", "en")
		e.SetText(strings.TrimSpace(d.text))
	}
}

// seconds writes a duration with its unit, which all tools understand: "20s",
// or "1500ms" where seconds do not suffice.
func seconds(d time.Duration) string {
	if d%time.Second == 0 {
		return strconv.FormatInt(int64(d/time.Second), 10) + "s"
	}
	return strconv.FormatInt(d.Milliseconds(), 10) + "ms"
}
