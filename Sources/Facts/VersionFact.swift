package import Keepalived

/// The installed release of keepalived; a running daemon is not asked.
package struct VersionFact: Fact {
    package static let name = "version"

    package init() {}

    /// A shell function that prints the installed release, `2.2.7`; nothing if keepalived does not say it.
    ///
    /// keepalived takes 7 to 15 ms for `--version`, most of it to load its libraries. What it prints is a text in the
    /// program (`VERSION_STRING`, main.c), which grep finds in 1 ms. keepalived is asked where that text is not there
    /// exactly once, as in a wrapper script or without `grep -a`.
    static let function = """
        keepalived_version() {
          v=$(grep -ao 'Keepalived v[0-9][0-9.]*' "$(command -v keepalived)")
          case $v in
            *"
        "* | '') v=$(keepalived --version 2>&1) ;;
          esac
          v=${v%%
        *}
          case $v in "Keepalived "*) v=${v#* } && echo "${v#v}" ;; esac
        }
        """

    package var script: String { Self.function + "\nkeepalived_version" }

    package func parse(_ output: SectionOutput) throws(FactError) -> KeepalivedVersion {
        guard let version = output.lines.first.flatMap({ KeepalivedVersion($0.prefix { $0 != " " }) }) else {
            throw .unreadable(fact: Self.name, cause: "keepalived does not report its version")
        }
        return version
    }
}
