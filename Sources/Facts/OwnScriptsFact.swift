import Remote

/// The complete programs that keepalived's configuration runs and that do not come from a package of the
/// distribution.
///
/// This includes the programs that haops' own notify script runs, and those that haops has shipped (its manifest
/// lists them).
package struct OwnScriptsFact: Fact {
    package static let name = "own-scripts"
    static let most = 100

    /// The path of haops' list of shipped files.
    package var manifest: String

    package init(manifest: String) { self.manifest = manifest }

    package var script: String {
        FilesFact([manifest]).headers + #"""

            \#(NamedPathsFact.namedFunction)
            hooks() {
              sed -n -e 's/^MASTER //p' -e 's/^BACKUP //p' -e 's/^FAULT //p' -e 's/^STOP //p' /etc/keepalived/haops-notify.sh |
                while IFS= read -r h; do
                  case $h in
                    /*/) for p in "$h"*; do if [ -f "$p" ] && [ -x "$p" ]; then printf '%s\n' "$p"; fi; done ;;
                    /*) printf '%s\n' "$h" ;;
                  esac
                done
            }
            listed() { while read -r sum what p; do case $p in /*) printf '%s\n' "$p" ;; esac; done <\#(manifest.shellQuoted); }
            # Programs in the directories of distributions belong to them.
            packaged() {
              case $1 in /bin/* | /sbin/* | /lib* | /usr/bin/* | /usr/sbin/* | /usr/lib* | /usr/share/*) return 0 ;; esac
              if command -v dpkg-query >/dev/null; then dpkg-query -S "$1" >/dev/null
              elif command -v rpm >/dev/null; then rpm -qf "$1" >/dev/null
              else false; fi
            }
            own=$({ named; hooks; listed; } | grep '^/' | sort -u | head -n \#(Self.most))
            set -f
            IFS=$header_line
            for p in $own; do
              unset IFS
              [ -e "$p" ] && ! [ -d "$p" ] && ! packaged "$p" && f "$p"
            done
            contents
            true
            """#
    }

    package func parse(_ output: SectionOutput) throws(FactError) -> [String: FileState] {
        try FilesFact([]).parse(output)
    }
}
