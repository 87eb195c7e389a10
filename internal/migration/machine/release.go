// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ocf-oci/internal/duplicate"
	"ocf-oci/internal/heartbeat"
	"ocf-oci/internal/heartbeatconvert"
	"ocf-oci/internal/ifaddr"
	"ocf-oci/internal/migration"
)

// release lets go of services and addresses, and reports the moment when no address is left.
func (m *Machine) release(ctx context.Context, o migration.Order, j migration.Journal, event func(string)) error {
	if j.Taken { // what this node took in this very run it keeps
		return nil
	}
	// Where the old stack is gone there is nothing of it.
	if !j.Released && m.oldStack(o.Direction) {
		shared, err := m.shared()
		if err != nil {
			return err
		}
		release := m.releaseHeartbeat
		if o.Direction == migration.Backward {
			release = m.releasePacemaker
		}
		if err := release(ctx, shared, event); err != nil {
			return err
		}
		if err := dropAddresses(ctx, shared); err != nil {
			return err
		}
		j.Released = true
		if err := m.store.Write(j); err != nil {
			return err
		}
	}
	event(migration.Released)
	return nil
}

// oldStack tells whether the stack that is left is still installed.
func (m *Machine) oldStack(d migration.Direction) bool {
	if d == migration.Forward {
		return resourceManager() != ""
	}
	return exists("/lib/systemd/system/pacemaker.service")
}

// releaseHeartbeat stops the resources from right to left, as Heartbeat would, but without its reboot when one
// does not stop: then those that were stopped are started again, and the error tells which it was.
func (m *Machine) releaseHeartbeat(ctx context.Context, _ []heartbeatconvert.Address, event func(string)) error {
	s, err := m.source()
	if err != nil {
		return err
	}
	all := resourcesOf(s)
	for i := len(all) - 1; i >= 0; i-- {
		begun := time.Now()
		if isVIP(all[i]) {
			continue // release takes all of them away at one moment, which is quicker than their scripts
		}
		if err := m.script(ctx, all[i], "stop"); err != nil {
			for _, r := range all[i:] {
				if !isVIP(r) {
					err = errors.Join(err, m.script(context.WithoutCancel(ctx), r, "start"))
				}
			}
			return fmt.Errorf("%w\nwhat had been stopped was started again: see why it does not stop, then run it once more", err)
		}
		event(fmt.Sprintf("stopped %s (%.1f s)", all[i].Text, time.Since(begun).Seconds()))
	}
	return nil
}

func isVIP(r heartbeat.Resource) bool {
	return slices.Contains([]string{"IPaddr", "IPaddr2", "IPv6addr"}, r.Script)
}

// releasePacemaker has pacemaker stop all its resources.
func (m *Machine) releasePacemaker(ctx context.Context, shared []heartbeatconvert.Address, event func(string)) error {
	if !m.active(ctx, "pacemaker.service") {
		return nil
	}
	if err := m.property(ctx, "stop-all-resources", "true"); err != nil {
		return err
	}
	if err := m.property(ctx, "maintenance-mode", "false"); err != nil {
		return err
	}
	event("pacemaker stops its resources")
	return retry(ctx, 3*time.Minute, func(ctx context.Context) error {
		here, err := present(ctx)
		if err != nil {
			return err
		}
		if left := held(shared, here); len(left) > 0 {
			return fmt.Errorf("pacemaker has not released %v", left)
		}
		return nil
	})
}

// present are the addresses of this node's cards.
func present(ctx context.Context) ([]netip.Addr, error) {
	h, err := ifaddr.Open(nil)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	t, err := h.Table(ctx)
	if err != nil {
		return nil, err
	}
	var all []netip.Addr
	for _, a := range t.Addresses {
		all = append(all, a.Prefix.Addr())
	}
	return all, nil
}

// dropAddresses takes away what is still there of the shared addresses, and reads back.
func dropAddresses(ctx context.Context, shared []heartbeatconvert.Address) error {
	h, err := ifaddr.Open(nil)
	if err != nil {
		return err
	}
	defer h.Close()
	for range 2 {
		t, err := h.Table(ctx)
		if err != nil {
			return err
		}
		left := 0
		for _, a := range t.Addresses {
			if slices.ContainsFunc(shared, func(s heartbeatconvert.Address) bool { return s.IP == a.Prefix.Addr() }) {
				left++
				if err := h.Remove(a); err != nil {
					return fmt.Errorf("take %s away from %s: %w", a.Prefix, a.LinkName, err)
				}
			}
		}
		if left == 0 {
			return nil
		}
	}
	return nil
}

// take starts the resources that this node was kept from. The order is only given when nobody else has them; alone, and
// where that is not certain, the network is asked.
func (m *Machine) take(ctx context.Context, o migration.Order, j migration.Journal, event func(string)) error {
	shared, err := m.shared()
	if err != nil {
		return err
	}
	if o.Alone || o.Ask || j.Taken {
		if err := m.nobodyHas(ctx, shared); err != nil && j.Taken {
			event("another node has the addresses by now: " + err.Error())
			return nil
		} else if err != nil {
			return err
		}
	}
	if !j.Taken {
		j.Taken = true
		if err := m.store.Write(j); err != nil {
			return err
		}
	}
	if o.Direction == migration.Forward {
		err = m.takePacemaker(ctx)
	} else {
		err = m.takeHeartbeat(ctx, j)
	}
	if err != nil {
		return err
	}
	begun := time.Now()
	err = retry(ctx, 2*time.Minute, func(ctx context.Context) error {
		here, err := present(ctx)
		if err != nil {
			return err
		}
		if got := held(shared, here); len(got) < len(shared) {
			return fmt.Errorf("only %d of %d addresses are up (%v)", len(got), len(shared), got)
		}
		return nil
	})
	if err == nil {
		event(fmt.Sprintf("%d addresses up after %.1f s", len(shared), time.Since(begun).Seconds()))
	}
	return err
}

// takeHeartbeat brings haresources back and has Heartbeat's ResourceManager start each group, by its first resource.
func (m *Machine) takeHeartbeat(ctx context.Context, j migration.Journal) error {
	if !j.Steps[migration.Save].Done.IsZero() || !exists(haresources) {
		if err := m.restoreConfig(ctx, false); err != nil {
			return err
		}
	}
	s, err := m.source()
	if err != nil {
		return err
	}
	manager := resourceManager()
	if manager == "" {
		return errors.New("the ResourceManager of Heartbeat is not installed: roll back once more")
	}
	for _, g := range s.Groups {
		if _, err := m.run(ctx, manager, "takegroup", g.Resources[0].Text); err != nil {
			return fmt.Errorf("start the resources of %s: %w", g.Node.Text, err)
		}
	}
	return nil
}

// resourceManager is the path of Heartbeat's program for groups; empty if Heartbeat is not installed.
func resourceManager() string {
	for _, path := range []string{"/usr/share/heartbeat/ResourceManager", "/usr/lib/heartbeat/ResourceManager"} {
		if exists(path) {
			return path
		}
	}
	return ""
}

// nobodyHas asks the network for each shared address that is not here.
func (m *Machine) nobodyHas(ctx context.Context, shared []heartbeatconvert.Address) error {
	h, err := ifaddr.Open(nil)
	if err != nil {
		return err
	}
	t, err := h.Table(ctx)
	h.Close()
	if err != nil {
		return err
	}
	for _, a := range shared {
		card := a.Interface
		for _, l := range t.Addresses {
			if l.Prefix.Addr() != a.IP && l.Prefix.Contains(a.IP) && card == "" {
				card = l.LinkName
			}
		}
		link := slices.IndexFunc(t.Links, func(l ifaddr.Link) bool { return l.Name == card })
		if link < 0 || !a.IP.Is4() {
			continue // the kernel itself looks for duplicates of IPv6 addresses
		}
		mac, err := duplicate.Find(ctx, card, a.IP, ownMACs(t), time.Second)
		if err != nil {
			return fmt.Errorf("ask the network for %s: %w", a.IP, err)
		}
		if mac != nil {
			return fmt.Errorf("%s is answered by %s on %s: another node has it, so nothing is started here. If that is the peer, leave --local-only away", a.IP, mac, card)
		}
	}
	return nil
}

func ownMACs(t ifaddr.Table) (macs []net.HardwareAddr) {
	for _, l := range t.Links {
		macs = append(macs, l.MAC)
	}
	return macs
}

// active tells whether a unit runs.
func (m *Machine) active(ctx context.Context, unit string) bool {
	out, _ := m.run(ctx, "systemctl", "is-active", unit)
	return strings.TrimSpace(out) == "active"
}
