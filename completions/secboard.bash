# secboard itself says what may follow; a name with spaces is put into the line so that it stays one word.
_secboard() {
    local candidate word=$2 words=("${COMP_WORDS[@]}") quote=${COMP_WORDS[COMP_CWORD]:0:1}
    [[ $quote == [\'\"] ]] || { quote= word=${word//\\/}; }
    words=("${words[@]//[\'\"\\]/}") words[COMP_CWORD]=$word
    COMPREPLY=()
    while IFS= read -r candidate || [[ -n $candidate ]]; do
        [[ -n $quote ]] || printf -v candidate %q "$candidate"
        COMPREPLY+=("$candidate")
    done < <(COMPLETE=bash _CLAP_COMPLETE_INDEX=$COMP_CWORD secboard -- "${words[@]}" 2>/dev/null)
    [[ ${COMPREPLY-} != *[=/:] ]] || compopt -o nospace
}
complete -o bashdefault -o nosort -F _secboard secboard
