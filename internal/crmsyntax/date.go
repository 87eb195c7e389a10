// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"strings"

	"github.com/beevik/etree"
)

// Dates in rules:
//
//	date lt END | date gt START
//	date in start=START end=END | date in start=START NAME=VALUE… (a duration)
//	date spec NAME=VALUE…
//
// in_range and date_spec are other words for in and spec.

var (
	dateWords = []string{"lt", "gt", "in", "in_range", "spec", "date_spec"}
	// From rule-3.9.rng. crmsh 4.4 knows no minutes, seconds, days and yeardays;
	// pacemaker does. yearsdays is an old mistake that the schema still allows.
	durationParts = []string{"years", "months", "weeks", "days", "hours", "minutes", "seconds",
		"monthdays", "weekdays", "yearsdays", "weekyears", "moon"}
	dateSpecParts = []string{"years", "months", "monthdays", "hours", "minutes", "seconds",
		"yeardays", "weekyears", "weeks", "weekdays", "moon", "yearsdays"}
)

func (c *cursor) dateExpression() *etree.Element {
	date := etree.NewElement("date_expression")
	if !c.isWord(dateWords...) {
		c.expected("one of "+alternatives(dateWords)+" after date", dateWords...)
		return date
	}
	switch strings.ToLower(c.take("").text) {
	case "lt":
		date.CreateAttr("operation", "lt")
		date.CreateAttr("end", c.take("a date").text)
	case "gt":
		date.CreateAttr("operation", "gt")
		date.CreateAttr("start", c.take("a date").text)
	case "in", "in_range":
		date.CreateAttr("operation", "in_range")
		c.dateRange(date)
	default:
		date.CreateAttr("operation", "date_spec")
		spec := etree.NewElement("date_spec")
		if c.dateParts(spec, dateSpecParts) == 0 {
			c.expected("a part of a date: "+alternatives(dateSpecParts)+"=VALUE", withEquals(dateSpecParts)...)
		}
		date.AddChild(spec)
	}
	return date
}

// dateRange reads the ends of a range: two dates, or one and a duration.
func (c *cursor) dateRange(date *etree.Element) {
	duration := etree.NewElement("duration")
	parts, before := 0, -1
	for before != parts {
		before = parts
		if name, value, _, ok := c.option("start", "end"); ok {
			date.CreateAttr(name, value)
			parts++
		}
		parts += c.dateParts(duration, durationParts)
	}
	if parts < 2 || date.SelectAttr("start") == nil && date.SelectAttr("end") == nil {
		c.expected("start=DATE end=DATE or start=DATE and a duration such as hours=8",
			withEquals(append([]string{"start", "end"}, durationParts...))...)
	}
	if len(duration.Attr) > 0 {
		date.AddChild(duration)
	}
}

// dateParts reads NAME=VALUE as long as the name is known.
func (c *cursor) dateParts(el *etree.Element, names []string) int {
	parts := 0
	for {
		name, value, tok, ok := c.option(names...)
		if !ok {
			return parts
		}
		if value == "" {
			c.report(tok, "", "%s has no value", name)
		}
		el.CreateAttr(name, value)
		parts++
	}
}

// withEquals turns names into what would have been typed.
func withEquals(names []string) []string {
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = name + "="
	}
	return words
}

func printDate(date *etree.Element) string {
	words := []string{"date"}
	start, end := date.SelectAttr("start"), date.SelectAttr("end")
	switch operation := strings.ToLower(date.SelectAttrValue("operation", "")); operation {
	case "lt":
		return "date lt " + quote(date.SelectAttrValue("end", ""))
	case "gt":
		return "date gt " + quote(date.SelectAttrValue("start", ""))
	case "in_range":
		words = append(words, "in")
		if start != nil {
			words = append(words, nameValue("start", start.Value))
		}
		if end != nil {
			words = append(words, nameValue("end", end.Value))
		}
	default:
		words = append(words, "spec")
	}
	for _, child := range date.ChildElements() {
		for _, attr := range child.Attr {
			if attr.Key != "id" {
				words = append(words, nameValue(attr.Key, attr.Value))
			}
		}
	}
	return strings.Join(words, " ")
}
