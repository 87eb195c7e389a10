// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"slices"
	"sort"
	"strings"

	"github.com/beevik/etree"
)

// choice is a value that a name has while a rule holds; without a rule always.
type choice struct {
	when         string
	value, shown string
}

// sets adds the name-value pairs of all sets with a tag, as pacemaker
// evaluates them: sets with a higher score first, and of several values for a
// name the first one whose rule holds.
func (r *reader) sets(tag, prefix string, types map[string]valueType, rename map[string]string) {
	r.addSets(r.take(tag), prefix, types, rename)
}

func (r *reader) addSets(sets []*etree.Element, prefix string, types map[string]valueType, rename map[string]string) {
	var resolved []*etree.Element
	for _, set := range sets {
		if el := r.d.resolve(set); el != nil {
			resolved = append(resolved, el)
		} else {
			r.fact(prefix+"$id-ref", set.SelectAttrValue("id-ref", ""), set.SelectAttrValue("id-ref", ""))
		}
	}
	slices.SortStableFunc(resolved, func(a, b *etree.Element) int { return setScore(b) - setScore(a) })
	choices := map[string][]choice{}
	var names []string
	for _, set := range resolved {
		var rules []string
		for _, rule := range set.SelectElements("rule") {
			rules = append(rules, r.d.ruleText(rule, false))
		}
		for _, pair := range set.SelectElements("nvpair") {
			name, c := r.d.pair(pair, types, rename)
			c.when = strings.Join(rules, " or ")
			if len(choices[name]) == 0 {
				names = append(names, name)
			}
			if !slices.ContainsFunc(choices[name], func(earlier choice) bool { return earlier.when == "" || earlier.when == c.when }) {
				choices[name] = append(choices[name], c)
			}
		}
		for _, attr := range set.Attr {
			if attr.Key != "id" && attr.Key != "score" && attr.Key != "id-ref" {
				r.fact(prefix+attr.FullKey(), attr.Value, show(attr.Value))
			}
		}
		for _, child := range set.ChildElements() {
			if child.Tag != "rule" && child.Tag != "nvpair" {
				r.fact(prefix+"<"+child.Tag+">", plainXML(child), plainXML(child))
			}
		}
	}
	for _, name := range names {
		value, shown := describe(choices[name])
		r.fact(prefix+name, value, shown)
	}
}

// setScore orders sets; one without score comes where 0 does.
func setScore(set *etree.Element) int {
	switch value := canonicalScore(set.SelectAttrValue("score", "0")); value {
	case "INFINITY":
		return infinity
	case "-INFINITY":
		return -infinity
	default:
		n := 0
		for _, c := range strings.TrimPrefix(value, "-") {
			if c < '0' || c > '9' {
				return 0
			}
			n = n*10 + int(c-'0')
		}
		if strings.HasPrefix(value, "-") {
			return -n
		}
		return n
	}
}

// pair returns the name and value of a pair, or of the one that it refers to.
func (d *digester) pair(pair *etree.Element, types map[string]valueType, rename map[string]string) (string, choice) {
	target := d.resolve(pair)
	if target == nil {
		id := pair.SelectAttrValue("id-ref", "")
		return "@" + id, choice{value: id, shown: id}
	}
	name := pair.SelectAttrValue("name", target.SelectAttrValue("name", ""))
	if renamed, ok := rename[name]; ok {
		name = renamed
	}
	value := target.SelectAttr("value")
	if value == nil {
		return name, choice{value: "\x00none", shown: "(no value)"}
	}
	return name, choice{value: canonical(types[name], value.Value), shown: show(value.Value)}
}

func describe(choices []choice) (value, shown string) {
	var values, words []string
	for _, c := range choices {
		suffix := ""
		if c.when != "" {
			suffix = " if " + c.when
		} else if len(choices) > 1 {
			suffix = " else"
		}
		values, words = append(values, c.value+suffix), append(words, c.shown+suffix)
	}
	return strings.Join(values, ", "), strings.Join(words, ", ")
}

// ruleText writes a rule. Its score counts only in a location.
func (d *digester) ruleText(rule *etree.Element, inLocation bool) string {
	resolved := d.resolve(rule)
	if resolved == nil {
		return "$id-ref=" + rule.SelectAttrValue("id-ref", "")
	}
	var head, parts []string
	if value := resolved.SelectAttrValue("role", rule.SelectAttrValue("role", "")); value != "" {
		head = append(head, "role="+canonical(role, value))
	}
	if attribute := resolved.SelectAttrValue("score-attribute", ""); attribute != "" && inLocation {
		head = append(head, attribute+":")
	} else if value := resolved.SelectAttrValue("score", ""); value != "" && inLocation {
		head = append(head, canonicalScore(value)+":")
	}
	for _, child := range resolved.ChildElements() {
		parts = append(parts, d.expressionText(child))
	}
	sort.Strings(parts)
	operator := strings.ToLower(resolved.SelectAttrValue("boolean-op", "and"))
	return strings.Join(append(head, strings.Join(parts, " "+operator+" ")), " ")
}

func (d *digester) expressionText(el *etree.Element) string {
	switch el.Tag {
	case "rule":
		return "(" + d.ruleText(el, false) + ")"
	case "expression":
		operation := strings.ToLower(el.SelectAttrValue("operation", ""))
		if typ := el.SelectAttrValue("type", ""); typ != "" {
			operation = typ + ":" + operation
		}
		words := []string{el.SelectAttrValue("attribute", ""), operation}
		if strings.HasSuffix(operation, "defined") {
			slices.Reverse(words)
		}
		if value := el.SelectAttr("value"); value != nil {
			shown := show(value.Value)
			if from := el.SelectAttrValue("value-source", "literal"); from != "literal" {
				shown = from + "{" + shown + "}"
			}
			words = append(words, shown)
		}
		return strings.Join(words, " ")
	case "date_expression":
		words := []string{"date", strings.ToLower(el.SelectAttrValue("operation", ""))}
		words = append(words, attributeWords(el, "id", "operation")...)
		for _, child := range el.ChildElements() {
			words = append(words, attributeWords(child, "id")...)
		}
		return strings.Join(words, " ")
	}
	return plainXML(el)
}

// attributeWords writes the attributes of an element but some, sorted.
func attributeWords(el *etree.Element, but ...string) []string {
	var words []string
	for _, attr := range el.Attr {
		if !slices.Contains(but, attr.Key) {
			words = append(words, attr.Key+"="+show(attr.Value))
		}
	}
	sort.Strings(words)
	return words
}
