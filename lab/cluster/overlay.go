// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// private are folders whose content belongs to the host's people (keys and ~/.oci among it) and changes while nodes are
// made: empty in a node.
var private = []string{"root", "home", "mnt", "media", "var/tmp"}

// mountRoot mounts a memory file system for what the node writes, and the overlay over lower. The memory is a file
// system of its own because overlayfs refuses an upper folder inside the lower tree.
func (n *Node) mountRoot(lower string) error {
	disk := filepath.Join(n.dir, "disk")
	for _, dir := range []string{disk, n.root()} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	if err := unix.Mount("ocf-lab", disk, "tmpfs", 0, "mode=755"); err != nil {
		return fmt.Errorf("mount memory file system at %s: %w", disk, err)
	}
	if err := hideBelow(lower, "", filepath.Join(disk, "up")); err != nil {
		return err
	}
	if err := overlay(lower, filepath.Join(disk, "up"), filepath.Join(disk, "work"), n.root()); err != nil {
		return err
	}
	// overlayfs does not look through mounts in the lower tree (/var on a disk of its own).
	below, err := diskMounts(lower)
	if err != nil {
		return err
	}
	for i, at := range below {
		if slices.Contains(private, at) {
			continue // hidden already, with whatever is mounted there
		}
		own := filepath.Join(disk, fmt.Sprint("mount", i))
		if err := hideBelow(lower, at, own+"/up"); err != nil {
			return err
		}
		if err := overlay(filepath.Join(lower, at), own+"/up", own+"/work", filepath.Join(n.root(), at)); err != nil {
			return err
		}
	}
	return nil
}

func overlay(lower, upper, work, at string) error {
	for _, dir := range []string{upper, work} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	data := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s", lower, upper, work)
	if err := unix.Mount("ocf-lab", at, "overlay", 0, data); err != nil {
		return fmt.Errorf("mount overlay at %s (%s): %w", at, data, err)
	}
	return nil
}

// hideBelow hides the private folders that are below the folder at of the lower tree, which the upper folder covers.
func hideBelow(lower, at, upper string) error {
	for _, name := range private {
		inside, err := filepath.Rel(at, name)
		if err != nil || inside == "." || strings.HasPrefix(inside, "..") {
			continue
		}
		if err := hide(filepath.Join(lower, name), filepath.Join(upper, inside)); err != nil {
			return err
		}
	}
	return nil
}

// hide makes the folder upper an empty one that covers lower in an overlay mounted later: without touching
// what may be a million files. No lower folder: nothing to hide.
func hide(lower, upper string) error {
	st, err := os.Lstat(lower)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && !st.IsDir()) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(upper, 0o755); err != nil {
		return err
	}
	if err := os.Chmod(upper, st.Mode()&(fs.ModePerm|fs.ModeSticky)); err != nil {
		return err
	}
	if err := unix.Setxattr(upper, "trusted.overlay.opaque", []byte("y"), 0); err != nil {
		return fmt.Errorf("hide %s: %w", lower, err)
	}
	return nil
}

// diskMounts lists, as paths relative to root, what is mounted below root from disks into the folders that belong to
// the system, outer ones first.
func diskMounts(root string) ([]string, error) {
	b, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("list mounts: %w", err)
	}
	disks := []string{"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "zfs", "bcachefs"}
	system := []string{"usr", "etc", "var", "opt", "srv"}
	var found []string
	for line := range strings.Lines(string(b)) {
		// proc_pid_mountinfo(5): ID parent major:minor root MOUNTPOINT options [fields] - TYPE source options
		head, tail, _ := strings.Cut(line, " - ")
		fields, kind := strings.Fields(head), strings.Fields(tail)
		if len(fields) < 5 || len(kind) < 1 || !slices.Contains(disks, kind[0]) {
			continue
		}
		at, err := filepath.Rel(root, unescapeOctal(fields[4]))
		first, _, _ := strings.Cut(at, "/")
		if err == nil && slices.Contains(system, first) && !strings.ContainsAny(at, ",:\\") {
			found = append(found, at)
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}
