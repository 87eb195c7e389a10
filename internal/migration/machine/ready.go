// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ocf-oci/internal/migration"
)

// Pacemaker thinks for a whole second about a changed cluster option (do_pe_invoke_callback in its controller waits for its
// own reading of the options), but not about a constraint that goes. So right before the hand-over a constraint takes the
// place of maintenance mode.

// holdID is the constraint that keeps every resource from every node. With this prefix crm-reload keeps it.
const holdID = "cli-ban-ngcp-migrate"

const holdXML = `<rsc_location id="` + holdID + `" rsc-pattern=".*"><rule id="` + holdID + `-rule" score="-INFINITY">` +
	`<expression id="` + holdID + `-expression" attribute="#uname" operation="defined"/></rule></rsc_location>`

// ready holds the resources by a constraint instead of maintenance mode. If that cannot be, they stay in maintenance mode.
func (m *Machine) ready(ctx context.Context, j migration.Journal, event func(string)) error {
	if j.Taken {
		return nil
	}
	shared, err := m.shared()
	if err != nil {
		return err
	}
	if _, err := m.run(ctx, "cibadmin", "--modify", "--allow-create", "--scope", "constraints", "--xml-text", holdXML); err != nil {
		return fmt.Errorf("hold the resources by a constraint: %w", err)
	}
	if err := m.property(ctx, "maintenance-mode", "false"); err != nil {
		return err
	}
	_, err = m.run(ctx, "crm_resource", "--wait", "--timeout=60s")
	if here, perr := present(ctx); err == nil && perr == nil {
		if got := held(shared, here); len(got) > 0 {
			err = fmt.Errorf("pacemaker started %v although it may not", got)
		}
	} else {
		err = errors.Join(err, perr)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("hold the resources by a constraint: %w", err), m.property(context.WithoutCancel(ctx), "maintenance-mode", "true"))
	}
	event("the resources wait for one word")
	return nil
}

// takePacemaker takes away whatever keeps pacemaker from starting the resources.
func (m *Machine) takePacemaker(ctx context.Context) error {
	// The constraint first: all else has been ended by ready, as a rule.
	_, deleteErr := m.run(ctx, "cibadmin", "--delete", "--scope", "constraints", "--xml-text", `<rsc_location id="`+holdID+`"/>`)
	for _, option := range []string{"maintenance-mode", "stop-all-resources"} {
		if out, err := m.run(ctx, "crm_attribute", "--type", "crm_config", "--name", option, "--query", "--quiet"); err == nil && strings.TrimSpace(out) == "true" {
			if err := m.property(ctx, option, "false"); err != nil {
				return err
			}
		}
	}
	if out, err := m.run(ctx, "cibadmin", "--query", "--scope", "constraints"); err != nil || strings.Contains(out, holdID) {
		return fmt.Errorf("the constraint %s still holds the resources; cibadmin --delete --scope constraints --xml-text '<rsc_location id=\"%[1]s\"/>' takes it away: %w",
			holdID, errors.Join(deleteErr, err))
	}
	return nil
}
