// SPDX-License-Identifier: Apache-2.0

package ocf

import (
	"context"
	"time"

	"ocf-oci/internal/command"
)

// toLogd hands a line to the cluster's own log daemon (HA_LOGD, HA_use_logd) by
// its client ha_logger, as the shell library does. False means that the line has
// not been taken and must go the usual way.
func (s *sink) toLogd(line string, debug bool) bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	args := []string{"-t", s.tag}
	if debug {
		args = append(args, "-D", "ha-debug")
	}
	_, err := command.Run(ctx, command.Command{Name: "ha_logger", Args: append(args, line), Env: s.environ})
	return err == nil
}
