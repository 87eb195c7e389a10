// SPDX-License-Identifier: Apache-2.0

package completion

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// Zsh returns the script for zsh's completion system, with what each word is. aliases are as in Bash.
func Zsh(app *cli.App, aliases map[string][]string) []byte {
	var out strings.Builder
	fmt.Fprintf(&out, "#compdef %s\n# zsh completion of %s; written by make generate\n\n", strings.Join(append([]string{app.Name}, sortedKeys(aliases)...), " "), app.Name)
	out.WriteString("local place='' word\nlocal -a next flags\n")
	if len(aliases) > 0 {
		out.WriteString("case ${words[1]:t} in\n")
		for _, name := range sortedKeys(aliases) {
			fmt.Fprintf(&out, "  %s) place='%s' ;;\n", name, strings.Join(aliases[name], " "))
		}
		out.WriteString("esac\n")
	}
	out.WriteString("for word in ${words[2,CURRENT-1]}; do\n  case \"${place:+$place }$word\" in\n")
	var paths []string
	for _, p := range places(app) {
		if p.path != "" {
			paths = append(paths, "'"+p.path+"'")
		}
	}
	fmt.Fprintf(&out, "    %s) place=\"${place:+$place }$word\" ;;\n  esac\ndone\ncase $place in\n", strings.Join(paths, "|"))
	for _, p := range places(app) {
		fmt.Fprintf(&out, "  '%s')\n    next=(%s)\n    flags=(%s) ;;\n", p.path, zshWords(p.next), zshWords(p.flags))
	}
	out.WriteString("esac\nif [[ $PREFIX == -* ]]; then\n  _describe 'option' flags\nelif (( $#next )); then\n  _describe 'command' next\nelse\n  _files\nfi\n")
	return []byte(out.String())
}

// zshWords are elements of an array as _describe takes them: WORD:WHAT IT IS.
func zshWords(all []word) string {
	var out []string
	for _, w := range all {
		says := strings.NewReplacer("'", "'\\''", "\n", " ").Replace(w.says)
		out = append(out, "'"+strings.ReplaceAll(w.text, ":", `\:`)+":"+says+"'")
	}
	return strings.Join(out, " ")
}
