# SPDX-License-Identifier: Apache-2.0
# Process 1 of a node until the real init takes over. Runs in the node's new mount, pid, uts, ipc and cgroup
# namespaces and in its network namespace; makes the node's own file systems and enters its root.
#   boot ROOT TAG INIT...
# ROOT: the mounted overlay. TAG: DMI chassis asset tag, or empty. INIT: what becomes process 1.
set -eu
r=$1 tag=$2
shift 2
umask 022
mount --make-rprivate /

mount -t proc -o nosuid,nodev,noexec proc "$r/proc"
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$r/sys"
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$r/sys/fs/cgroup"
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$r/run"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$r/tmp"
mount -t tmpfs -o mode=755,nosuid tmpfs "$r/dev"

mkdir "$r/dev/shm" "$r/dev/pts" "$r/run/.boot"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$r/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$r/dev/pts"
ln -s pts/ptmx "$r/dev/ptmx"
ln -s /proc/self/fd "$r/dev/fd"
ln -s /proc/self/fd/0 "$r/dev/stdin"
ln -s /proc/self/fd/1 "$r/dev/stdout"
ln -s /proc/self/fd/2 "$r/dev/stderr"
device() { mknod -m 666 "$r/dev/$1" c "$2" "$3" 2>/dev/null || { : > "$r/dev/$1"; mount --bind "/dev/$1" "$r/dev/$1"; }; }
device null 1 3; device zero 1 5; device full 1 7; device random 1 8; device urandom 1 9; device tty 5 0

# Kernel settings that are not the node's own would change the host: only net.* (per network namespace) is writable.
# sysrq would reboot the host; pacemaker's panic then falls back to reboot(2), which in a pid namespace ends the node.
mkdir "$r/run/.boot/net"
mount --bind "$r/proc/sys/net" "$r/run/.boot/net"
mount --bind "$r/proc/sys" "$r/proc/sys"
mount -o remount,bind,ro "$r/proc/sys"
mount --move "$r/run/.boot/net" "$r/proc/sys/net"
if [ -e "$r/proc/sysrq-trigger" ]; then
	mount --bind "$r/proc/sysrq-trigger" "$r/proc/sysrq-trigger"
	mount -o remount,bind,ro "$r/proc/sysrq-trigger"
fi

if [ -n "$tag" ]; then
	# overlayfs keeps negative look-ups, so an interface asked for before it exists would never appear: class/net
	# stays the real one (the sysfs mount belongs to this network namespace).
	mkdir -p "$r/run/.boot/class/dmi/id" "$r/run/.boot/net"
	printf '%s\n' "$tag" > "$r/run/.boot/class/dmi/id/chassis_asset_tag"
	chmod 444 "$r/run/.boot/class/dmi/id/chassis_asset_tag"
	mount --bind "$r/sys/class/net" "$r/run/.boot/net"
	mount -t overlay -o "ro,lowerdir=$r/run/.boot/class:$r/sys/class" overlay "$r/sys/class"
	mount --move "$r/run/.boot/net" "$r/sys/class/net"
fi

mkdir "$r/run/.boot/old"
cd "$r"
pivot_root . run/.boot/old
umount -l /run/.boot/old
rmdir /run/.boot/old
exec "$@"
