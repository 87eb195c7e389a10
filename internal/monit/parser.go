// SPDX-License-Identifier: Apache-2.0

package monit

import (
	"strconv"
	"strings"
	"time"
)

// parser reads statements off a list of words. Behind the end there are empty ones.
type parser struct {
	tokens []token
	at     int
}

func (p *parser) more() bool  { return p.at < len(p.tokens) }
func (p *parser) peek() token { return p.look(0) }

func (p *parser) look(ahead int) token {
	if i := p.at + ahead; i >= 0 && i < len(p.tokens) {
		return p.tokens[i]
	}
	return token{}
}

func (p *parser) next() token {
	t := p.peek()
	p.at++
	return t
}

var types = map[string]Type{"process": Process, "file": File, "directory": Directory, "filesystem": Filesystem,
	"device": Filesystem, "host": Host, "system": System, "fifo": FIFO, "program": Program, "network": Network}

// check reads what follows "check", to the next statement.
func (p *parser) check() Definition {
	kind, known := types[strings.ToLower(p.next().text)]
	d := Definition{Name: p.next().text, Type: kind}
	if !known {
		d.Name = ""
	}
	for p.more() && !p.peek().is("set", "check", "include") {
		previous := p.look(-1)
		switch t := p.next(); {
		case t.is("pidfile"):
			d.PidFile = p.next().text
		case t.is("matching", "match") && d.Type == Process && d.PidFile == "" && d.Matching == "" && !previous.is("content"):
			d.Matching = p.next().text
		case t.is("group"):
			d.Groups = append(d.Groups, p.next().text)
		case t.is("onreboot"):
			d.NoStart = p.next().is("nostart")
		case t.is("start", "stop") && !previous.is("then", "else") && (p.peek().is("program") || p.peek().quoted):
			if p.peek().is("program") {
				p.next()
			}
			c := p.command()
			if t.is("start") {
				d.Start = c
			} else {
				d.Stop = c
			}
		}
	}
	return d
}

// command reads a program and its options: as uid U and gid G, with timeout N seconds.
func (p *parser) command() *Command {
	c := &Command{Argv: words(p.next().text), Timeout: programTimeout}
	for {
		switch t := p.peek(); {
		case t.is("as", "and", "with", "using", "use", "for"):
			p.next()
		case t.is("uid"):
			p.next()
			c.UID = p.next().text
		case t.is("gid"):
			p.next()
			c.GID = p.next().text
		case t.is("timeout"):
			p.next()
			n, err := strconv.Atoi(p.next().text)
			if err == nil && n > 0 {
				c.Timeout = time.Duration(n) * time.Second
			}
			if p.peek().is("second", "seconds") {
				p.next()
			}
		default:
			return c
		}
	}
}
