# shellcheck shell=sh
# Writes EVENT to the node's journal.
journal "$EVENT"
