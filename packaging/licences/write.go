// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strings"
)

const header = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: ocf-oci
Comment: The programs are static: the modules below are linked into them.

Files: *
Copyright: 2026, the ocf-oci authors
License: Apache-2.0
`

// apache refers to the text that every Debian system has; an RPM carries the file LICENSE besides.
const apache = `
License: Apache-2.0
 Licensed under the Apache License, Version 2.0. On Debian systems its text is in
 /usr/share/common-licenses/Apache-2.0; it is also at
 https://www.apache.org/licenses/LICENSE-2.0
`

func run(packages []string, stdout, stderr io.Writer) int {
	modules, err := linked(packages)
	if err != nil {
		fmt.Fprintln(stderr, "licences:", err)
		return 1
	}
	var out strings.Builder
	out.WriteString(header)
	for i, m := range modules {
		l, err := m.licence()
		if err != nil {
			fmt.Fprintln(stderr, "licences:", err)
			return 1
		}
		name := l.kind
		if name != "Apache-2.0" {
			name = fmt.Sprintf("%s-%d", l.kind, i+1) // the texts differ in their names
		}
		fmt.Fprintf(&out, "\nFiles: %s\nCopyright: %s\nLicense: %s\n", m.files(), strings.Join(l.holders, "\n "), name)
		if name != "Apache-2.0" {
			out.WriteString(indented(l.text))
		}
	}
	out.WriteString(apache)
	if _, err := io.WriteString(stdout, out.String()); err != nil {
		fmt.Fprintln(stderr, "licences:", err)
		return 1
	}
	return 0
}

// indented writes a text as the continuation of a field: a blank before each line, a dot for an empty one.
func indented(text string) string {
	var out strings.Builder
	for line := range strings.Lines(strings.TrimSpace(text)) {
		line = strings.TrimRight(line, " \t\r\n")
		if line == "" {
			line = "."
		}
		out.WriteString(" " + line + "\n")
	}
	return out.String()
}
