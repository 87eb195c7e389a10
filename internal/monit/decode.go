// SPDX-License-Identifier: Apache-2.0

package monit

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// document is the answer of _status2. In _status (monit before 5.0) names are elements; both are read.
type document struct {
	XMLName     xml.Name `xml:"monit"`
	Version     string   `xml:"version,attr"`
	Incarnation string   `xml:"incarnation,attr"`
	Server      struct {
		Version     string `xml:"version"`
		Incarnation string `xml:"incarnation"`
		Poll        int    `xml:"poll"`
	} `xml:"server"`
	Services []serviceXML `xml:"services>service"`
	Old      []serviceXML `xml:"service"`
	Groups   []struct {
		Name     string   `xml:"name,attr"`
		Services []string `xml:"service"`
	} `xml:"servicegroups>servicegroup"`
}

type serviceXML struct {
	Name      string `xml:"name,attr"`
	NameChild string `xml:"name"`
	Type      *int   `xml:"type"`
	TypeAttr  *int   `xml:"type,attr"`
	Seconds   int64  `xml:"collected_sec"`
	Micro     int64  `xml:"collected_usec"`
	Status    uint64 `xml:"status"`
	Message   string `xml:"status_message"`
	Monitor   int    `xml:"monitor"`
	Mode      int    `xml:"monitormode"`
	OnReboot  int    `xml:"onreboot"`
	Pending   int    `xml:"pendingaction"`
	PID       int    `xml:"pid"`
}

// decode reads the daemon's XML. Whatever is cut short or is not that document is an error.
func decode(text []byte) (Status, error) {
	var d document
	decoder := xml.NewDecoder(bytes.NewReader(text))
	decoder.CharsetReader = charset
	if err := decoder.Decode(&d); err != nil {
		return Status{}, fmt.Errorf("reading monit's XML (%d bytes): %w", len(text), err)
	}
	s := Status{Version: d.Version, Incarnation: d.Incarnation, Poll: time.Duration(d.Server.Poll) * time.Second,
		Groups: map[string][]string{}}
	if s.Version == "" {
		s.Version = d.Server.Version
	}
	if s.Incarnation == "" {
		s.Incarnation = d.Server.Incarnation
	}
	for _, x := range append(d.Services, d.Old...) {
		service := Service{
			Name: x.Name, Monitoring: Monitoring(x.Monitor), Condition: Condition(x.Status), Message: strings.TrimSpace(x.Message),
			Pending: Action(x.Pending), NoStart: x.OnReboot == 1, Passive: x.Mode == 1, PID: x.PID, Collected: time.Unix(x.Seconds, x.Micro*1000),
		}
		if service.Name == "" {
			service.Name = x.NameChild
		}
		switch {
		case x.Type != nil:
			service.Type = Type(*x.Type)
		case x.TypeAttr != nil:
			service.Type = Type(*x.TypeAttr)
		default:
			return Status{}, fmt.Errorf("reading monit's XML: service %q has no type", service.Name)
		}
		s.Services = append(s.Services, service)
	}
	if len(s.Services) == 0 { // the machine itself is always one
		return Status{}, fmt.Errorf("reading monit's XML: there is no service in it")
	}
	for _, g := range d.Groups {
		s.Groups[g.Name] = g.Services
	}
	return s, nil
}

// charset decodes the encodings that monit has declared over the years. Bytes above 127 come from the control file, in
// whatever encoding that has; as Latin 1 none of them is an error.
func charset(label string, input io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "utf-8":
		return input, nil
	case "iso-8859-1", "latin1", "us-ascii", "iso-8859-15", "windows-1252":
		return &latin1{in: bufio.NewReader(input)}, nil
	}
	return nil, fmt.Errorf("the encoding %q is unknown", label)
}

// latin1 turns bytes into UTF-8: ISO-8859-1 is the first 256 characters of Unicode.
type latin1 struct {
	in   *bufio.Reader
	rest []byte
}

func (l *latin1) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(l.rest) > 0 {
			p[n], l.rest = l.rest[0], l.rest[1:]
			n++
			continue
		}
		if n > 0 && l.in.Buffered() == 0 {
			break
		}
		b, err := l.in.ReadByte()
		if err != nil {
			if n > 0 {
				return n, nil
			}
			return 0, err
		}
		l.rest = append(l.rest[:0], string(rune(b))...)
	}
	return n, nil
}
