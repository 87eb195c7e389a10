// SPDX-License-Identifier: Apache-2.0

package ngcpconfig

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"ocf-oci/internal/yamllimit"
)

// Get returns the scalar at section.key; false if it is not there. The error has line and column.
func Get(name string, text []byte, section, key string) (string, bool, error) {
	data, err := decode(name, text)
	if err != nil {
		return "", false, err
	}
	v, ok := at(data, section, key)
	if !ok || v == nil {
		return "", false, nil
	}
	switch v.(type) {
	case map[string]any, []any:
		return "", false, fmt.Errorf("%s: %s.%s is no single value", name, section, key)
	}
	return fmt.Sprint(v), true, nil
}

// Set returns the text with section.key set to a plain word. It makes the key, and the section, if they are not there.
// Nothing else changes, which is checked before it returns.
func Set(name string, text []byte, section, key, value string) ([]byte, error) {
	before, err := decode(name, text)
	if err != nil {
		return nil, err
	}
	out, err := edited(name, text, section, key, &value)
	if err != nil {
		return nil, err
	}
	return verified(name, out, before, section, key, value)
}

// Unset returns the text without section.key, and without the section if nothing else is in it: a section left without
// keys would be null, which wipes that of an earlier layer. Comments stay. A key that is not there is no error; one that
// the section has through a merge key or an alias is.
func Unset(name string, text []byte, section, key string) ([]byte, error) {
	before, err := decode(name, text)
	if err != nil {
		return nil, err
	}
	if _, ok := at(before, section, key); !ok {
		return text, nil
	}
	out, err := edited(name, text, section, key, nil)
	if err != nil {
		return nil, err
	}
	return verified(name, out, before, section, key, nil)
}

// verified compares what a file means before and after an edit.
func verified(name string, out []byte, before map[string]any, section, key string, value any) ([]byte, error) {
	after, err := decode(name, out)
	if err != nil {
		return nil, fmt.Errorf("%s would be broken by setting %s.%s, so it is left alone: %w", name, section, key, err)
	}
	sub, _ := before[section].(map[string]any)
	if sub == nil {
		sub = map[string]any{}
	}
	if value == nil {
		delete(sub, key)
	} else {
		sub[key] = value
	}
	before[section] = sub
	if len(sub) == 0 {
		delete(before, section)
	}
	if !reflect.DeepEqual(before, after) {
		return nil, fmt.Errorf("%s: setting %s.%s would change more than that (an anchor, or an unusual form): set it by hand", name, section, key)
	}
	return out, nil
}

func decode(name string, text []byte) (map[string]any, error) {
	data := map[string]any{}
	if len(bytes.TrimSpace(text)) == 0 {
		return data, nil
	}
	if err := yamllimit.Check(name, text); err != nil {
		return nil, err
	}
	if err := yaml.Unmarshal(text, &data); err != nil {
		return nil, fmt.Errorf("%s: %s", name, strings.TrimSpace(yaml.FormatError(err, false, false)))
	}
	if data == nil {
		data = map[string]any{}
	}
	return data, nil
}

func at(data map[string]any, section, key string) (any, bool) {
	sub, ok := data[section].(map[string]any)
	if !ok {
		return nil, false
	}
	v, ok := sub[key]
	return v, ok
}

// edited makes the edit on the lines of the file. A nil value deletes the key's line, and the section's with its last key.
func edited(name string, text []byte, section, key string, value *string) ([]byte, error) {
	file, err := parser.ParseBytes(text, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", name, strings.TrimSpace(yaml.FormatError(err, false, false)))
	}
	lines := strings.SplitAfter(string(text), "\n")
	sec, ok := entry(body(file), section)
	if value == nil {
		return deleted(name, lines, body(file), sec, section, key)
	}
	if !ok {
		return appended(text, section, key, *value), nil
	}
	pair, ok := entry(sec.Value, key)
	if ok {
		return onLine(name, lines, pair, *value)
	}
	first := firstEntry(sec.Value)
	if first == nil {
		if _, null := sec.Value.(*ast.NullNode); !null {
			return nil, fmt.Errorf("%s: %s is no block of keys: set %s.%s by hand", name, section, section, key)
		}
		n := sec.Key.GetToken().Position.Line
		return insert(lines, n, "  "+key+": "+*value), nil
	}
	pos := first.Key.GetToken().Position
	if pos.Line == sec.Key.GetToken().Position.Line {
		return nil, fmt.Errorf("%s: %s is written in braces on one line: set %s.%s by hand", name, section, section, key)
	}
	return insert(lines, pos.Line-1, strings.Repeat(" ", pos.Column-1)+key+": "+*value), nil
}

func body(f *ast.File) ast.Node {
	for _, d := range f.Docs { // a comment before "---" is a document too
		if len(entries(d.Body)) > 0 {
			return d.Body
		}
	}
	return nil
}

// entries are the pairs of a block of keys.
func entries(n ast.Node) []*ast.MappingValueNode {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}
	}
	return nil
}

func firstEntry(n ast.Node) *ast.MappingValueNode {
	if all := entries(n); len(all) > 0 {
		return all[0]
	}
	return nil
}

func entry(n ast.Node, key string) (*ast.MappingValueNode, bool) {
	for _, e := range entries(n) {
		if e.Key.GetToken().Value == key {
			return e, true
		}
	}
	return nil, false
}

func insert(lines []string, after int, line string) []byte {
	if after > 0 && !strings.HasSuffix(lines[after-1], "\n") {
		lines[after-1] += "\n"
	}
	return []byte(strings.Join(lines[:after], "") + line + "\n" + strings.Join(lines[after:], ""))
}

func appended(text []byte, section, key, value string) []byte {
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		text = append(bytes.Clone(text), '\n')
	}
	return fmt.Appendf(bytes.Clone(text), "%s:\n  %s: %s\n", section, key, value)
}

var errForm = errors.New("unusual form")

// single finds the line (from 0) and the column of a pair that is a single value on one line.
func single(name string, lines []string, pair *ast.MappingValueNode) (i, from int, err error) {
	keyTok := pair.Key.GetToken()
	i = keyTok.Position.Line - 1
	from = strings.Index(lines[i], keyTok.Value+":")
	_, null := pair.Value.(*ast.NullNode)
	_, isScalar := pair.Value.(ast.ScalarNode)
	if from < 0 || !isScalar || (!null && pair.Value.GetToken().Position.Line != keyTok.Position.Line) {
		return 0, 0, fmt.Errorf("%s:%d: %s is not a single value on one line (%w): set it by hand", name, i+1, keyTok.Value, errForm)
	}
	return i, from, nil
}

// onLine replaces the value of a pair on its line.
func onLine(name string, lines []string, pair *ast.MappingValueNode, value string) ([]byte, error) {
	i, from, err := single(name, lines, pair)
	if err != nil {
		return nil, err
	}
	keyTok, line := pair.Key.GetToken(), lines[i]
	head, rest := line[:from+len(keyTok.Value)+1], line[from+len(keyTok.Value)+1:]
	if _, null := pair.Value.(*ast.NullNode); null {
		lines[i] = head + " " + value + rest
		return []byte(strings.Join(lines, "")), nil
	}
	blanks := rest[:len(rest)-len(strings.TrimLeft(rest, " \t"))]
	rest = rest[len(blanks):]
	old := pair.Value.GetToken().Value
	for _, quote := range []string{`"`, `'`, ""} {
		if after, ok := strings.CutPrefix(rest, quote+old+quote); ok {
			lines[i] = head + blanks + quote + value + quote + after
			return []byte(strings.Join(lines, "")), nil
		}
	}
	return nil, fmt.Errorf("%s:%d: the value of %s is written in a way that is not understood (%w): set it by hand", name, i+1, keyTok.Value, errForm)
}
