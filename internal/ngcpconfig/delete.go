// SPDX-License-Identifier: Apache-2.0

package ngcpconfig

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// deleted returns the lines without that of section.key, and without the section's own if the key was its last. sec is
// nil if the section has no entry in root.
func deleted(name string, lines []string, root ast.Node, sec *ast.MappingValueNode, section, key string) ([]byte, error) {
	if sec == nil {
		return nil, unwritten(name, root, 1, section, key)
	}
	own := sec.Key.GetToken().Position.Line
	pair, ok := entry(sec.Value, key)
	if !ok {
		return nil, unwritten(name, sec.Value, own, section, key)
	}
	i, _, err := single(name, lines, pair)
	if err != nil {
		return nil, err
	}
	lines = slices.Delete(lines, i, i+1)
	if len(entries(sec.Value)) == 1 && own-1 < i { // else both were on one line
		lines = slices.Delete(lines, own-1, own)
	}
	return []byte(strings.Join(lines, "")), nil
}

// unwritten is the error for a key that is in the data but has no line of its own below n. The line is that of the merge
// key or alias it comes from, or the given one.
func unwritten(name string, n ast.Node, line int, section, key string) error {
	from := n
	for _, e := range entries(n) {
		if e.Key.IsMergeKey() {
			from = e.Key
		}
	}
	switch from.(type) {
	case *ast.MergeKeyNode, *ast.AliasNode:
		return fmt.Errorf("%s:%d: %s.%s comes from a merge key or an alias, so it has no line to delete: unset it by hand",
			name, from.GetToken().Position.Line, section, key)
	}
	return fmt.Errorf("%s:%d: %s.%s is not in a plain block of keys (%w): unset it by hand", name, line, section, key, errForm)
}
