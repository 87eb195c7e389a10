// SPDX-License-Identifier: Apache-2.0

package heartbeatconvert

// script is a resource script of Heartbeat that was a wrapper of an OCF agent, and what its arguments by position are
// called there.
type script struct {
	agent    string
	params   []string
	required int // so many arguments it must have
}

// scripts are Heartbeat's own, but for the addresses and monit-services. Those that wrapped an agent which today's
// resource-agents no longer have are not here.
var scripts = map[string]script{
	"Delay":        {"ocf:heartbeat:Delay", []string{"startdelay", "stopdelay"}, 0},
	"Filesystem":   {"ocf:heartbeat:Filesystem", []string{"device", "directory", "fstype", "options"}, 2},
	"ICP":          {"ocf:heartbeat:ICP", []string{"driveid", "device"}, 2},
	"IPsrcaddr":    {"ocf:heartbeat:IPsrcaddr", []string{"ipaddress"}, 1},
	"LVM":          {"ocf:heartbeat:LVM", []string{"volgrpname"}, 1},
	"MailTo":       {"ocf:heartbeat:MailTo", []string{"email", "subject"}, 1},
	"Raid1":        {"ocf:heartbeat:Raid1", []string{"raidconf", "raiddev"}, 2},
	"WinPopup":     {"ocf:heartbeat:WinPopup", []string{"hostfile"}, 0},
	"Xinetd":       {"ocf:heartbeat:Xinetd", []string{"service"}, 1},
	"apache":       {"ocf:heartbeat:apache", []string{"configfile"}, 0},
	"AudibleAlarm": {"ocf:heartbeat:AudibleAlarm", []string{"nodelist"}, 0},
	"db2":          {"ocf:heartbeat:db2", []string{"instance"}, 1},
	"drbddisk":     {},
	"portblock":    {"ocf:heartbeat:portblock", []string{"protocol", "portno", "action"}, 3},
}

// ngcpScript is the one that the pair's services hang on.
const ngcpScript = "monit-services"
