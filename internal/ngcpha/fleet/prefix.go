// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"bytes"
	"io"
	"sync"
)

// Prefixer puts a host's name before each line of its output. Lines of several hosts do not mix.
type Prefixer struct {
	Prefix string
	To     io.Writer
	Lock   *sync.Mutex // shared by all that write to To
	rest   []byte
}

// Write passes whole lines on and keeps the rest.
func (p *Prefixer) Write(text []byte) (int, error) {
	p.rest = append(p.rest, text...)
	for {
		i := bytes.IndexByte(p.rest, '\n')
		if i < 0 {
			return len(text), nil
		}
		if err := p.line(p.rest[:i+1]); err != nil {
			return 0, err
		}
		p.rest = p.rest[i+1:]
	}
}

// Close passes on a last line without an end.
func (p *Prefixer) Close() error {
	if len(p.rest) == 0 {
		return nil
	}
	line := append(p.rest, '\n')
	p.rest = nil
	return p.line(line)
}

func (p *Prefixer) line(text []byte) error {
	p.Lock.Lock()
	defer p.Lock.Unlock()
	_, err := p.To.Write(append([]byte(p.Prefix), text...))
	return err
}
