// SPDX-License-Identifier: Apache-2.0

package ipaddr2import

import (
	"fmt"
	"regexp"
	"strings"
)

// assignment is NAME=VALUE at the beginning of a line.
var assignment = regexp.MustCompile(`^\s*(?:export\s+|local\s+|readonly\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$`)

// hostname is what tells a node its own name.
var hostname = regexp.MustCompile("^(?:`|\\$\\()?\\s*(?:/\\S*/)?(?:hostname(?:\\s+-s)?|uname\\s+-n|crm_node\\s+-n)\\s*(?:`|\\))?$|^\\$\\{?HOSTNAME\\}?(?:%%\\.\\*\\})?$")

// metadata stands for a value that is asked from the instance metadata.
const metadata = "$(metadata)"

// variable is a value and where it was given.
type variable struct {
	value string
	line  int
}

// call is one "assign-private-ip".
type call struct {
	line         int
	branch       int // number of the branch it stands in; 0: outside of any
	node         string
	rest         bool // the branch is "else" or "*)": every other node
	vnic, ip     string
	auth         string
	config, prof string
	unassign     bool
	branchFrom   int // line where the branch begins
}

// script is what was found.
type script struct {
	vars     map[string]variable
	calls    []call
	messages []Message
	nodes    []string // named by branches, in order
}

// scope is an if or a case that is open.
type scope struct {
	line   int
	word   string // if or case
	hosts  bool   // it tells nodes apart
	node   string
	rest   bool
	branch int
	from   int
}

// reader goes through the lines.
type reader struct {
	script
	scopes   []scope
	branches int
}

func (r *reader) say(line int, format string, args ...any) {
	r.messages = append(r.messages, Message{Line: line, Text: fmt.Sprintf(format, args...)})
}

func read(lines []line) script {
	r := &reader{script: script{vars: map[string]variable{}}}
	for _, l := range lines {
		r.line(l)
	}
	for _, s := range r.scopes {
		if s.hosts {
			r.say(s.line, "this %q has no end: %s is missing", s.word, map[string]string{"if": "fi", "case": "esac"}[s.word])
		}
	}
	return r.script
}

func (r *reader) line(l line) {
	text := strings.TrimSpace(l.Text)
	if text == "" || strings.HasPrefix(text, "#") {
		return
	}
	if m := assignment.FindStringSubmatch(text); m != nil && !strings.Contains(text, "assign-private-ip") {
		r.assign(l.No, m[1], strings.TrimSpace(m[2]))
		return
	}
	r.flow(l.No, text)
	if strings.Contains(text, "assign-private-ip") && !strings.Contains(text, "unassign-private-ip") {
		r.call(l.No, text)
	}
}

func (r *reader) assign(no int, name, value string) {
	if strings.Contains(value, "169.254.169.254") {
		r.vars[name] = variable{metadata, no}
		return
	}
	list, ok := words(value)
	switch {
	case !ok && strings.Count(value, `"`)%2 == 1 && (strings.Contains(value, "ocid1.") || strings.Contains(name, "vnic")):
		r.say(no, "the quote in %s=%s is not closed", name, value)
		return
	case len(list) == 0:
		r.vars[name] = variable{"", no}
		return
	}
	// Of the rest of IPaddr2 this makes nonsense, which nobody asks for.
	if hostname.MatchString(strings.Trim(value, `"`)) {
		r.vars[name] = variable{"$(hostname)", no}
		return
	}
	r.vars[name] = variable{list[0], no}
}

// compare is a test of a host name: [ $server = "vrouter1" ], [[ "$server" == vrouter1 ]], test ...
var compare = regexp.MustCompile("(?:\\[\\[?|test)\\s+(\\S+|\"?`[^`]*`\"?|\"?\\$\\([^)]*\\)\"?)\\s+(?:=|==|-eq)\\s+(\\S+)")

// flow follows if and case.
func (r *reader) flow(no int, text string) {
	first, _, _ := strings.Cut(strings.TrimLeft(text, " \t"), " ")
	first = strings.TrimSuffix(first, ";")
	top := len(r.scopes) - 1
	switch first {
	case "if":
		r.scopes = append(r.scopes, scope{line: no, word: "if"})
		r.branchOf(no, text)
	case "elif":
		if top >= 0 && r.scopes[top].word == "if" {
			r.branchOf(no, text)
		} else {
			r.stray(no, first, text)
		}
	case "else":
		if top >= 0 && r.scopes[top].word == "if" {
			r.otherwise(no)
		} else {
			r.stray(no, first, text)
		}
	case "fi", "esac":
		if top >= 0 {
			r.scopes = r.scopes[:top]
		}
	case "case":
		list, _ := words(text)
		r.scopes = append(r.scopes, scope{line: no, word: "case", hosts: len(list) > 1 && r.isHost(list[1])})
	default:
		if top >= 0 && r.scopes[top].word == "case" && r.scopes[top].hosts {
			r.pattern(no, text)
		}
	}
	if strings.HasSuffix(text, "; fi") && first != "fi" && len(r.scopes) > 0 {
		r.scopes = r.scopes[:len(r.scopes)-1]
	}
}

func (r *reader) stray(no int, word, text string) {
	if compare.MatchString(text) {
		r.say(no, "%q without an \"if\" before it", word)
	}
}

// branchOf begins a branch whose condition is in text.
func (r *reader) branchOf(no int, text string) {
	s := &r.scopes[len(r.scopes)-1]
	m := compare.FindStringSubmatch(text)
	if m == nil || !r.isHost(strings.Trim(m[1], `"'`)) {
		if s.hosts {
			s.node, s.rest = "", false
			r.begin(s, no)
			r.say(no, "a condition that names no node: %s", text)
		}
		return
	}
	s.hosts = true
	name := r.expandText(strings.Trim(strings.TrimSuffix(m[2], ";"), `"'`))
	r.named(s, no, name)
}

func (r *reader) named(s *scope, no int, name string) {
	if short, _, ok := strings.Cut(name, "."); ok {
		name = short // the comparison is with hostname -s or not; pacemaker's names are short here
	}
	s.node, s.rest = name, false
	r.begin(s, no)
	for _, old := range r.nodes {
		if old == name {
			r.say(no, "node %s has a branch already", name)
			return
		}
	}
	r.nodes = append(r.nodes, name)
}

func (r *reader) begin(s *scope, no int) {
	r.branches++
	s.branch, s.from = r.branches, no
}

func (r *reader) otherwise(no int) {
	if s := &r.scopes[len(r.scopes)-1]; s.hosts {
		s.node, s.rest = "", true
		r.begin(s, no)
	}
}

// casePattern is "vrouter1)" or "*)".
var casePattern = regexp.MustCompile(`^\(?\s*["']?([^\s"')|*]+|\*)["']?\s*\)`)

func (r *reader) pattern(no int, text string) {
	m := casePattern.FindStringSubmatch(text)
	if m == nil {
		return
	}
	s := &r.scopes[len(r.scopes)-1]
	if m[1] == "*" {
		r.otherwise(no)
		return
	}
	r.named(s, no, m[1])
}

// isHost reports whether an expression is the node's own name.
func (r *reader) isHost(expression string) bool {
	name := strings.Trim(expression, `"'${}`)
	if v, ok := r.vars[name]; ok && strings.HasPrefix(expression, "$") {
		return v.value == "$(hostname)"
	}
	return hostname.MatchString(strings.Trim(expression, `"'`)) || name == "server" && strings.HasPrefix(expression, "$")
}

func (r *reader) expandText(s string) string {
	if name := strings.Trim(s, "${}"); strings.HasPrefix(s, "$") {
		if v, ok := r.vars[name]; ok {
			return v.value
		}
	}
	return s
}

// call reads one command line.
func (r *reader) call(no int, text string) {
	list, ok := words(text)
	if !ok {
		r.say(no, "a quote in this command is not closed")
		return
	}
	c := call{line: no}
	options := map[string]*string{"--vnic-id": &c.vnic, "--ip-address": &c.ip, "--auth": &c.auth, "--config-file": &c.config, "--profile": &c.prof}
	for i := 0; i < len(list); i++ {
		name, value, has := strings.Cut(list[i], "=")
		if name == "--unassign-if-already-assigned" {
			c.unassign = true
		}
		into, known := options[name]
		if !known {
			continue
		}
		if !has && i+1 < len(list) {
			i++
			value = list[i]
		}
		*into = value
	}
	for i := len(r.scopes) - 1; i >= 0; i-- {
		if s := r.scopes[i]; s.hosts {
			c.branch, c.node, c.rest, c.branchFrom = s.branch, s.node, s.rest, s.from
			break
		}
	}
	r.calls = append(r.calls, c)
}
