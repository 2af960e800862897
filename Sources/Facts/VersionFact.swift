package import Keepalived

/// The installed release of keepalived; a running daemon is not asked.
package struct VersionFact: Fact {
    package static let name = "version"

    package init() {}

    package let script = "keepalived --version 2>&1 | sed -n '1s/^Keepalived v*//p'"

    package func parse(_ output: SectionOutput) throws(FactError) -> KeepalivedVersion {
        guard let version = output.lines.first.flatMap({ KeepalivedVersion($0.prefix { $0 != " " }) }) else {
            throw .unreadable(fact: Self.name, cause: "keepalived does not report its version")
        }
        return version
    }
}
