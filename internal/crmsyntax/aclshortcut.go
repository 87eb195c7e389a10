// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"fmt"
	"sort"
	"strings"
)

// aclShortcuts are names for XPaths that are often needed in permissions. The
// parts of an XPath are put together as far as there are names to fill in:
// "property" is all properties, "property:maintenance-mode" is one. A % is
// replaced by the name.
var aclShortcuts = map[string][]string{
	"cib":         {"/cib"},
	"status":      {"/cib/status"},
	"node":        {"//nodes/node", "[@uname='%']"},
	"nodeattr":    {"//nodes/node/instance_attributes", "/nvpair[@name='%']"},
	"nodeutil":    {"//nodes/node/utilization", "[@uname='%']"},
	"property":    {"//crm_config/cluster_property_set", "/nvpair[@name='%']"},
	"location":    {"//rsc_location[@id='cli-prefer-%' and @rsc='%']"},
	"params":      {"//primitive[@id='%']/instance_attributes", "/nvpair[@name='%']"},
	"meta":        {"//primitive[@id='%']/meta_attributes", "/nvpair[@name='%']"},
	"utilization": {"//primitive[@id='%']/utilization"},
}

// expandShortcut returns the XPath of SHORTCUT[:NAME]…, or what is wrong.
func expandShortcut(word, value string, hasValue bool) (xpath, problem string) {
	parts := aclShortcuts[word]
	var names []string
	if hasValue {
		names = strings.Split(value, ":")
	}
	for _, part := range parts {
		switch {
		case !strings.Contains(part, "%"):
			xpath += part
		case len(names) > 0:
			if strings.ContainsAny(names[0], `'"`) || names[0] == "" {
				return "", fmt.Sprintf("%q is no name", names[0])
			}
			xpath += strings.ReplaceAll(part, "%", names[0])
			names = names[1:]
		case xpath == "":
			return "", fmt.Sprintf("expected %s:NAME", word)
		default:
			return xpath, ""
		}
	}
	if len(names) > 0 {
		return "", fmt.Sprintf("%s: is followed by too many names", word)
	}
	return xpath, ""
}

// findShortcut returns the shortcut for an XPath.
func findShortcut(xpath string) (string, bool) {
	words := make([]string, 0, len(aclShortcuts))
	for word := range aclShortcuts {
		words = append(words, word)
	}
	sort.Strings(words)
	for _, word := range words {
		rest, shortcut := xpath, word
		for _, part := range aclShortcuts[word] {
			name, after, ok := matchPart(part, rest)
			if !ok {
				break
			}
			if rest = after; name != "" {
				shortcut += ":" + name
			}
			if rest == "" {
				return shortcut, true
			}
		}
	}
	return "", false
}

// matchPart finds the name in a part of a shortcut at the beginning of xpath.
func matchPart(part, xpath string) (name, rest string, ok bool) {
	before, _, named := strings.Cut(part, "%")
	rest, ok = strings.CutPrefix(xpath, before)
	if !named || !ok {
		return "", rest, ok
	}
	name, _, _ = strings.Cut(rest, "'")
	if !isNCName(name) {
		return "", "", false
	}
	rest, ok = strings.CutPrefix(xpath, strings.ReplaceAll(part, "%", name))
	return name, rest, ok
}

// specWords are all words that may begin a SPEC, for suggestions.
func specWords() []string {
	words := []string{}
	for word := range permissionSpecs {
		words = append(words, word)
	}
	for word := range aclShortcuts {
		words = append(words, word)
	}
	sort.Strings(words)
	return words
}
