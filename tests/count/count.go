// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// command is the program; it returns the exit code.
func command() int {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go test -json PACKAGES | count CLASS")
		return 64
	}
	t := &tally{class: os.Args[1], output: map[string][]string{}}
	if err := t.read(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "count:", err)
		return 1
	}
	fmt.Printf("%s: %d passed, %d failed, %d skipped\n", t.class, t.passed, t.failed, t.skipped)
	if t.passed == 0 {
		fmt.Printf("%s: no test passed, so this class shows nothing\n", t.class)
	}
	if t.failed > 0 || t.passed == 0 {
		return 1
	}
	return 0
}

// event is a line of go test -json (go doc test2json).
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64 // seconds
}

type tally struct {
	class                   string
	passed, failed, skipped int
	output                  map[string][]string // of a test or package that still runs
}

func (t *tally) read(in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil {
				fmt.Fprintf(out, "%s", line) // a compiler's message
			} else {
				t.take(e, out)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (t *tally) take(e event, out io.Writer) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output", "build-output":
		t.output[key] = append(t.output[key], e.Output)
	case "pass", "fail", "skip":
		t.end(e, key, out)
		delete(t.output, key)
	}
}

func (t *tally) end(e event, key string, out io.Writer) {
	if e.Test == "" { // a package
		took := time.Duration(e.Elapsed * float64(time.Second)).Round(100 * time.Millisecond)
		fmt.Fprintf(out, "  %-4s %-50s %s\n", e.Action, e.Package, took)
		if e.Action == "fail" {
			t.failed++
			fmt.Fprint(out, strings.Join(t.output[key], ""))
		}
		return
	}
	switch e.Action {
	case "pass":
		t.passed++
	case "skip":
		t.skipped++
		fmt.Fprintf(out, "  skip %s\n%s", key, strings.Join(t.output[key], ""))
	case "fail":
		t.failed++
		fmt.Fprintf(out, "  FAIL %s\n%s", key, strings.Join(t.output[key], ""))
	}
}
