#!/bin/sh
# Succeeds while the service that this node stands for does: here the ssh server, which every node has.
for directory in /proc/[0-9]*; do
    read -r name <"$directory/comm" 2>/dev/null || continue
    [ "$name" != sshd ] || exit 0
done
exit 1
