import Remote

/// Which of the packages in question are installed.
package struct PackagesFact: Fact {
    package static let name = "packages"

    package var packages: [String]

    package init(_ packages: [String]) { self.packages = packages }

    /// The tools of one database may be installed on a machine that another keeps: dpkg's is in force where it keeps
    /// dpkg. rpm is not asked there, as a mere question makes it found a database in root's home.
    ///
    /// A name may carry its version, as apt and zypper take it: `haproxy=2.6.12-1`.
    package var script: String {
        guard !packages.isEmpty else { return "true" }
        let words = packages.map(\.shellQuoted).joined(separator: " ")
        return """
            by_dpkg() {
              case $(dpkg-query -W -f='${db:Status-Status} ${Version}' "$n") in
                "installed "$any) return 0 ;;
              esac
              return 1
            }
            by_rpm() { rpm -q --quiet "$n${v:+-$v}" || rpm -q --quiet --whatprovides "$n${v:+ = $v}"; }
            by_apk() { apk info -e "$p" >/dev/null; }
            if dpkg-query -W dpkg >/dev/null; then ask=by_dpkg
            elif command -v rpm >/dev/null; then ask=by_rpm
            else ask=by_apk
            fi
            for p in \(words); do
              n=${p%%=*} v= any='*'
              case $p in *=*) v=${p#*=} any=$v ;; esac
              "$ask" && echo "$p"
            done
            """
    }

    package func parse(_ output: SectionOutput) throws(FactError) -> Set<String> {
        Set(output.lines.map(String.init)).intersection(packages)
    }
}
