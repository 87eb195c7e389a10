# bash completion of ngcp-ha; written by make generate

_ngcp_ha() {
  local current=${COMP_WORDS[COMP_CWORD]} path='' word
  case ${COMP_WORDS[0]##*/} in
  ngcp-check-active) path='check-active' ;;
  ngcp-check_active) path='check-active' ;;
  ngcp-ha-clear-failcounts) path='failcounts clear' ;;
  ngcp-ha-crm-reload) path='crm-reload' ;;
  ngcp-ha-show-failcounts) path='failcounts' ;;
  ngcp-make-active) path='active' ;;
  ngcp-make-standby) path='standby' ;;
  ngcp-migrate-ha-crm) path='migrate' ;;
  ngcp-parallel-ssh) path='parallel' ;;
  esac
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "${path:+$path }$word" in
    'status' | 'failcounts' | 'failcounts clear' | 'active' | 'standby' | 'check-active' | 'node' | 'node standby' | 'node online' | 'node show' | 'maintenance' | 'maintenance on' | 'maintenance off' | 'maintenance status' | 'scores' | 'services' | 'check' | 'parallel' | 'crm-reload' | 'show' | 'convert' | 'migrate') path="${path:+$path }$word" ;;
    esac
  done
  case $path in
  '') word='status failcounts active standby check-active node maintenance scores services check parallel crm-reload show convert migrate'; [[ $current == -* ]] && word='--settings --help' ;;
  'status') word=''; [[ $current == -* ]] && word='--json --cib --timeout --watch --interval --help' ;;
  'failcounts') word='clear'; [[ $current == -* ]] && word='--json --cib --timeout --all --raw --node --help' ;;
  'failcounts clear') word=''; [[ $current == -* ]] && word='--json --timeout --node --dry-run --help' ;;
  'active') word=''; [[ $current == -* ]] && word='--json --vips --services --timeout --node --lifetime --force --no-wait --dry-run --help' ;;
  'standby') word=''; [[ $current == -* ]] && word='--json --vips --services --timeout --node --lifetime --force --no-wait --dry-run --help' ;;
  'check-active') word=''; [[ $current == -* ]] && word='--json --vips --timeout --quiet --verbose --help' ;;
  'node') word='standby online show'; [[ $current == -* ]] && word='--help' ;;
  'node standby') word=''; [[ $current == -* ]] && word='--json --timeout --wait --lifetime --help' ;;
  'node online') word=''; [[ $current == -* ]] && word='--json --timeout --wait --help' ;;
  'node show') word=''; [[ $current == -* ]] && word='--json --cib --timeout --help' ;;
  'maintenance') word='on off status'; [[ $current == -* ]] && word='--help' ;;
  'maintenance on') word=''; [[ $current == -* ]] && word='--json --timeout --help' ;;
  'maintenance off') word=''; [[ $current == -* ]] && word='--json --timeout --help' ;;
  'maintenance status') word=''; [[ $current == -* ]] && word='--json --timeout --cib --help' ;;
  'scores') word=''; [[ $current == -* ]] && word='--json --cib --timeout --all --help' ;;
  'services') word=''; [[ $current == -* ]] && word='--json --timeout --vips --group --expect --help' ;;
  'check') word=''; [[ $current == -* ]] && word='--json --cib --timeout --vips --services --help' ;;
  'parallel') word=''; [[ $current == -* ]] && word='--json --timeout --state-timeout --jobs --serial-pairs --keep-going --dry-run --help' ;;
  'crm-reload') word=''; [[ $current == -* ]] && word='--check --diff --dry-run --undo --allow-stop --moves --cib --json --timeout --help' ;;
  'show') word=''; [[ $current == -* ]] && word='--cib --json --timeout --help' ;;
  'convert') word=''; [[ $current == -* ]] && word='--json --from --to --node --network --fencing --force --help' ;;
  'migrate') word=''; [[ $current == -* ]] && word='--json --rollback --local-only --check --merge-config --peer --help' ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$word" -- "$current")
  ((${#COMPREPLY[@]})) || mapfile -t COMPREPLY < <(compgen -f -- "$current")
}

complete -F _ngcp_ha ngcp-ha ngcp-check-active ngcp-check_active ngcp-ha-clear-failcounts ngcp-ha-crm-reload ngcp-ha-show-failcounts ngcp-make-active ngcp-make-standby ngcp-migrate-ha-crm ngcp-parallel-ssh
