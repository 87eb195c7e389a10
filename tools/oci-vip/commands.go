// SPDX-License-Identifier: Apache-2.0

package main

import "github.com/urfave/cli/v2"

func commands() []*cli.Command {
	return []*cli.Command{statusCommand(), checkCommand(), readyCommand(), policyCommand(), importCommand(), convertCommand(), moveCommand()}
}
