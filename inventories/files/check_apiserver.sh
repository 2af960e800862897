#!/bin/sh
# Succeeds unless this node owns the virtual address and nobody answers behind it. A node that does not own it has
# nothing to answer for.
{{#instances}}
{{#addresses}}
if ip -o addr show | grep -qF ' {{ip}}/'; then
    curl --silent --fail --max-time 2 --output /dev/null 'http://{{ip}}/' || {
        echo "nobody answers at {{ip}}" >&2
        exit 1
    }
fi
{{/addresses}}
{{/instances}}
exit 0
