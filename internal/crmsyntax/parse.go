// SPDX-License-Identifier: Apache-2.0

package crmsyntax

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/beevik/etree"
)

// Options say what Parse may know besides the file.
type Options struct {
	// Agents finds the provider of an agent that is named without one, as
	// crmsh does. Without it that is always ocf:heartbeat.
	Agents Agents
	// CheckAgents makes it an error when Agents does not know an OCF agent.
	CheckAgents bool
	// Schema is the schema of the CIB that the configuration is for, such as
	// "pacemaker-3.9". Before 3.7 the roles Promoted and Unpromoted are
	// written as Master and Slave. Empty means a new one.
	Schema string
	// Nodes are the cluster's nodes, for a fencing_topology without targets in
	// a file that has no node statements.
	Nodes []string
}

// knowsPromoted tells whether the schema has the roles of OCF 1.1.
func (o Options) knowsPromoted() bool {
	major, minor, ok := strings.Cut(strings.TrimPrefix(o.Schema, "pacemaker-"), ".")
	if !ok {
		return true
	}
	x, errX := strconv.Atoi(major)
	y, errY := strconv.Atoi(minor)
	return errX != nil || errY != nil || x > 3 || x == 3 && y >= 7
}

// object is one parsed statement that is not yet part of a configuration.
type object struct {
	kind     *kind
	element  *etree.Element
	id       token  // where the id stands; the keyword if there is none
	comments string // comment lines that stood above it
}

// parser collects what the statements of one file say.
type parser struct {
	src      *source
	opt      Options
	errors   Errors
	warnings Errors
	objects  []*object
	refs     []reference
	places   map[*etree.Element]token // where elements were written
	lost     map[string]bool          // ids in statements that could not be read
	compared int                      // how many names near has compared
}

// Parse reads a file of crm syntax and returns the configuration it
// describes. The name is only used in messages.
//
// On failure the error is an Errors with everything that is wrong in the file:
// syntax, duplicate ids and references to what does not exist.
func Parse(name string, text []byte, opt Options) (*Configuration, error) {
	p := &parser{src: newSource(name, text), opt: opt, places: map[*etree.Element]token{}, lost: map[string]bool{}}
	lx := &lexer{src: p.src}
	statements := lx.statements()
	p.errors = lx.errors
	var comments []string
	for _, st := range statements {
		if st.comment != "" {
			comments = append(comments, st.comment)
			continue
		}
		objects := p.statement(st)
		if len(objects) > 0 {
			objects[0].comments = strings.Join(comments, "\n")
		}
		p.objects = append(p.objects, objects...)
		comments = nil
	}
	cfg := p.assemble()
	if len(p.errors) > 0 {
		p.errors.sort()
		return nil, p.errors
	}
	p.warnings.sort()
	cfg.Warnings = p.warnings
	return cfg, nil
}

// statement reads one object (an xml statement may hold several). After an
// error the object is left out, but its id is kept, so that what refers to it
// is no further error.
func (p *parser) statement(st statement) []*object {
	if len(st.tokens) > 1 && st.broken {
		p.lost[strings.TrimSuffix(st.tokens[1].text, ":")] = true
	}
	if st.broken {
		return nil
	}
	keyword := st.tokens[0]
	if keyword.text == "xml" {
		return p.xmlStatement(st)
	}
	k := kindByWord[strings.ToLower(keyword.text)]
	if k == nil {
		remedy := p.near(keyword.text, kindWords)
		if remedy == "" {
			remedy = "an object begins with a keyword such as primitive, group, clone, location, colocation, order or property"
		}
		p.fail(keyword, remedy, "unknown keyword %s", quoteWord(shorten(keyword.text)))
		if len(st.tokens) > 1 {
			p.lost[st.tokens[1].text] = true
		}
		return nil
	}
	c := &cursor{p: p, tokens: st.tokens, at: 1, kind: k, id: keyword}
	el := c.parseObject()
	c.done()
	if c.failed {
		p.lost[strings.TrimSuffix(c.id.text, ":")] = true
		return nil
	}
	p.places[el] = c.id
	return []*object{{kind: k, element: el, id: c.id}}
}

func (p *parser) fail(tok token, remedy, format string, args ...any) {
	p.errors = append(p.errors, p.src.errorAt(tok.from, tok.to, fmt.Sprintf(format, args...), remedy))
}

func (p *parser) warn(tok token, remedy, format string, args ...any) {
	w := p.src.errorAt(tok.from, tok.to, fmt.Sprintf(format, args...), remedy)
	w.Warning = true
	p.warnings = append(p.warnings, w)
}

// compareLimit bounds the search for what was meant: in a file where hundreds
// of names are wrong, suggestions are not what helps, and comparing every name
// with every other would cost quadratic time.
const compareLimit = 20_000

// near is the remedy "did you mean …?".
func (p *parser) near(word string, candidates []string) string {
	if p.compared >= compareLimit || len(candidates) == 0 {
		return ""
	}
	p.compared += len(candidates)
	if i := strings.IndexByte(word, '='); i > 0 && strings.HasSuffix(candidates[0], "=") {
		word = word[:i+1]
	}
	return didYouMean(word, candidates)
}
