// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"ocf-oci/internal/commandline"
	"ocf-oci/internal/ngcpha/settings"
)

// cibFlag is for the commands that only read.
func cibFlag() cli.Flag {
	return &cli.StringFlag{Name: "cib", Usage: "read the CIB in `FILE` instead of the live cluster"}
}

func timeoutFlag(d time.Duration) cli.Flag {
	return &cli.DurationFlag{Name: "timeout", Usage: "give up after `D`, such as 30s or 2m", Value: d}
}

func settingsFlag() cli.Flag {
	return &cli.StringFlag{Name: "settings", Usage: "`FILE` with names of groups and resources", Value: settings.DefaultPath}
}

// vipsFlag and servicesFlag name the two groups, before the settings file does.
func vipsFlag() cli.Flag {
	return &cli.StringFlag{Name: "vips", Usage: "group of shared addresses (default: g_vips, or as the settings say)"}
}

func servicesFlag() cli.Flag {
	return &cli.StringFlag{Name: "services", Usage: "group of services (default: g_ngcp, or as the settings say)"}
}

// settingsOf returns the settings of the file, with what flags say before it.
func settingsOf(c *cli.Context) (settings.Settings, error) {
	file := c.String("settings")
	s, err := settings.Read(file, c.IsSet("settings"))
	if err != nil {
		return s, err
	}
	if v := c.String("vips"); v != "" {
		s.Groups.VIPs = v
	}
	if v := c.String("services"); v != "" {
		s.Groups.Services = v
	}
	return s, nil
}

// bounded is the command's context with its --timeout.
func bounded(c *cli.Context) (context.Context, context.CancelFunc, error) {
	d := c.Duration("timeout")
	if d <= 0 {
		return nil, nil, commandline.Usagef("%s: --timeout must be positive, not %s", c.Command.Name, d)
	}
	ctx, cancel := context.WithTimeoutCause(c.Context, d, fmt.Errorf("no answer within %s (--timeout): %w", d, context.DeadlineExceeded))
	return ctx, cancel, nil
}
