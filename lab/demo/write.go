// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The files of a report.
const (
	htmlFile = "report.html"
	jsonFile = "report.json"
)

// Clear makes the folder for the reports and removes those of an earlier demo, so that they are not taken for this one's.
func Clear(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder for the reports: %w", err)
	}
	for _, name := range []string{htmlFile, jsonFile} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove an old report: %w", err)
		}
	}
	return nil
}

// Write writes the reports and returns their paths.
func Write(dir string, o Outcome) ([]string, error) {
	var html, text bytes.Buffer
	if err := errors.Join(WriteHTML(&html, o), o.Report.WriteJSON(&text)); err != nil {
		return nil, err
	}
	var paths []string
	for _, f := range []struct {
		name string
		text []byte
	}{{htmlFile, html.Bytes()}, {jsonFile, text.Bytes()}} {
		path := filepath.Join(dir, f.name)
		if err := os.WriteFile(path, f.text, 0o644); err != nil {
			return paths, fmt.Errorf("write the report: %w", err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}
