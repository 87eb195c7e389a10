// SPDX-License-Identifier: Apache-2.0

package metadata

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

var (
	nameForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	wordForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
)

// Check reports everything in the model that pacemaker or a configuration tool
// could not work with: missing texts, names that cannot be an environment
// variable, duplicates, references to nothing, missing mandatory actions.
func (a *Agent) Check() error {
	var faults []error
	wrong := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("meta-data of %s: "+format, append([]any{a.Name}, args...)...))
	}
	if !wordForm.MatchString(a.Name) {
		wrong("%q is no agent name", a.Name)
	}
	if a.Version == "" || a.Short == "" || a.Long == "" {
		wrong("version, short and long description must not be empty")
	}
	seen := map[string]bool{}
	for _, p := range a.Parameters {
		if !nameForm.MatchString(p.Name) {
			wrong("parameter %q cannot be part of an environment variable's name", p.Name)
		}
		if seen[p.Name] {
			wrong("parameter %s is declared twice", p.Name)
		}
		seen[p.Name] = true
		if !p.Hidden && (p.Short == "" || p.Long == "") {
			wrong("parameter %s needs a short and a long description", p.Name)
		}
		if p.Required && p.HasDefault {
			wrong("parameter %s is required and has a default", p.Name)
		}
		for _, r := range p.ReplacedWith {
			if _, ok := a.Parameter(r); !ok {
				wrong("parameter %s is replaced with %q, which does not exist", p.Name, r)
			}
		}
	}
	a.checkActions(wrong)
	a.checkText(wrong)
	return errors.Join(faults...)
}

func (a *Agent) checkActions(wrong func(string, ...any)) {
	names := make([]string, 0, len(a.Actions))
	for _, x := range a.Actions {
		names = append(names, x.Name)
		if !wordForm.MatchString(x.Name) {
			wrong("%q is no action name", x.Name)
		}
		if x.Timeout <= 0 {
			wrong("action %s needs a timeout", x.Name)
		}
	}
	a.checkMonitors(wrong)
	for _, name := range []string{"start", "stop", "monitor", "meta-data"} {
		if !slices.Contains(names, name) {
			wrong("the mandatory action %s is missing", name)
		}
	}
}

// checkMonitors: pcs copies every monitor into the configuration, and pacemaker
// tells operations of one resource apart by name and interval only.
func (a *Agent) checkMonitors(wrong func(string, ...any)) {
	for i, x := range a.Actions {
		for _, y := range a.Actions[:i] {
			switch {
			case x.Name != y.Name || x.Role != y.Role:
			case x.Depth == y.Depth:
				wrong("action %s is declared twice with depth %d", x.Name, x.Depth)
			case x.Interval == y.Interval:
				wrong("two actions %s have the same interval of %v", x.Name, x.Interval)
			}
		}
	}
}

func (a *Agent) checkText(wrong func(string, ...any)) {
	texts := []string{a.Version, a.Short, a.Long}
	for _, p := range a.Parameters {
		texts = append(texts, p.Default, p.UniqueGroup, p.Short, p.Long)
	}
	for _, text := range texts {
		bad := func(r rune) bool {
			return r < ' ' && r != '\n' && r != '\t' || r == utf8.RuneError || r == 0xfffe || r == 0xffff
		}
		if strings.ContainsFunc(text, bad) {
			wrong("%q holds a character that XML forbids", text)
		}
	}
}
