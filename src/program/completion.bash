# Completion of vicinal for bash: the program itself knows its commands, their options and the keys of configs.
# shellcheck shell=bash
eval "$(vicinal help completion 2>/dev/null)"
