#!/bin/sh

VIP=192.168.122.211
LB_BINDED_PORT=80

errorExit() {
    echo "*** $*" 1>&2
    exit 1
}

if ip addr | grep -q $VIP; then
    curl --silent --max-time 2  $VIP:$LB_BINDED_PORT/ -o /dev/null || errorExit "Error GET to $VIP on $LB_BINDED_PORT"
fi
