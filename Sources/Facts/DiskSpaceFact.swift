/// The file systems that the daemons write to.
package struct DiskSpace: Hashable, Sendable {
    package struct FileSystem: Hashable, Sendable {
        package var mount: String
        /// Bytes that programs may still write, in units of 1024.
        package var available: Int
        package var total: Int
        package var availableInodes: Int?
    }

    package var fileSystems: [FileSystem]

    package init(_ fileSystems: [FileSystem] = []) { self.fileSystems = fileSystems }

    /// Those where nothing more can be written.
    package var full: [FileSystem] {
        fileSystems.filter { $0.total > 0 && $0.available == 0 || $0.availableInodes == 0 }
    }
}

/// Reads ``DiskSpace``.
package struct DiskSpaceFact: Fact {
    package static let name = "disk-space"

    package init() {}

    package var duration: Int { 6 }

    /// A hanging file system must not hold up the rest.
    package let script = """
        t() { if command -v timeout >/dev/null; then timeout 2 "$@"; else "$@"; fi; }
        for d in / /etc /run /tmp /var/tmp /var/lib; do [ ! -d "$d" ] || set -- "$@" "$d"; done
        t df -Pk "$@" | sed '1d;s/^/blocks=/'
        t df -Pi "$@" | sed '1d;s/^/inodes=/'
        true
        """

    /// `/dev/sda1 262144 262144 0 100% /`
    package func parse(_ output: SectionOutput) throws(FactError) -> DiskSpace {
        var space = DiskSpace()
        for line in output.lines.prefix(100) {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let words = line[line.index(after: equals)...].split(separator: " ", maxSplits: 5)
            guard words.count == 6, let total = Int(words[1]), let available = Int(words[3]) else { continue }
            let mount = String(words[5])
            let known = space.fileSystems.firstIndex { $0.mount == mount }
            if line.hasPrefix("inodes=") {
                // Some file systems count no inodes.
                if let known, total > 0 { space.fileSystems[known].availableInodes = max(0, available) }
            } else if known == nil {
                space.fileSystems.append(
                    DiskSpace.FileSystem(mount: mount, available: max(0, available), total: total))
            }
        }
        return space
    }
}
