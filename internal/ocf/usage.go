// SPDX-License-Identifier: Apache-2.0

package ocf

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// printMetaData prints the agent's meta-data. It needs nothing but the model:
// pacemaker's controller may wait for it, and ocf-tester calls it as nobody.
func printMetaData(a *Agent, stdout, stderr io.Writer) int {
	text, err := a.Meta.XML()
	if err == nil {
		_, err = stdout.Write(text)
	}
	if err != nil {
		_, _ = io.WriteString(stderr, "ocf-exit-reason:"+ReasonMetaData.Text(err)+"\n")
		return int(ErrGeneric)
	}
	return int(Success)
}

// printUsage prints how the agent is called.
func printUsage(a *Agent, w io.Writer) {
	actions := []string{"meta-data", "usage", "help"}
	for name := range a.Handlers {
		actions = append(actions, name)
	}
	slices.Sort(actions)
	_, _ = fmt.Fprintf(w, `ocf:%s:%s - %s

usage: %s ACTION

ACTION is one of %s.
Parameters come from the environment, OCF_RESKEY_NAME=VALUE each; "meta-data" lists them.
`, a.Meta.Provider, a.Meta.Name, a.Meta.Short, a.Meta.Name, strings.Join(actions, ", "))
}
