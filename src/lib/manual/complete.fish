# secboard itself says what may follow; the word at hand is given to it without its quotation mark and backslashes.
function __secboard_complete
    set -l word (commandline --current-token --cut-at-cursor | string replace --regex '^["\']' '' | string replace --all '\\' '')
    COMPLETE=fish secboard -- (commandline --current-process --tokenize --cut-at-cursor) "$word" 2>/dev/null
end
complete --keep-order --exclusive --command secboard --arguments '(__secboard_complete)'
