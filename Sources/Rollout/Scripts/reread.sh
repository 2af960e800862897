# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# How far this run has come on the node: the script of a lost connection goes on without it.
# Prints `changed`, `restored`, `refused`, `changing` or `nothing`.
last=$(grep -F " run=$RUN " "$state/journal" 2>/dev/null | tail -n 1)
case $last in
  *": changed") echo changed ;;
  *": restored"* | *": restoring"*) echo restored ;;
  *": refused"*) echo refused ;;
  *": changing") echo changing ;;
  *) echo nothing ;;
esac
