// SPDX-License-Identifier: Apache-2.0

package main

import "github.com/urfave/cli/v2"

// constructors are the commands in the order of the help, each from a file of its own. A new command is one line here.
var constructors = []func() *cli.Command{
	statusCommand,
	failcountsCommand,
	activeCommand,
	standbyCommand,
	checkActiveCommand,
	nodeCommand,
	maintenanceCommand,
	scoresCommand,
	servicesCommand,
	checkCommand,
	parallelCommand,
	crmReloadCommand,
	showCommand,
	convertCommand,
	migrateCommand,
	migrateNodeCommand,
}

// classicNames are the names that the handbook's tools have, and what they are called here.
var classicNames = map[string][]string{
	"ngcp-ha-show-failcounts":  {"failcounts"},
	"ngcp-ha-clear-failcounts": {"failcounts", "clear"},
	"ngcp-make-active":         {"active"},
	"ngcp-make-standby":        {"standby"},
	"ngcp-check-active":        {"check-active"},
	"ngcp-check_active":        {"check-active"}, // before 2018
	"ngcp-ha-crm-reload":       {"crm-reload"},
	"ngcp-migrate-ha-crm":      {"migrate"},
	"ngcp-parallel-ssh":        {"parallel"},
}

// verbatim are the commands whose arguments hold a foreign command line: what follows the first argument is not ours.
var verbatim = map[string]bool{"parallel": true}
