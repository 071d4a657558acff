# tab.zsh SCRIPT LINE: the line after Tab, typed into an interactive bash that has sourced the script.
zmodload zsh/zpty
zpty shell 'bash --norc --noprofile -i'
type_line() { zpty -w shell "$1" }
type_line 'PS1=; . /usr/share/bash-completion/bash_completion'
type_line ". ${(q)1}"
# Ctrl-T tells the line that Tab made.
type_line 'bind -x '\''"\C-t": printf "<<%s>>\n" "$READLINE_LINE"'\''; echo ready-$((40 + 2))'
zpty -r shell seen '*ready-42*'
zpty -w -n shell "$2"$'\t\x14'
zpty -r shell seen '*<<*>>*'
seen=${seen##*<<}
print -r -- "${seen%%>>*}"
zpty -d shell
