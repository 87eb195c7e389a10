// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"strings"
)

// masked are the units that systemd's own packages start on any machine and that a node of a lab has no use for: no
// seat, no devices, no clock, no disks, and nothing that runs at a time of its own choosing.
var masked = []string{
	"getty.target", "console-getty.service", "systemd-logind.service", "systemd-update-utmp.service", "systemd-update-utmp-runlevel.service",
	"systemd-ask-password-console.path", "systemd-ask-password-wall.path", "systemd-initctl.socket", "systemd-journald-audit.socket",
	"systemd-udevd.service", "systemd-udevd-control.socket", "systemd-udevd-kernel.socket", "systemd-udev-trigger.service", "systemd-udev-settle.service",
	"systemd-networkd.service", "systemd-networkd.socket", "systemd-resolved.service", "systemd-timesyncd.service", "systemd-time-wait-sync.service",
	"systemd-tmpfiles-clean.timer", "systemd-modules-load.service", "kmod-static-nodes.service", "systemd-random-seed.service", "systemd-pstore.service",
	"systemd-hwdb-update.service", "systemd-journal-catalog-update.service", "systemd-update-done.service", "ldconfig.service", "systemd-sysusers.service",
	"systemd-firstboot.service", "systemd-machine-id-commit.service", "systemd-repart.service", "systemd-pcrphase.service", "systemd-pcrphase-sysinit.service",
	"systemd-binfmt.service", "proc-sys-fs-binfmt_misc.automount", "proc-sys-fs-binfmt_misc.mount", "dev-hugepages.mount", "dev-mqueue.mount",
	"sys-fs-fuse-connections.mount", "sys-kernel-config.mount", "sys-kernel-debug.mount", "sys-kernel-tracing.mount",
	"systemd-remount-fs.service", "systemd-boot-random-seed.service", "systemd-network-generator.service", "systemd-tpm2-setup.service", "systemd-tpm2-setup-early.service",
}

// units enables pcsd and what the lab asks for, and masks the rest. The default folder of enabled units is empty by now.
func (t tree) units(extra []string) error {
	for _, unit := range masked {
		if err := t.symlink("/dev/null", "/etc/systemd/system/"+unit); err != nil {
			return err
		}
	}
	enabled := append([]string{"pcsd.service"}, extra...)
	if _, err := t.read("/lib/systemd/system/pcsd-ruby.service"); err == nil {
		enabled = append(enabled, "pcsd-ruby.service") // not required by pcsd.service in pcs 0.10
	}
	for _, unit := range enabled {
		if err := t.symlink("/lib/systemd/system/"+unit, "/etc/systemd/system/multi-user.target.wants/"+unit); err != nil {
			return err
		}
	}
	if err := t.symlink("/lib/systemd/system/multi-user.target", "/etc/systemd/system/default.target"); err != nil {
		return err
	}
	if err := t.quicken(); err != nil {
		return err
	}
	// Kept over a crash, so that one can read what happened before it.
	return t.text("/etc/systemd/journald.conf.d/ocf-lab.conf", "[Journal]\nStorage=persistent\nSystemMaxUse=64M\nRateLimitIntervalSec=0\nReadKMsg=no\nAudit=no\nForwardToSyslog=no\nForwardToConsole=no\n")
}

// quicken takes away what makes every enabling, disabling and reload of units slow without being used: generators for disks
// and consoles, and init scripts beside a unit of the same name (for each, systemctl would run update-rc.d, which
// reloads systemd twice). pcs enables, disables and reloads some twenty times in one cluster setup.
func (t tree) quicken() error {
	for _, dir := range []string{"/usr/lib/systemd/system-generators", "/lib/systemd/system-generators"} {
		names, err := t.list(dir)
		if err != nil {
			return err
		}
		for _, name := range names {
			if name == "systemd-sysv-generator" {
				continue // for services that have only an init script
			}
			if err := t.symlink("/dev/null", "/etc/systemd/system-generators/"+name); err != nil {
				return err
			}
		}
	}
	units, err := t.list("/lib/systemd/system")
	if err != nil {
		return err
	}
	for _, unit := range units {
		name, service := strings.CutSuffix(unit, ".service")
		if !service {
			continue
		}
		if err := t.remove("/etc/init.d/" + name); err != nil {
			return err
		}
	}
	return nil
}
