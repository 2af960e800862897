/// The line that announces a file's contents, for the scripts that print files.
enum FileHeader {
    /// `header_read PATH` finds out about a file and sets `n` to its size; it fails where the file cannot be read. Then
    /// `header PATH` prints `file SIZE MODE OWNER TIME PATH`. The path is last, as it may hold blanks.
    ///
    /// A `stat` for all files, or one for each, as a fleet's plan asks for a dozen files of each node. Its words are taken apart by hand: whoever
    /// calls may split words at other characters than blanks. A user or group that a directory service names may have
    /// blanks in its name; its number has none.
    ///
    /// `header_cache PATH...` asks about many files at once, which `header_read` then asks about no more.
    static let function = """
        headers=
        header_line='
        '
        header_cache() {
          headers=$header_line$(stat -L -c '%s %a %Y %u:%g %U:%G %n' "$@")$header_line
        }
        header_read() {
          [ -r "$1" ] || return
          case $headers in
            *" $1$header_line"*)
              header_rest=${headers%%" $1$header_line"*}
              header_rest=${header_rest##*"$header_line"}
              ;;
            *) header_rest=$(stat -L -c '%s %a %Y %u:%g %U:%G' "$1") || return ;;
          esac
          n=${header_rest%% *} header_rest=${header_rest#* }
          header_mode=${header_rest%% *} header_rest=${header_rest#* }
          header_time=${header_rest%% *} header_rest=${header_rest#* }
          header_owner=${header_rest#* }
          case $header_owner in *[[:blank:]]*) header_owner=${header_rest%% *} ;; esac
        }
        header() { echo "file $n $header_mode $header_owner $header_time $1"; }

        """
}
