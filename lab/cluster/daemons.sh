# SPDX-License-Identifier: Apache-2.0
# Process 1 of a node without systemd: corosync and pacemakerd, as soon as there is a corosync.conf.
hostname "$1"
mkdir -p /run/lock /run/crm /var/log/pacemaker /var/log/corosync
chown hacluster:haclient /run/crm /var/log/pacemaker
: > /run/booted
while [ ! -s /etc/corosync/corosync.conf ]; do sleep 0.2; done
corosync -f > /var/log/corosync/stdout.log 2>&1 &
while ! corosync-cmapctl -q runtime.members > /dev/null 2>&1 && ! corosync-quorumtool -s > /dev/null 2>&1; do sleep 0.1; done
PCMK_logfile=/var/log/pacemaker/pacemaker.log pacemakerd > /var/log/pacemaker/stdout.log 2>&1 &
# wait reaps orphans too; process 1 stays so that the machine stays up when a daemon is killed.
while :; do wait; sleep 0.5; done
