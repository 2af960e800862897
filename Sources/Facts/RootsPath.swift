/// The shell function that decides whether a path is root's alone, for scripts that run as root.
package enum RootsPath {
    /// `is_roots PATH [GROUP]` succeeds if nobody but root, or the user who asks, can put something else at an existing path,
    /// wherever its links lead. It and all directories above it belong to root; no group may write there but GROUP. In a
    /// directory with the sticky bit, everybody may create files, but only their owner can replace them.
    package static let function = """
        is_roots() {
          own=$(id -u)
          may=${2-}
          case $1 in /*) ;; *) return 1 ;; esac
          real=$(readlink -f "$1")
          [ -n "$real" ] || return 1
          [ "$real" != "$1" ] || real=/
          for q in "$1" "$real"; do
            while :; do
              # Of a link its own owner counts too: who owns it in a sticky directory can make it lead elsewhere.
              if [ -L "$q" ]; then
                set -- $(stat -c %u "$q")
                [ "$1" = 0 ] || [ "$1" = "$own" ] || return 1
              fi
              set -- $(stat -L -c '%a %u %G %F' "$q")
              [ "$2" = 0 ] || [ "$2" = "$own" ] || return 1
              case $*: in *directory:) [ $((0$1 & 01000)) -ne 0 ] && set -- 0 ;; esac
              [ $((0$1 & 02)) -eq 0 ] || return 1
              [ $((0$1 & 020)) -eq 0 ] || { [ -n "$may" ] && [ "$3" = "$may" ]; } || return 1
              [ "$q" = / ] && break
              q=$(dirname "$q")
            done
          done
        }
        """
}
