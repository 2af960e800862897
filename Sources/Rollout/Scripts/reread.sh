# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# How far this run has come on the node: its script continues after a lost connection.
# Prints `changed`, `restored`, `refused`, `changing` or `nothing`.
case $(last_event) in
  changed) echo changed ;;
  restored* | restoring*) echo restored ;;
  refused*) echo refused ;;
  preparing | changing) echo changing ;;
  *) echo nothing ;;
esac
