/// The header line before a file's contents, for the scripts that print files.
enum FileHeader {
    /// `header_read PATH` reads a file's attributes and sets `n` to its size; it fails if the file cannot be read.
    /// Then `header PATH` prints `file SIZE MODE OWNER TIME PATH`. The path is last because it may contain blanks.
    ///
    /// A fleet's plan asks for a dozen files of each node, so one `stat` can serve all of them. The output of `stat`
    /// is split without word splitting, because the caller may have changed IFS. A user or group of a directory
    /// service may have blanks in its name; then the number is used.
    ///
    /// `header_cache PATH...` reads the attributes of many files at once; `header_read` then uses them.
    ///
    /// One process can also print the contents of many files: `later PATH` prints the header `later SIZE MODE OWNER TIME
    /// PATH`, and at the end `contents` prints a line `contents` and the files' contents, one after the other.
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
        later_paths=
        later() {
          echo "later $n $header_mode $header_owner $header_time $1"
          [ "$n" -eq 0 ] || later_paths=$later_paths$1$header_line
        }
        contents() {
          [ -n "$later_paths" ] || return 0
          echo contents
          ( set -f; IFS=$header_line; exec cat -- $later_paths )
          echo
        }

        """
}
