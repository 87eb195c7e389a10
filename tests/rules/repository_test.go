// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const root = "../.."

// files are the paths of all files of the repository, below root; what is built, test data and git's own are left out.
var files = sync.OnceValue(func() []string {
	var out []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, name)
		if d.IsDir() {
			switch {
			case rel == ".git", rel == "build", rel == "vendor", d.Name() == "testdata":
				return filepath.SkipDir
			}
			return nil
		}
		if rel != ".git" { // a worktree's
			out = append(out, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil {
		panic(err)
	}
	return out
})

// read returns a file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// source is a parsed Go file.
type source struct {
	name string // below root
	dir  string
	test bool
	file *ast.File
	set  *token.FileSet
}

// sources are all Go files.
var sources = sync.OnceValue(func() []source {
	var out []source
	for _, name := range files() {
		if filepath.Ext(name) != ".go" {
			continue
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, filepath.Join(root, name), nil, parser.ParseComments)
		if err != nil {
			panic(err)
		}
		out = append(out, source{name, filepath.ToSlash(filepath.Dir(name)), strings.HasSuffix(name, "_test.go"), f, set})
	}
	return out
})

// imports are the paths that a file imports.
func (s source) imports() []string {
	var out []string
	for _, i := range s.file.Imports {
		out = append(out, strings.Trim(i.Path.Value, `"`))
	}
	return out
}
