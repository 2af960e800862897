#!/bin/sh
# Run on becoming MASTER: says so in the system's log.
logger -t on-master "$2 is MASTER on $(hostname), priority $4"
