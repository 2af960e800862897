#!/bin/sh
# Keeps the state of this node where other programs look for it, a word in a file. Called as: INSTANCE NAME STATE PRIORITY.
mkdir -p /run/keepalived && printf '%s\n' "$3" >/run/keepalived/state.new && mv -f /run/keepalived/state.new /run/keepalived/state
