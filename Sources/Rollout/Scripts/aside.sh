# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# A node steps aside before its keepalived or haproxy is restarted: it lowers its priority below that of a healthy
# peer, which takes the addresses over while this node still serves. VIPS are the cluster's addresses, separated by
# spaces. ASIDE has a line `INSTANCE NUMBER` for each instance whose priority can be lowered; the number puts it just
# below the best peer, and a peer with a failing check stays below it.

# holds_any: whether the kernel has any of VIPS.
holds_any() {
  ip -o addr show | awk -v want="$VIPS" '
    BEGIN { count = split(want, list, " "); for (i = 1; i <= count; i++) wanted[list[i]] = 1 }
    { split($4, part, "/"); if (part[1] != "" && part[1] in wanted) found = 1 }
    END { exit !found }'
}

# step_aside SECONDS: returns when the addresses are gone, or the time is up. Where ASIDE names no instance, no healthy peer
# would take over, and it returns at once.
step_aside() {
  [ -n "$ASIDE" ] || return 0
  printf '%s\n' "$ASIDE" | while read -r instance number; do
    file=$ROOT/run/haops-handover.$instance
    saved=$volatile/before-aside.$instance
    [ -n "$instance" ] && [ -f "$file" ] || continue
    # A rollback that is tried again has lowered the number already.
    if [ ! -f "$saved" ]; then
      printf '%s\n' "$(cat "$file")" >"$saved"
      rm -f "$volatile/why-aside.$instance"
      [ ! -f "$file.why" ] || cp "$file.why" "$volatile/why-aside.$instance"
    fi
    before=$(cat "$file")
    if [ "${before:-0}" -gt "$number" ] 2>/dev/null; then
      printf '%s %s run=%s: steps aside to go back\n' "$(stamp)" "$WHO" "$RUN" >"$file.why" || :
      printf '%s\n' "$number" >"$file" || :
    fi
  done
  until_up=$(($(seconds_up) + $1))
  while holds_any && [ "$(seconds_up)" -lt "$until_up" ]; do sleep 0.2 2>/dev/null || sleep 1; done
}

# step_back: restores the earlier priorities. If another override was written or has ended meanwhile, its result stays.
step_back() {
  for saved in "$volatile"/before-aside.*; do
    [ -f "$saved" ] || continue
    instance=${saved##*/before-aside.}
    file=$ROOT/run/haops-handover.$instance
    why=$volatile/why-aside.$instance
    if [ -f "$file" ] && grep -q "run=$RUN: steps aside" "$file.why" 2>/dev/null; then
      cat "$saved" >"$file"
      if [ -f "$why" ]; then cat "$why" >"$file.why"; else rm -f "$file.why"; fi
    fi
    rm -f "$saved" "$why"
  done
}
