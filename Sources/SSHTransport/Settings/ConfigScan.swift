internal import Glibc

/// Whether the operator's ssh configuration says anything about a host that haops follows.
///
/// The configuration itself is read by `ssh -G` alone, which knows all of its rules. But that is a process per
/// host, and for most fleets the files only say things that concern ssh itself. So they are looked through first:
/// too careful is fine, for then `ssh -G` is asked without need.
struct ConfigScan: Sendable {
    /// Lines that bind, under the `Host` patterns they stand under; `nil` where the condition is not a name.
    private var conditions: [[String]?] = []
    /// `HashKnownHosts yes` stands in the files, whatever the host.
    private(set) var hashesKnownHosts = false

    /// `StrictHostKeyChecking accept-new` stands in the files, for whichever host.
    private(set) var acceptsNew = false

    private static let binding: Set<String> = [
        "hostname", "user", "port", "identityfile", "identitiesonly", "identityagent", "userknownhostsfile",
        "globalknownhostsfile", "hostkeyalias", "proxyjump", "proxycommand", "stricthostkeychecking",
        "connecttimeout", "canonicalizehostname", "canonicaldomains", "certificatefile",
        "revokedhostkeys",
    ]

    /// Whether `ssh -G` has to be asked about the host.
    func binds(_ host: String) -> Bool {
        conditions.contains { patterns in
            guard let patterns else { return true }
            // A negated pattern could only take the host out again: leave that to ssh.
            return patterns.contains { !$0.hasPrefix("!") && host.matches(glob: $0[...]) }
        }
    }

    /// The operator's files: the one that was named, else the usual ones. Blocks: not for the cooperative pool.
    static func ofFiles(_ named: String?) -> ConfigScan {
        var scan = ConfigScan()
        let userDirectory = homeDirectory + "/.ssh"
        switch named {
        case "none": break
        case let file?: scan.add(file: expandTilde(file), relativeTo: userDirectory)
        case nil:
            scan.add(file: userDirectory + "/config", relativeTo: userDirectory)
            scan.add(file: "/etc/ssh/ssh_config", relativeTo: "/etc/ssh")
        }
        return scan
    }

    /// Reads a file and what it includes. Blocks: not for the cooperative pool.
    mutating func add(file: String, relativeTo base: String, depth: Int = 0) {
        guard depth < 16, case .success(let bytes) = readFile(file) else { return }
        add(text: String(decoding: bytes, as: UTF8.self)) { include in
            let pattern = expandTilde(include)
            return expandGlob(pattern.hasPrefix("/") ? pattern : base + "/" + pattern)
        } read: { scan, path in
            scan.add(file: path, relativeTo: base, depth: depth + 1)
        }
    }

    /// Reads one file's text; the closures find and read what it includes.
    mutating func add(
        text: String, expand: (String) -> [String], read: (inout ConfigScan, String) -> Void
    ) {
        var condition: [String]? = ["*"]
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: { " \t=\"".contains($0) }).map(String.init)
            guard let keyword = words.first?.lowercased(), !keyword.hasPrefix("#") else { continue }
            switch keyword {
            case "host": condition = Array(words.dropFirst())
            case "match": condition = words.dropFirst().first?.lowercased() == "all" ? ["*"] : nil
            case "include": for word in words.dropFirst() { for path in expand(word) { read(&self, path) } }
            case "hashknownhosts" where words.dropFirst().first?.lowercased() == "yes":
                hashesKnownHosts = true
            case _ where Self.binding.contains(keyword):
                conditions.append(condition)
                if keyword == "stricthostkeychecking", words.dropFirst().first?.lowercased() == "accept-new" {
                    acceptsNew = true
                }
            default: break
            }
        }
    }
}

private func expandGlob(_ pattern: String) -> [String] {
    var found = unsafe glob_t()
    defer { unsafe globfree(&found) }
    guard unsafe glob(pattern, 0, nil, &found) == 0 else { return [] }
    return unsafe (0..<Int(found.gl_pathc)).compactMap { index in
        guard let path = unsafe found.gl_pathv[index] else { return nil }
        return unsafe String(cString: path)
    }
}
