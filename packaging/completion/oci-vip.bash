# bash completion of oci-vip; written by make generate

_oci_vip() {
  local current=${COMP_WORDS[COMP_CWORD]} path='' word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "${path:+$path }$word" in
    'status' | 'check' | 'ready' | 'policy' | 'import' | 'convert' | 'move') path="${path:+$path }$word" ;;
    esac
  done
  case $path in
  '') word='status check ready policy import convert move'; [[ $current == -* ]] && word='--help' ;;
  'status') word=''; [[ $current == -* ]] && word='--json --watch --interval --help' ;;
  'check') word=''; [[ $current == -* ]] && word='--json --cloud --cib --help' ;;
  'ready') word=''; [[ $current == -* ]] && word='--json --on-change --no-attribute --textfile --help' ;;
  'policy') word=''; [[ $current == -* ]] && word='--json --terraform --plain --existing --group --compartment --instance --help' ;;
  'import') word=''; [[ $current == -* ]] && word='--json --set --else --node --notify --prefix --output --force --resource --cib --help' ;;
  'convert') word=''; [[ $current == -* ]] && word='--json --dry-run --undo --force --script --set --else --param --help' ;;
  'move') word=''; [[ $current == -* ]] && word='--json --help' ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$word" -- "$current")
  ((${#COMPREPLY[@]})) || mapfile -t COMPREPLY < <(compgen -f -- "$current")
}

complete -F _oci_vip oci-vip
