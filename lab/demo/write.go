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
	svgFile  = "timeline.svg"
	jsonFile = "report.json"
	diagFile = "failure.txt" // only when something went wrong
)

// Clear makes the folder for the reports and removes those of an earlier demo, so that they are not taken for this one's.
func Clear(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder for the reports: %w", err)
	}
	for _, name := range []string{htmlFile, svgFile, jsonFile, diagFile} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove an old report: %w", err)
		}
	}
	return nil
}

// Write writes the reports, as far as there is something to report, and returns their paths.
func Write(dir string, o Outcome) ([]string, error) {
	type file struct {
		name string
		text []byte
	}
	var files []file
	if len(o.Recording.Streams) > 0 {
		var html, svg, text bytes.Buffer
		if err := errors.Join(WriteHTML(&html, o), WriteSVG(&svg, o), o.Report.WriteJSON(&text)); err != nil {
			return nil, err
		}
		files = append(files, file{htmlFile, html.Bytes()}, file{svgFile, svg.Bytes()}, file{jsonFile, text.Bytes()})
	}
	if o.Diagnosis != "" {
		files = append(files, file{diagFile, []byte(o.Diagnosis)})
	}
	var paths []string
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		if err := os.WriteFile(path, f.text, 0o644); err != nil {
			return paths, fmt.Errorf("write the report: %w", err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}
