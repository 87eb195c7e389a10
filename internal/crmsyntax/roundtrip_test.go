// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// checkRoundTrip writes a configuration in crm syntax, reads that and wants
// the same configuration back, and the same text when that is written again.
func checkRoundTrip(t interface {
	Helper()
	Fatalf(string, ...any)
}, cfg *Configuration) {
	t.Helper()
	text := cfg.Text()
	again, err := Parse("printed", []byte(text), Options{})
	if err != nil {
		t.Fatalf("cannot read what was written: %v\n%s", err, text)
	}
	if diff := cmp.Diff(shapes(cfg), shapes(again)); diff != "" {
		t.Fatalf("it means something else when read again:\n%s\n%s", text, diff)
	}
	if second := again.Text(); second != text {
		t.Fatalf("written again it differs:\n%s", cmp.Diff(text, second))
	}
}

// shapes is what a configuration says, one line an object, in any order.
func shapes(cfg *Configuration) []string {
	var found []string
	for _, obj := range cfg.Objects() {
		found = append(found, obj.Kind+" "+shape(obj.Element, map[*etree.Element]bool{})+strings.Join(comments(obj.Element), "\n"))
	}
	slices.Sort(found)
	return found
}

func TestRoundTripOfSmallFiles(t *testing.T) {
	for _, c := range smallFiles(t) {
		cfg, err := Parse(c.name, []byte(c.text), installed)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			checkRoundTrip(t, cfg)
			if text := cfg.Text(); strings.Contains(text, "xml <") && !strings.HasPrefix(c.name, "xml-") {
				t.Errorf("crm syntax has words for this:\n%s", text)
			}
		})
	}
}

// TestRoundTripOfCIBs reads whole CIBs, among them such as pcs makes.
func TestRoundTripOfCIBs(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.xml")
	if len(files) < 4 {
		t.Fatalf("only %d CIBs", len(files))
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			cfg, err := Read(text)
			if err != nil {
				t.Fatal(err)
			}
			checkRoundTrip(t, cfg)
		})
	}
}

// TestRoundTripOfAnyCIB draws configurations that the schema allows, with all
// that crm syntax has no words for, and with ids and values that are hard to
// write.
func TestRoundTripOfAnyCIB(t *testing.T) {
	xmlStatements, objects := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		cfg := &Configuration{root: (&drawer{t: t}).configuration()}
		checkRoundTrip(t, cfg)
		xmlStatements += strings.Count("\n"+cfg.Text(), "\nxml <")
		objects += len(cfg.Objects())
	})
	if xmlStatements == 0 || xmlStatements*2 > objects {
		t.Errorf("%d of %d objects were written as XML: the drawn configurations are not what they should be", xmlStatements, objects)
	}
}

// drawer draws configurations.
type drawer struct {
	t                    *rapid.T
	n                    int
	resources, templates []string
	sets, pairs          map[string][]string
}

func (d *drawer) id(prefix string) string { d.n++; return fmt.Sprintf("%s%d", prefix, d.n) }

func (d *drawer) chance(label string, percent int) bool {
	return rapid.IntRange(1, 100).Draw(d.t, label) <= percent
}

func (d *drawer) pick(label string, from ...string) string {
	return rapid.SampledFrom(from).Draw(d.t, label)
}

// value draws values with all that makes quoting hard.
func (d *drawer) value() string {
	return rapid.OneOf(
		rapid.StringMatching(`[a-z0-9._-]{1,8}`),
		rapid.StringMatching(`[ a-z0-9"'\\#=:@$(){}\[\]/|*,;<>&%!?~+-]{0,12}`),
		rapid.SampledFrom([]string{"", " ", "\\", "a\\", "\"", "meta", "op", "#", "inf:", "param{x}", "é ü", "a\nb", "x\ty", "rule", "}"}),
	).Draw(d.t, "value")
}

func (d *drawer) name() string {
	if d.chance("strange name", 8) {
		return d.pick("name", "a b", "$x", "@y", "description", "id", "interval", "meta", "x:y", "#z", "a\"b", "op", "date", "metaa")
	}
	return d.pick("name", "ip", "nic", "target-role", "is-managed", "timeout", "a", "b_c", "d.e", "f")
}

func (d *drawer) maybe(el *etree.Element, percent int, attribute string, values ...string) {
	if d.chance(attribute, percent) {
		el.CreateAttr(attribute, d.pick(attribute, values...))
	}
}

func (d *drawer) set(tag, owner string) *etree.Element {
	set := etree.NewElement(tag)
	if ids := d.sets[tag]; len(ids) > 0 && d.chance("id-ref", 10) {
		set.CreateAttr("id-ref", d.pick("id-ref", ids...))
		return set
	}
	id := owner + "-" + tag
	if d.chance("own id", 30) {
		id = d.id("set")
	}
	set.CreateAttr("id", id+d.id("_"))
	d.sets[tag] = append(d.sets[tag], set.SelectAttrValue("id", ""))
	d.maybe(set, 10, "score", "10", "-INFINITY", "INFINITY")
	d.content(set)
	return set
}

func (d *drawer) content(set *etree.Element) {
	id := set.SelectAttrValue("id", "")
	if d.chance("rule", 15) {
		set.AddChild(d.rule(id, true))
	}
	seen := map[string]bool{}
	for range rapid.IntRange(0, 3).Draw(d.t, "pairs") {
		name := d.name()
		if seen[name] {
			continue
		}
		seen[name] = true
		pair := element("nvpair", "id", id+"-"+ncName(name), "name", name)
		if ids := d.pairs["nvpair"]; len(ids) > 0 && d.chance("pair ref", 5) {
			pair = element("nvpair", "id-ref", d.pick("pair ref", ids...))
			d.maybe(pair, 50, "name", "other")
		} else if d.chance("value", 95) {
			pair.CreateAttr("value", d.value())
			d.pairs["nvpair"] = append(d.pairs["nvpair"], pair.SelectAttrValue("id", ""))
		}
		set.AddChild(pair)
	}
}

func (d *drawer) rule(owner string, inSet bool) *etree.Element {
	rule := element("rule", "id", owner+"-rule"+d.id("_"))
	if inSet {
		d.maybe(rule, 80, "score", "INFINITY", "100")
	} else if d.chance("score-attribute", 20) {
		rule.CreateAttr("score-attribute", d.pick("score-attribute", "pingd", "a b", "10"))
	} else {
		d.maybe(rule, 95, "score", "INFINITY", "-INFINITY", "5", "+3")
	}
	d.maybe(rule, 20, "boolean-op", "and", "or")
	d.maybe(rule, 10, "role", "Master", "Promoted")
	for range rapid.IntRange(1, 3).Draw(d.t, "expressions") {
		rule.AddChild(d.expression(rule.SelectAttrValue("id", "")))
	}
	return rule
}

func (d *drawer) expression(owner string) *etree.Element {
	id := owner + d.id("-expr")
	switch rapid.IntRange(0, 7).Draw(d.t, "expression") {
	case 0:
		return element("date_expression", "id", id, "operation", "lt", "end", d.value())
	case 1:
		date := element("date_expression", "id", id, "operation", "in_range")
		d.maybe(date, 60, "start", "2009-01-01", "2009-01-01 10:00")
		d.maybe(date, 60, "end", "2010-01-01")
		if d.chance("duration", 40) {
			date.AddChild(element("duration", "id", id+"-d", d.pick("part", "days", "minutes", "years"), d.value()))
		}
		return date
	case 2:
		date := element("date_expression", "id", id, "operation", "date_spec")
		date.AddChild(element("date_spec", "id", id+"-s", "hours", "9-17", d.pick("part", "weekdays", "yeardays", "moon"), d.value()))
		return date
	case 3:
		return element("expression", "id", id, "operation", d.pick("operation", "defined", "not_defined"), "attribute", d.pick("attribute", "pingd", "a b", "#uname"))
	case 4:
		if d.chance("nested", 20) {
			nested := element("rule", "id", id, "score", "INFINITY")
			nested.AddChild(element("expression", "id", id+"-e", "operation", "defined", "attribute", "x"))
			return nested
		}
	}
	ex := element("expression", "id", id, "operation", d.pick("operation", "lt", "gte", "eq", "ne"),
		"attribute", d.pick("attribute", "#uname", "x", "date", "defined", "a=b"), "value", d.value())
	d.maybe(ex, 20, "type", "string", "number", "version", "integer")
	d.maybe(ex, 20, "value-source", "literal", "param", "meta")
	return ex
}

func (d *drawer) primitive(tag string) *etree.Element {
	el := element(tag, "id", d.id("p_"))
	id := el.SelectAttrValue("id", "")
	if len(d.templates) > 0 && tag == "primitive" && d.chance("template", 20) {
		el.CreateAttr("template", d.pick("template", d.templates...))
	} else if class := d.pick("class", "ocf", "ocf", "stonith", "systemd"); class == "ocf" {
		el.CreateAttr("class", class)
		el.CreateAttr("provider", d.pick("provider", "heartbeat", "pacemaker", "oci"))
		el.CreateAttr("type", d.pick("type", "Dummy", "IPaddr2", "x y"))
	} else {
		el.CreateAttr("class", class)
		el.CreateAttr("type", d.pick("type", "null", "external/ssh", "foo@bar.service"))
	}
	d.maybe(el, 10, "description", "a \"b\" c", "x", "")
	for _, set := range []string{"meta_attributes", "instance_attributes", "utilization"} {
		for range rapid.IntRange(0, 2).Draw(d.t, set) {
			el.AddChild(d.set(set, id))
		}
	}
	if d.chance("operations", 50) {
		ops := etree.NewElement("operations")
		d.maybe(ops, 10, "id", d.id("ops"))
		for range rapid.IntRange(0, 3).Draw(d.t, "ops") {
			ops.AddChild(d.operation(id))
		}
		el.AddChild(ops)
	}
	if tag == "primitive" {
		d.resources = append(d.resources, id)
	} else {
		d.templates = append(d.templates, id)
	}
	return el
}

func (d *drawer) operation(owner string) *etree.Element {
	op := element("op", "id", owner+"-op"+d.id("_"), "name", d.pick("name", "monitor", "start", "op", "notify"), "interval", d.pick("interval", "0", "10s", "1 min"))
	d.maybe(op, 30, "timeout", "20s", "30")
	d.maybe(op, 20, "on-fail", "restart", "ignore")
	d.maybe(op, 20, "role", "Started", "Master", "Promoted")
	d.maybe(op, 10, "enabled", "true", "false")
	d.maybe(op, 10, "description", "a b", "")
	for _, tag := range []string{"instance_attributes", "meta_attributes"} {
		if d.chance(tag, 20) {
			op.AddChild(d.set(tag, op.SelectAttrValue("id", "")))
		}
	}
	return op
}
