// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"ocf-oci/internal/ocf"
)

// levelMachine is the check level (OCF 1.1) from which validate-all looks at this machine.
const levelMachine = 10

// validate checks the parameters, and from level 10 on whether this node could run the services.
func validate(ctx context.Context, call *ocf.Call) ocf.Result {
	s, bad := readSettings(call.Request)
	if bad != nil {
		return bad.result(ocf.ErrConfigured)
	}
	if call.CheckLevel < levelMachine {
		return ocf.OK()
	}
	sup, bad := choose(call, s, record{})
	if bad != nil {
		return bad.result(ocf.ErrInstalled)
	}
	v, bad := sup.look(ctx)
	if bad != nil && (bad.reason == reasonHung || bad.reason == reasonGarbled || bad.reason == reasonSystemd) {
		call.Log.Warn(bad.text()) // it cannot be told
		return ocf.OK()
	}
	if bad != nil {
		return bad.result(ocf.ErrInstalled)
	}
	var missing []member
	for _, m := range v.members {
		switch {
		case m.missing:
			missing = append(missing, m)
		case m.atBoot != "":
			call.Log.Warn(m.name + ": " + m.atBoot + "; only the cluster may start it")
		}
	}
	if len(missing) > 0 {
		return reasonUnknown.Result(ocf.ErrInstalled, sup.name(), list(missing))
	}
	return ocf.OK()
}
