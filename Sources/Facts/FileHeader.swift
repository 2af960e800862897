/// The line that announces a file's contents, for the scripts that print files.
enum FileHeader {
    /// `header PATH SIZE` prints `file SIZE MODE OWNER TIME PATH`. The path is last, as it may hold blanks.
    ///
    /// A user or group that a directory service names may have blanks in its name; its number has none. A shell of its own,
    /// because whoever calls may split words at other characters than blanks.
    static let function = """
        header() (
          unset IFS
          header_path=$1 header_size=$2
          set -- $(stat -L -c '%a %Y %u:%g %U:%G' "$header_path")
          if [ $# -eq 4 ]; then header_owner=$4; else header_owner=$3; fi
          echo "file $header_size $1 $header_owner $2 $header_path"
        )

        """
}
