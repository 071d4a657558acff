# complete.zsh FOLDER LINE: the line after the first Tab, typed into an interactive zsh that finds its completions in FOLDER.
zmodload zsh/zpty
zpty shell 'zsh -f -i'
type_line() { zpty -w shell "$1" }
type_line "PS1=; fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D"
# Ctrl-T does what Tab does, and tells the line it made.
type_line 'tab-and-tell() { zle complete-word; print -r -- "<<$BUFFER>>" }; zle -N tab-and-tell'
type_line 'bindkey "^T" tab-and-tell; print ready-$((40 + 2))'
zpty -r shell seen '*ready-42*'
zpty -w -n shell "$2"$'\x14'
zpty -r shell seen '*<<*>>*'
seen=${seen##*<<}
print -r -- "${seen%%>>*}"
zpty -d shell
