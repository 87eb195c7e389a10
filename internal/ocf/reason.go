// SPDX-License-Identifier: Apache-2.0

package ocf

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// Reason is one way in which an action can end other than well. Reasons are
// declared as package variables with NewReason, so that all of them can be
// listed in the documentation.
type Reason struct {
	ID     string // kebab-case, unique over the project
	Says   string // what is wrong, a fmt format; what follows " -- " is detail
	Remedy string // what to do about it; empty if there is nothing to do
}

var (
	reasonForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	registry   = struct {
		sync.Mutex
		all map[string]*Reason
	}{all: map[string]*Reason{}}
)

// NewReason registers a reason. It panics if the ID is not kebab-case or is
// taken, or if it says nothing: these are mistakes in the program's text.
func NewReason(id, says, remedy string) *Reason {
	registry.Lock()
	defer registry.Unlock()
	if !reasonForm.MatchString(id) {
		panic(fmt.Sprintf("ocf: reason ID %q is not kebab-case", id))
	}
	if registry.all[id] != nil {
		panic(fmt.Sprintf("ocf: reason %q is declared twice", id))
	}
	if says == "" {
		panic(fmt.Sprintf("ocf: reason %q says nothing", id))
	}
	r := &Reason{ID: id, Says: says, Remedy: remedy}
	registry.all[id] = r
	return r
}

// Reasons returns every reason that the program knows, sorted by ID.
func Reasons() []Reason {
	registry.Lock()
	defer registry.Unlock()
	all := make([]Reason, 0, len(registry.all))
	for _, r := range registry.all {
		all = append(all, *r)
	}
	slices.SortFunc(all, func(a, b Reason) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Kept is how many bytes of an exit reason pacemaker keeps and shows (EXIT_REASON_MAX_LEN); the log has all of it.
const Kept = 128

// Text returns the reason as one line, with args put into Says. The detail, which may be long, comes last: what is wrong
// and what to do about it must be within the first Kept bytes.
func (r *Reason) Text(args ...any) string {
	text := r.Says
	if len(args) > 0 {
		text = fmt.Sprintf(r.Says, args...)
	}
	text, detail, _ := strings.Cut(text, " -- ")
	if r.Remedy != "" {
		text += "; " + r.Remedy
	}
	if detail != "" {
		text += " (" + detail + ")"
	}
	return oneLine(text)
}

// Result ends an action with a code and this reason, args put into Says.
func (r *Reason) Result(c Code, args ...any) Result {
	return Result{Code: c, Text: r.Text(args...), Reason: r}
}

// oneLine makes any text fit for a log or an exit reason: line ends and tabs
// become a space and every other control character is dropped, so that neither a
// second line nor a terminal command can be smuggled in.
func oneLine(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case unicode.IsControl(r):
			return -1
		default:
			return r
		}
	}, text))
}
