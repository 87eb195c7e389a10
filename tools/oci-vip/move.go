// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
)

func moveCommand() *cli.Command {
	return &cli.Command{
		Name:      "move",
		Usage:     "how pacemaker is told to move an address",
		ArgsUsage: "RESOURCE [NODE]",
		Description: "An address that pacemaker manages must be moved by pacemaker: moved behind its back, it would be taken back.\n" +
			"This prints the commands; it runs none.\n\n" +
			"Examples:\n" +
			"   oci-vip move Cluster_VIP\n" +
			"   oci-vip move Cluster_VIP vrouter2",
		Flags:  []cli.Flag{commandline.JSONFlag()},
		Action: move,
	}
}

func move(c *cli.Context) error {
	if c.NArg() < 1 || c.NArg() > 2 {
		return commandline.Usagef("move: which resource? See oci-vip move --help")
	}
	resource, node := c.Args().Get(0), c.Args().Get(1)
	to := ""
	low := fmt.Sprintf("crm_resource --move --resource %s", resource)
	if node != "" {
		to = " " + node
		low += " --node " + node
	}
	answer := []struct {
		With string   `json:"with"`
		Run  []string `json:"run"`
	}{
		{"pcs", []string{"pcs resource move " + resource + to, "pcs resource clear " + resource}},
		{"any", []string{low, "crm_resource --wait --timeout=120s", "crm_resource --clear --resource " + resource}},
	}
	if c.Bool("json") {
		return commandline.PrintJSON(c, answer)
	}
	w := c.App.Writer
	fmt.Fprintf(w, "Pacemaker moves %s. With pcs (0.11 and later take the constraint away themselves):\n", resource)
	for _, line := range answer[0].Run {
		fmt.Fprintln(w, "   "+line)
	}
	fmt.Fprintln(w, "Or with pacemaker's own commands, on every distribution:")
	for _, line := range answer[1].Run {
		fmt.Fprintln(w, "   "+line)
	}
	fmt.Fprintln(w, "Where the constraint is still there (pcs before 0.11, a move that failed), the last line is needed: a constraint left\nbehind (cli-prefer-, cli-ban-) binds the address to a node.")
	return nil
}
