import Remote

/// The inventory's settings for reaching machines.
struct SSHSettings {
    var user: String?
    var port: Int?
    var identities: [String] = []
    var jumps: [String]?

    func target(_ id: HostID, host: String) -> SSHTarget {
        SSHTarget(id: id, host: host, user: user, port: port, identities: identities, jumps: jumps)
    }
}

extension InventoryReader {
    static let sshKeys = InventoryShape.ssh.keyNames

    /// The settings of this `ssh` section, with missing ones taken from `outer`.
    mutating func readSSH(_ entry: YAMLEntry?, over outer: SSHSettings) -> SSHSettings {
        var settings = outer
        guard let entry,
            let fields = fields(entry, of: "`ssh`", keys: Self.sshKeys, example: "ssh: { user: root }")
        else { return settings }
        if let user = line(fields["user"], example: "root") {
            if isPlainWord(user) || user.utf8.first == UInt8(ascii: "_") {
                settings.user = user
            } else {
                error(
                    fields["user"]?.value.mark ?? fields.mark, "\(quoted(user)) is not a user name",
                    remedy: "write `user: root`")
            }
        }
        if let port = integer(fields["port"], in: InventoryShape.ports, example: "22") {
            settings.port = port
        }
        if let identity = fields["identity"] {
            settings.identities = words(identity, example: "~/.ssh/id_ed25519").map { resolved($0.text) }
        }
        if let jump = fields["jump"] { settings.jumps = readJumps(jump) }
        return settings
    }

    private mutating func readJumps(_ entry: YAMLEntry) -> [String]? {
        let hops = words(entry, example: "bastion.example.net").flatMap { word in
            word.text.split(separator: ",", omittingEmptySubsequences: false).map { (String($0), word.mark) }
        }
        if hops.map(\.0) == ["none"] { return [] }
        for (hop, mark) in hops where !isHop(hop) {
            error(
                mark, "\(quoted(hop)) is not a jump host",
                remedy: "write `jump: user@bastion.example.net:22`, a list of hops, or `none`")
        }
        return hops.map(\.0)
    }

    /// `[user@]host[:port]`, with nothing that ssh could take for an option.
    private func isHop(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.first != UInt8(ascii: "-") && !text.contains("..")
            && text.utf8.allSatisfy { isAlphanumeric($0) || "_-.:@[]%".utf8.contains($0) }
    }
}
