import Remote

/// Which of the packages in question are installed.
package struct PackagesFact: Fact {
    package static let name = "packages"

    package var packages: [String]

    package init(_ packages: [String]) { self.packages = packages }

    package var script: String {
        let words = packages.map(\.shellQuoted).joined(separator: " ")
        return """
            for p in \(words.isEmpty ? "" : words); do
              if command -v dpkg-query >/dev/null; then
                [ "$(dpkg-query -W -f='${db:Status-Status}' "$p")" = installed ] && echo "$p"
              elif command -v rpm >/dev/null; then
                rpm -q --quiet "$p" && echo "$p"
              elif command -v apk >/dev/null; then
                apk info -e "$p" >/dev/null && echo "$p"
              fi
            done
            """
    }

    package func parse(_ output: SectionOutput) throws(FactError) -> Set<String> {
        Set(output.lines.map(String.init)).intersection(packages)
    }
}
