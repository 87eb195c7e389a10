// SPDX-License-Identifier: Apache-2.0

package completion

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// Bash returns the script for bash-completion. aliases are other names of the program, each with the commands that it
// stands for.
func Bash(app *cli.App, aliases map[string][]string) []byte {
	var out strings.Builder
	function := "_" + strings.ReplaceAll(app.Name, "-", "_")
	fmt.Fprintf(&out, "# bash completion of %s; written by make generate\n\n%s() {\n", app.Name, function)
	out.WriteString("  local current=${COMP_WORDS[COMP_CWORD]} path='' word\n")
	if len(aliases) > 0 {
		out.WriteString("  case ${COMP_WORDS[0]##*/} in\n")
		for _, name := range sortedKeys(aliases) {
			fmt.Fprintf(&out, "  %s) path='%s' ;;\n", name, strings.Join(aliases[name], " "))
		}
		out.WriteString("  esac\n")
	}
	out.WriteString("  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n    case \"${path:+$path }$word\" in\n")
	var paths []string
	for _, p := range places(app) {
		if p.path != "" {
			paths = append(paths, "'"+p.path+"'")
		}
	}
	fmt.Fprintf(&out, "    %s) path=\"${path:+$path }$word\" ;;\n    esac\n  done\n", strings.Join(paths, " | "))
	out.WriteString("  case $path in\n")
	for _, p := range places(app) {
		fmt.Fprintf(&out, "  '%s') word='%s'; [[ $current == -* ]] && word='%s' ;;\n", p.path, names(p.next), names(p.flags))
	}
	out.WriteString("  esac\n  mapfile -t COMPREPLY < <(compgen -W \"$word\" -- \"$current\")\n")
	out.WriteString("  ((${#COMPREPLY[@]})) || mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n}\n\n")
	fmt.Fprintf(&out, "complete -F %s %s\n", function, strings.Join(append([]string{app.Name}, sortedKeys(aliases)...), " "))
	return []byte(out.String())
}
