# shellcheck shell=sh
# shellcheck disable=SC2154 # names come from the parts before this one
# Sets again what is kept of haproxy's servers. systemd runs it after haproxy has started (`start`) and was told to reload
# (`reload`), and waits for it; haops runs it in between (`now`).
# A reload returns before its new process serves, and until then the old one answers: it is known by its number.
[ -f "$kept" ] || exit 0
lines=$(server_lines <"$kept")
[ -n "$lines" ] || exit 0
mkdir -p "$volatile"
occasion=${1-now}
former=''
read -r former 2>/dev/null <"$set_last"
case $occasion in now) patience=0 ;; *) patience=10 ;; esac
begun=$(seconds_up)
while :; do
  why="no runtime socket answers"
  if admin_socket "$ROOT/etc/haproxy/haproxy.cfg"; then
    judged=$(judge_servers "$lines" "$(set_servers "$lines")")
    process=$(printf '%s\n' "$judged" | sed -n 's/^process //p')
    others=$(printf '%s\n' "$judged" | grep '^other ')
    if [ -n "$others" ]; then
      why=$(printf '%s\n' "$judged" | grep '^other \|^complaint ' | head -n 3 | tr '\n' ';')
      process=''
    fi
    case $process in
      # An old and a new process have shared the answer when there are two numbers.
      '' | *[!0-9]*) ;;
      *)
        echo "$process" >"$set_last.part" && mv -f "$set_last.part" "$set_last"
        if [ "$occasion" != reload ]; then exit 0; fi
        if [ -n "$former" ] && [ "$process" != "$former" ]; then exit 0; fi
        # Not knowing the old process, take the first one for it.
        [ -n "$former" ] || former=$process patience=3
        why="the reload has brought no new process"
        ;;
    esac
  fi
  [ "$(($(seconds_up) - begun))" -lt "$patience" ] || break
  sleep 0.05
done
fail "haops keeps servers of haproxy out of service, and could not set them: $why"
