/**
 * What a shell runs to complete a command line of `cox`, by its name. Each asks `cox __complete` for candidates, one a
 * line with a tab before what it means; a last line `:4` forbids names of files, `:0` allows them.
 */
export const completionScripts: Readonly<Record<string, string>> = {
  bash: `# bash completion for cox
__cox_complete() {
  local words=("\${COMP_WORDS[@]:0:COMP_CWORD+1}") line candidates=() directive=0
  local cur="\${COMP_WORDS[COMP_CWORD]}"
  while IFS= read -r line; do
    case "$line" in
      :*) directive="\${line#:}" ;;
      *) candidates+=("\${line%%$'\\t'*}") ;;
    esac
  done < <("\${words[0]}" __complete "\${words[@]:1}" 2>/dev/null)
  # A word after = is completed by itself.
  [[ "$cur" == "=" ]] && cur=""
  COMPREPLY=()
  for line in "\${candidates[@]}"; do
    [[ "$line" == "$cur"* ]] && COMPREPLY+=("$line")
  done
  [[ "\${COMPREPLY[0]}" == *= || "\${COMPREPLY[0]}" == */ ]] && compopt -o nospace 2>/dev/null
  [[ \${#COMPREPLY[@]} -eq 0 && "$directive" == 0 ]] && compopt -o default 2>/dev/null
  return 0
}
complete -F __cox_complete cox
`,
  zsh: `#compdef cox
# zsh completion for cox
_cox() {
  local -a candidates
  local line directive=0
  while IFS= read -r line; do
    case "$line" in
      :*) directive="\${line#:}" ;;
      *$'\\t'*) candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
      *) candidates+=("\${line//:/\\\\:}") ;;
    esac
  done < <("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#candidates} )); then
    _describe -V 'completions' candidates
  elif [[ "$directive" == 0 ]]; then
    _files
  fi
}
if [ "$funcstack[1]" = "_cox" ]; then
  _cox "$@"
else
  compdef _cox cox
fi
`,
  fish: `# fish completion for cox
function __cox_complete
  set -l words (commandline -opc)
  set -l cur (commandline -ct)
  for line in ($words[1] __complete $words[2..-1] $cur 2>/dev/null)
    string match -q ':*' -- $line; or echo $line
  end
end
complete -c cox -f -a '(__cox_complete)'
`,
};
