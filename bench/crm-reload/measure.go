// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"
)

// way is one way to load.
type way struct {
	name   string
	argv   []string
	loaded bool // the file is loaded before the time is taken
	code   int
	times  []float64
	writes int
}

type bench struct {
	dir, file, cib string
	resources      int
}

// empty is the CIB that the file is loaded into.
const empty = `<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">` +
	`<configuration><crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>`

func (b bench) measure(w *way, ours []string) error {
	if err := os.WriteFile(b.cib, []byte(empty), 0o600); err != nil {
		return err
	}
	if w.loaded {
		if _, err := b.command(append(slices.Clone(ours), b.file)...); err != nil {
			return err
		}
	}
	before, _, err := b.state()
	if err != nil {
		return err
	}
	began := time.Now()
	code, err := b.command(w.argv...)
	took := time.Since(began)
	if err != nil {
		return err
	}
	if code != w.code {
		return fmt.Errorf("%s ended with %d", w.name, code)
	}
	epoch, primitives, err := b.state()
	if err != nil {
		return err
	}
	if want := b.resources; w.code == 0 && primitives != want {
		return fmt.Errorf("%s has loaded %d of %d resources", w.name, primitives, want)
	}
	w.times = append(w.times, float64(took.Microseconds())/1000)
	w.writes = epoch - before
	return nil
}

func (b bench) command(argv ...string) (int, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), "CIB_file="+b.cib, "HOME="+b.dir, "LC_ALL=C.UTF-8")
	out, err := cmd.CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		return 0, fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, out)
	}
	return cmd.ProcessState.ExitCode(), nil
}

var epochRE = regexp.MustCompile(`\bepoch="([0-9]+)"`)

func (b bench) state() (epoch, primitives int, err error) {
	text, err := os.ReadFile(b.cib)
	if err != nil {
		return 0, 0, err
	}
	if m := epochRE.FindSubmatch(text); m != nil {
		fmt.Sscan(string(m[1]), &epoch)
	}
	return epoch, strings.Count(string(text), "<primitive"), nil
}
