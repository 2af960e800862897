#!/bin/sh
# Run on becoming MASTER, after what sorts before it: leaves a trace for whoever asks when that was.
printf '%s %s %s\n' "$(date +%s)" "$2" "$3" >>/run/on-master.log
