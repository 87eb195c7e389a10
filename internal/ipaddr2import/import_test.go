// SPDX-License-Identifier: Apache-2.0

package ipaddr2import

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ocf-oci/internal/floatingyaml"
	"ocf-oci/internal/oci"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// testdata/option1.sed.txt and option2.vi.txt are the two code blocks of the blog as it is archived, byte for byte. The
// archive has lost the addresses, and from the second block every line with a variable, "else" and "fi".

func seed(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var addresses = map[string]string{"vnicip": "10.0.0.100", "vnicippod1": "10.1.0.100"}

func blog() floatingyaml.File {
	node := func(a, b string) map[string]oci.VNICID {
		return map[string]oci.VNICID{"primary": oci.VNICID("ocid1.vnic.oc1.ca-toronto-1.XYZ" + a), "pod1": oci.VNICID("ocid1.vnic.oc1.ca-toronto-1.XYZ" + b)}
	}
	return floatingyaml.File{
		Auth:  floatingyaml.Auth{Kind: "api_key", ConfigFile: "/root/.oci/config"},
		Nodes: map[string]map[string]oci.VNICID{"vrouter1": node("1", "2"), "vrouter2": node("3", "4"), "vrouter3": node("5", "6")},
		Addresses: []floatingyaml.Address{{IP: netip.MustParseAddr("10.0.0.100"), Prefix: 28, Network: "primary"},
			{IP: netip.MustParseAddr("10.1.0.100"), Network: "pod1"}},
	}
}

func options() Options {
	return Options{Set: addresses, Prefixes: map[netip.Addr]int{netip.MustParseAddr("10.0.0.100"): 28}}
}

func equal(t *testing.T, what string, r Result) {
	t.Helper()
	if len(r.Messages) > 0 {
		t.Errorf("%s: %+v", what, r.Messages)
	}
	if diff := cmp.Diff(blog(), r.File, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("%s:\n%s", what, diff)
	}
}

func TestTheBlogsSedCommands(t *testing.T) {
	text := seed(t, "option1.sed.txt")
	equal(t, "with addresses", Import(text, options()))
	want := []Message{
		{15, "variable vnicip is empty; set it in the file or with --set vnicip=ADDRESS"},
		{16, "variable vnicippod1 is empty; set it in the file or with --set vnicippod1=ADDRESS"},
	}
	if diff := cmp.Diff(want, Import(text, Options{}).Messages); diff != "" {
		t.Error(diff)
	}
}

// The commands are really run, on a copy of the installed IPaddr2.
func TestTheScriptThatTheyMake(t *testing.T) {
	original, err := os.ReadFile("/usr/lib/ocf/resource.d/heartbeat/IPaddr2")
	if err != nil {
		t.Skipf("ocf:heartbeat:IPaddr2 is not installed: %v", err)
	}
	patched := filepath.Join(t.TempDir(), "IPaddr2")
	if err := os.WriteFile(patched, original, 0o644); err != nil {
		t.Fatal(err)
	}
	commands := strings.ReplaceAll(seed(t, "option1.sed.txt"), "/usr/lib/ocf/resource.d/heartbeat/IPaddr2", patched)
	if out, err := exec.Command("sh", "-c", commands).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(patched)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "patched script", Import(string(text), options()))
	if r := Import(string(original), options()); len(r.Messages) != 1 || !strings.Contains(r.Messages[0].Text, "no command") {
		t.Errorf("the original: %+v", r.Messages)
	}
}

// What the archive left of the second block cannot be a configuration, and every gap is named.
func TestTheBlogsScriptBlock(t *testing.T) {
	text := seed(t, "option2.vi.txt")
	r := Import(text, options())
	want := map[int]string{4: "this \"if\" has no end: fi is missing", 5: "variable vrouter1vnic is not set anywhere",
		12: "is an \"else\" missing before this line?"}
	for line, part := range want {
		found := false
		for _, m := range r.Messages {
			found = found || m.Line == line && strings.Contains(m.Text, part)
		}
		if !found {
			t.Errorf("line %d: no %q in %+v", line, part, r.Messages)
		}
	}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	variables := ""
	for i := 1; i <= 3; i++ {
		variables += fmt.Sprintf("vrouter%dvnic=\"ocid1.vnic.oc1.ca-toronto-1.XYZ%d\"\nvrouter%[1]dvnicpod1=\"ocid1.vnic.oc1.ca-toronto-1.XYZ%[3]d\"\n", i, 2*i-1, 2*i)
	}
	mended := strings.Join(lines[:2], "\n") + "\n" + variables + "vnicip=10.0.0.100\nvnicippod1=10.1.0.100\n" +
		strings.Join(lines[2:11], "\n") + "\n        else\n" + strings.Join(lines[11:], "\n") + "\n        fi\n"
	equal(t, "mended", Import(mended, options()))
}

const block = `##### OCI vNIC variables
server="` + "`hostname -s`" + `"
vrouter1vnic="ocid1.vnic.oc1.ca-toronto-1.XYZ1"
vrouter1vnicpod1="ocid1.vnic.oc1.ca-toronto-1.XYZ2"
vrouter2vnic="ocid1.vnic.oc1.ca-toronto-1.XYZ3"
vrouter2vnicpod1="ocid1.vnic.oc1.ca-toronto-1.XYZ4"
vrouter3vnic="ocid1.vnic.oc1.ca-toronto-1.XYZ5"
vrouter3vnicpod1="ocid1.vnic.oc1.ca-toronto-1.XYZ6"
vnicip="10.0.0.100"
vnicippod1="10.1.0.100"
##### OCI/IPaddr Integration
        if [ $server = "vrouter1" ]; then
                /root/bin/oci network vnic assign-private-ip --unassign-if-already-assigned --vnic-id $vrouter1vnic  --ip-address $vnicip
                /root/bin/oci network vnic assign-private-ip --unassign-if-already-assigned --vnic-id $vrouter1vnicpod1  --ip-address $vnicippod1
                /bin/systemctl network restart
        elif [ $server = "vrouter2" ]; then
                /root/bin/oci network vnic assign-private-ip --unassign-if-already-assigned --vnic-id $vrouter2vnic  --ip-address $vnicip
                /root/bin/oci network vnic assign-private-ip --unassign-if-already-assigned --vnic-id $vrouter2vnicpod1  --ip-address $vnicippod1
        else
                /root/bin/oci network vnic assign-private-ip --unassign-if-already-assigned --vnic-id $vrouter3vnic  --ip-address $vnicip
                /root/bin/oci network vnic assign-private-ip --unassign-if-already-assigned --vnic-id $vrouter3vnicpod1  --ip-address $vnicippod1
        fi
`

// Changes by hand that keep the meaning.
func TestEditedByHand(t *testing.T) {
	for name, change := range map[string][]string{
		"as it is":          {},
		"braces":            {"$vrouter1vnic ", "${vrouter1vnic} ", "$vnicippod1\n", "\"${vnicippod1}\"\n"},
		"values in place":   {"--vnic-id $vrouter2vnic ", "--vnic-id ocid1.vnic.oc1.ca-toronto-1.XYZ3 ", "--ip-address $vnicip\n", "--ip-address=10.0.0.100\n"},
		"another path":      {"/root/bin/oci", "oci"},
		"double brackets":   {`[ $server = "vrouter1" ]`, `[[ "$server" == vrouter1 ]]`, `[ $server = "vrouter2" ]`, `test "$server" = vrouter2`},
		"no variable":       {`[ $server = "vrouter1" ]`, "[ `hostname -s` = vrouter1 ]", `[ $server = "vrouter2" ]`, `[ "$(hostname -s)" = vrouter2 ]`},
		"elif, not else":    {"        else\n", "        elif [ $server = vrouter3 ]; then\n"},
		"continued":         {"--vnic-id $vrouter1vnic ", "\\\n   --vnic-id $vrouter1vnic "},
		"carriage returns":  {"\n", "\r\n"},
		"comments":          {"/bin/systemctl network restart", "# oci network vnic assign-private-ip --vnic-id x # gone"},
		"alias of variable": {`vrouter2vnic="ocid1.vnic.oc1.ca-toronto-1.XYZ3"`, "other=ocid1.vnic.oc1.ca-toronto-1.XYZ3\nvrouter2vnic=$other"},
		"case": {`        if [ $server = "vrouter1" ]; then`, "case $server in\n vrouter1)", `        elif [ $server = "vrouter2" ]; then`, ";;\n\"vrouter2\")",
			"        else\n", ";;\n*)\n", "        fi\n", ";;\nesac\n"},
	} {
		equal(t, name, Import(strings.NewReplacer(change...).Replace(block), options()))
	}
}

// Whatever is broken is said with its line, and then there is no file to use.
func TestMutilated(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string
		line     int
		says     string
	}{
		"no fi":                   {"        fi\n", "", 12, "fi is missing"},
		"no else":                 {"        else\n", "", 19, "is an \"else\" missing"},
		"no if":                   {`        if [ $server = "vrouter1" ]; then` + "\n", "", 12, "outside of any branch"},
		"no variable":             {`vrouter2vnicpod1="ocid1.vnic.oc1.ca-toronto-1.XYZ4"` + "\n", "", 17, "variable vrouter2vnicpod1 is not set"},
		"empty address":           {`"10.1.0.100"`, `""`, 10, "variable vnicippod1 is empty"},
		"half an address":         {`"10.1.0.100"`, `"10.1.0"`, 10, "is not an address"},
		"two addresses":           {`"10.1.0.100"`, `"10.1.0.100 10.1.0.101"`, 10, "is not an address"},
		"no OCID":                 {"ocid1.vnic.oc1.ca-toronto-1.XYZ3", "ocid1.subnet.oc1.ca-toronto-1.XYZ3", 5, "is not the OCID of a VNIC"},
		"open quote":              {`XYZ1"`, `XYZ1`, 3, "quote"},
		"no --vnic-id":            {"--vnic-id $vrouter1vnic ", "", 13, "no --vnic-id"},
		"no --ip-address":         {"--vnic-id $vrouter1vnic  --ip-address $vnicip", "--vnic-id $vrouter1vnic", 13, "no --ip-address"},
		"another's VNIC":          {"--vnic-id $vrouter2vnic ", "--vnic-id $vrouter1vnic ", 17, "is called after vrouter1"},
		"another's VNIC by value": {"XYZ3", "XYZ1", 17, "belongs to vrouter1 already"},
		"a node twice":            {`= "vrouter2" ]`, `= "vrouter1" ]`, 16, "has a branch already"},
		"nobody's else":           {"$vrouter3vnic ", "ocid1.vnic.oc1.ca-toronto-1.XYZ5 ", 19, "name it with --else"},
		"a network left out": {"                /root/bin/oci network vnic assign-private-ip --unassign-if-already-assigned --vnic-id $vrouter2vnicpod1  --ip-address $vnicippod1\n", "",
			13, "in which vrouter2 has no VNIC"},
		"another condition": {`[ $server = "vrouter2" ]`, `[ -f /etc/second ]`, 16, "names no node"},
		"unknown auth":      {"--vnic-id $vrouter1vnic ", "--auth security_token --vnic-id $vrouter1vnic ", 13, "has no counterpart"},
		"two ways of auth":  {"--vnic-id $vrouter2vnic ", "--auth instance_principal --vnic-id $vrouter2vnic ", 17, "authenticates in another way"},
		"computed":          {"--vnic-id $vrouter1vnic ", "--vnic-id ${vrouter1vnic%x} ", 13, "more than a variable"},
		"nothing":           {block, "", 0, "no command"},
	} {
		text := strings.Replace(block, c.old, c.new, 1)
		if text == block {
			t.Fatalf("%s: changes nothing", name)
		}
		r := Import(text, Options{})
		found := false
		for _, m := range r.Messages {
			found = found || m.Line == c.line && strings.Contains(m.Text, c.says)
		}
		if !found {
			t.Errorf("%s: no message in line %d with %q in %+v", name, c.line, c.says, r.Messages)
		}
	}
}

// Names that variables cannot have, and variables that are not called after nodes.
func TestOtherNames(t *testing.T) {
	for name, change := range map[string][]string{
		"nodes with dashes":    {`"vrouter1"`, `"v-router1"`, `"vrouter2"`, `"v-router2"`},
		"variables by number":  {"$vrouter1", "$first", "vrouter1vnic", "firstvnic", "$vrouter2", "$second", "vrouter2vnic", "secondvnic"},
		"variables in capital": {"vrouter1vnic", "VROUTER1vnic"},
	} {
		text := strings.NewReplacer(change...).Replace(block)
		r := Import(text, Options{Rest: "last"})
		if len(r.Messages) > 0 || r.File.Nodes["last"]["pod1"] != "ocid1.vnic.oc1.ca-toronto-1.XYZ6" || len(r.File.Nodes) != 3 {
			t.Errorf("%s: %+v %+v", name, r.Messages, r.File.Nodes)
		}
	}
	dashes := Import(strings.NewReplacer(`"vrouter1"`, `"v-router1"`, `"vrouter2"`, `"v-router2"`).Replace(block), Options{})
	if len(dashes.Messages) == 0 || dashes.Messages[0].Line != 19 {
		t.Errorf("the name of the third node was guessed: %+v", dashes)
	}
}

func FuzzImport(f *testing.F) {
	f.Add(block)
	f.Add("sed -i '64i\\##### OCI\\' x\ncase $server in\n*)")
	f.Fuzz(func(t *testing.T, text string) {
		r := Import(text, Options{})
		if len(r.Messages) == 0 && len(r.File.Check()) > 0 {
			t.Errorf("a file with mistakes and no message: %+v", r.File.Check())
		}
	})
}
