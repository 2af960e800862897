# shellcheck shell=sh
# shellcheck disable=SC2015,SC2034,SC2154 # `A && B || fail` is meant so; names come from the parts before this one, and go to those after it
# Sets servers of haproxy over its runtime socket, and finds out whether they are so. A server is a line BACKEND SERVER STATE
# WEIGHT, with `-` for what is left as it is. `admin_socket` comes before this, see NodeScript.
kept=$state/servers
resident=$state/servers.sh
# The process of haproxy that was set last.
set_last=$volatile/servers.set

# server_lines <FILE: the lines that haproxy can be told, without who has kept them and why.
server_lines() {
  while read -r backend server wanted weight _; do
    case $backend$server$wanted$weight in '' | *[!A-Za-z0-9_.:%-]*) continue ;; esac
    if [ -n "$weight" ]; then echo "$backend $server $wanted $weight"; fi
  done
}

# set_servers LINES: sets them, and prints what haproxy says: its process, its complaints and all its servers. During a reload
# an old and a new process may answer on the same socket, each a connection: so all of it is one, unless that is too much.
set_servers() {
  commands='show info'
  while read -r backend server wanted weight; do
    [ -n "$backend" ] || continue
    [ "$wanted" = - ] || commands="$commands;set server $backend/$server state $wanted"
    [ "$weight" = - ] || commands="$commands;set server $backend/$server weight $weight"
    if [ "${#commands}" -gt 4000 ]; then
      query_socket "$socket" "$commands" </dev/null
      commands='show info'
    fi
  done <<EOT
$1
EOT
  query_socket "$socket" "$commands;show servers state" </dev/null
}

# judge_servers LINES ANSWER: prints `process PID` for each process that has answered, `complaint TEXT`, and of each server
# `so NAME`, `absent NAME` or `other NAME STATE WEIGHT`.
judge_servers() {
  {
    printf '%s\n' "$1"
    echo "@answer"
    printf '%s\n' "$2"
  } | awk '
    !answers && $0 == "@answer" { answers = 1; next }
    !answers { if (NF == 4) { n++; name[n] = $1 "/" $2; state[n] = $3; weight[n] = $4 } next }
    $1 == "Pid:" { if (!($2 in seen)) { seen[$2] = 1; print "process " $2 } next }
    $1 == "#" { for (i = 2; i <= NF; i++) at[$i] = i - 1; next }
    !("srv_iweight" in at) { if (NF > 0 && $0 !~ /^[A-Za-z0-9_.-]+:/ && $0 !~ /^[0-9]+$/) print "complaint " $0; next }
    NF > 8 {
      key = $(at["be_name"]) "/" $(at["srv_name"])
      admin[key] = $(at["srv_admin_state"]); is[key] = $(at["srv_uweight"]); base[key] = $(at["srv_iweight"])
    }
    END {
      for (i = 1; i <= n; i++) {
        key = name[i]
        if (!(key in admin)) { print "absent " key; continue }
        now = admin[key] % 2 ? "maint" : int(admin[key] / 8) % 2 ? "drain" : "ready"
        want = weight[i]
        if (want ~ /%$/) { want = int(base[key] * want / 100); if (want > 256) want = 256 }
        if ((state[i] == "-" || state[i] == now) && (weight[i] == "-" || want == is[key])) print "so " key
        else print "other " key " " now " " is[key]
      }
    }'
}
