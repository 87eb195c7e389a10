// SPDX-License-Identifier: Apache-2.0

package metadatatest

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Files next to the installed agent.
const (
	textFile   = "meta-data.xml"
	schemaFile = "ocf-1.1.rng"
)

// installation runs programs in mount namespaces in which the agent is installed.
type installation struct {
	dir   string
	name  string // ocf:PROVIDER:TYPE
	agent string // path inside the namespace
	text  string // its meta-data, printed with an empty environment
	doc   document
}

func install(dir, binary, provider, typ string) (*installation, error) {
	v := &installation{
		dir:   dir,
		name:  "ocf:" + provider + ":" + typ,
		agent: filepath.Join(agentsDir, provider, typ),
	}
	target := filepath.Join(dir, "resource.d", provider)
	if err := os.MkdirAll(target, 0o755); err != nil {
		return nil, err
	}
	content, err := os.ReadFile(binary)
	if err != nil {
		return nil, fmt.Errorf("the agent to test: %w", err)
	}
	if err := os.WriteFile(filepath.Join(target, typ), content, 0o755); err != nil {
		return nil, err
	}
	if v.text, err = v.run("env", "-i", v.agent, "meta-data"); err != nil {
		return nil, err
	}
	if err := xml.NewDecoder(strings.NewReader(v.text)).Decode(&v.doc); err != nil {
		return nil, fmt.Errorf("the meta-data is no XML: %w\n%s", err, v.text)
	}
	if err := os.WriteFile(v.path(textFile), []byte(v.text), 0o644); err != nil {
		return nil, err
	}
	return v, os.WriteFile(v.path(schemaFile), schema, 0o644)
}

func (v *installation) path(name string) string { return filepath.Join(v.dir, name) }

// inside lays a tmpfs with the machine's agents and the new one over the agents'
// directory, then runs its arguments. The namespace and its mounts end with the
// command.
const inside = `set -eu
machine=$1; new=$2; shift 2
mount --bind ` + agentsDir + ` "$machine"
mount -t tmpfs -o mode=755 agents ` + agentsDir + `
for provider in "$machine"/*; do
	mkdir ` + agentsDir + `/"${provider##*/}"
	mount --bind "$provider" ` + agentsDir + `/"${provider##*/}"
done
umount "$machine"
for provider in "$new"/*; do
	under=` + agentsDir + `/"${provider##*/}"
	umount "$under" 2>/dev/null || mkdir "$under"
	cp "$provider"/* "$under"/
done
exec "$@"
`

// run runs a program where the agent is installed and returns what it printed.
// A program that ends with another status than 0 is an error.
func (v *installation) run(args ...string) (string, error) {
	machine := v.path("machine")
	if err := os.MkdirAll(machine, 0o755); err != nil {
		return "", err
	}
	full := append([]string{"--mount", "--propagation", "private", "sh", "-c", inside, "sh", machine, v.path("resource.d")}, args...)
	cmd := exec.Command("unshare", full...)
	cmd.WaitDelay = time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("%s: %w\n%s%s", strings.Join(args, " "), err, stdout.String(), stderr.String())
	}
	return stdout.String(), nil
}
