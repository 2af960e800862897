# shellcheck shell=sh
# shellcheck disable=SC2015,SC2154 # `A && B || fail` is meant so; names come from the parts before this one
# Files come and go by lists with one line per file:
#     KIND MODE OWNER ROLE PATH
# where KIND is `file` (contents stand in a tree of the same shape) or `absent`, and PATH is last
# because it may hold spaces.

# beside PATH SUFFIX: a hidden name in the same directory: a rename from there is atomic, and `*.conf` does not match
# it.
beside() { printf '%s/.%s.haops-%s' "$(dirname "$1")" "$(basename "$1")" "$2"; }

# label FILE LIKE: sets the security label of LIKE, or the default label of the path if LIKE does not exist.
label() {
  if [ ! -d /sys/fs/selinux ]; then return 0; fi
  if [ -e "$2" ]; then
    chcon --reference="$2" "$1" 2>/dev/null || :
  elif have restorecon; then
    chcon "$(matchpathcon -n "$2" 2>/dev/null)" "$1" 2>/dev/null || :
  fi
}

# is_safe PATH: whether nobody but root decides which file is meant by a path; `culprit` is the directory that says otherwise.
# Whoever may change a directory above it, or make files beside it, could let root write, or remove, another file. Debian's
# group `staff` may change /usr/local, and is trusted with it.
is_safe() {
  parent=$(dirname "$ROOT$1")
  while [ ! -e "$parent" ]; do parent=$(dirname "$parent"); done
  # Files of one directory mostly follow each other.
  [ "$parent" = "${safe_parent-}" ] && return 0
  culprit=$parent
  case $(stat -L -c %A "$parent") in d???????w?) return 1 ;; esac
  is_roots "$parent" staff && safe_parent=$parent || { culprit=$q; return 1; }
}

# object PATH: sets `why` to the reason why the path can be neither replaced nor removed; empty where there is none.
object() {
  why=
  if [ -L "$ROOT$1" ] || { [ -e "$ROOT$1" ] && [ ! -f "$ROOT$1" ]; }; then
    why="$1 is not a regular file"
  elif ! is_safe "$1"; then
    why="$1: others than root can change ${culprit#"$ROOT"}, and so which file is written: let root alone own and write that directory"
  fi
}

# object_to_any LIST: sets `why` for the first path of a list that has such a reason.
object_to_any() {
  why=
  while read -r _ _ _ _ path; do
    object "$path"
    [ -z "$why" ] || return 0
  done <"$1"
}

# place FROM MODE OWNER TARGET: writes a complete copy beside TARGET to disk, and replaces nothing.
place() {
  new=$(beside "$4" new)
  (umask 022 && mkdir -p "$(dirname "$4")") &&
    cp "$1" "$new" && chown "$3" "$new" && chmod "$2" "$new" && label "$new" "$4" && durable "$new"
}

# prepare TREE LIST: copies every file of TREE beside its destination. Fails without having replaced anything.
prepare() {
  while read -r kind mode owner _ path; do
    object "$path"
    if [ -n "$why" ]; then
      printf '%s\n' "$why" >&2
      return 1
    fi
    [ "$kind" = absent ] || place "$1$path" "$mode" "$owner" "$ROOT$path" || return 1
  done <"$2"
}

# unprepare LIST
unprepare() {
  while read -r _ _ _ _ path; do rm -f "$(beside "$ROOT$path" new)"; done <"$1"
}

# swap LIST: moves the prepared files into place, one rename each, in the order of the list. The old file keeps a
# second name, which needs no space, so a rollback works on a full disk too.
swap() {
  while read -r kind _ _ _ path; do
    target=$ROOT$path
    old=$(beside "$target" old)
    rm -f "$old"
    if [ -f "$target" ]; then ln "$target" "$old" 2>/dev/null || :; fi
    case $kind in
      file) mv -f "$(beside "$target" new)" "$target" || return 1 ;;
      absent) rm -f "$target" || return 1 ;;
    esac
  done <"$1"
  sync
}

# keep SET LIST: backs up what LIST is about to replace. The backup appears as a whole or not at all.
keep() {
  part=$1.part
  rm -rf "$part"
  mkdir -p "$part/root" && : >"$part/list" || return 1
  while read -r _ _ _ role path; do
    if [ -f "$ROOT$path" ]; then
      mkdir -p "$part/root$(dirname "$path")" && cp -p "$ROOT$path" "$part/root$path" || return 1
      owner=$(stat -c '%U:%G' "$ROOT$path") || return 1
      # Names from a directory service may contain spaces; their numbers do not.
      case $owner in *[!A-Za-z0-9._:-]*) owner=$(stat -c '%u:%g' "$ROOT$path") ;; esac
      printf 'file %s %s %s %s\n' "$(stat -c %a "$ROOT$path")" "$owner" "$role" "$path" >>"$part/list" || return 1
    else
      printf 'absent - - %s %s\n' "$role" "$path" >>"$part/list" || return 1
    fi
  done <"$2"
}

# putback SET: restores the files of a backup, by their second names if those still exist. Restores all that it can, and
# fails if there is one that it cannot.
putback() {
  not_back=
  while read -r kind mode owner _ path; do
    target=$ROOT$path
    old=$(beside "$target" old)
    rm -f "$(beside "$target" new)"
    if [ "$kind" = absent ]; then
      rm -f "$target"
    elif [ -f "$old" ] && cmp -s "$old" "$1/root$path"; then
      mv -f "$old" "$target"
    elif cmp -s "$target" "$1/root$path"; then
      chown "$owner" "$target" && chmod "$mode" "$target"
    else
      place "$1/root$path" "$mode" "$owner" "$target" && mv -f "$(beside "$target" new)" "$target"
    fi || {
      not_back=yes
      rm -f "$(beside "$target" new)"
      printf "cannot put back %s\n" "$path" >&2
    }
  done <"$1/list"
  sync
  [ -z "$not_back" ]
}

# forget LIST: removes the second names; the change is final.
forget() {
  while read -r _ _ _ _ path; do
    rm -f "$(beside "$ROOT$path" old)" "$(beside "$ROOT$path" new)"
  done <"$1"
}
