// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/urfave/cli/v2"
)

// patience is how long a person waits without being told what for.
const patience = 2 * time.Second

// slow says on a terminal what is waited for, if it takes longer than that; the caller stops it.
func slow(c *cli.Context, what string) (stop func()) {
	if !terminal(c.App.ErrWriter) {
		return func() {}
	}
	t := time.AfterFunc(patience, func() { fmt.Fprintf(c.App.ErrWriter, "%s ...\n", what) })
	return func() { t.Stop() }
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
