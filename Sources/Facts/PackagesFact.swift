import Remote

/// Which of the given packages are installed.
package struct PackagesFact: Fact {
    package static let name = "packages"

    package var packages: [String]

    package init(_ packages: [String]) { self.packages = packages }

    package var duration: Int { 10 }

    /// The tools of one package database may be installed on a machine that uses another. dpkg's database is in use
    /// if dpkg itself is in it. rpm is not asked on such a machine, because a query already makes it create a
    /// database in root's home.
    ///
    /// A name may include its version, as apt and zypper accept it: `haproxy=2.6.12-1`.
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
