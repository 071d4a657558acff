complete --keep-order --exclusive --command secboard --arguments "(COMPLETE=fish secboard -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
