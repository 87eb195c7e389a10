// SPDX-License-Identifier: Apache-2.0

// pictures records the terminal pictures of the documentation: the real commands on the lab's NGCP pair, in panes of
// tmux. Run it by: make pictures
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run("build/bin", "docs/pictures"); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}
