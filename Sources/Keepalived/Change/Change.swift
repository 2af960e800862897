/// One difference in meaning between two configurations.
package struct Change: Hashable, Sendable {
    /// The instance, script or group concerned; empty for global definitions.
    package var subject: String
    package var keyword: String
    /// The old and the new value; `nil` when there is none. Passwords are masked.
    package var old: String?
    package var new: String?
    package var oldLocation: ConfigurationLocation?
    package var newLocation: ConfigurationLocation?

    package init(
        _ subject: String, _ keyword: String, old: String?, new: String?,
        oldLocation: ConfigurationLocation? = nil,
        newLocation: ConfigurationLocation? = nil
    ) {
        self.subject = subject
        self.keyword = keyword
        self.old = old
        self.new = new
        self.oldLocation = oldLocation
        self.newLocation = newLocation
    }
}

extension Change: CustomStringConvertible {
    package var description: String {
        let name = subject.isEmpty ? keyword : "\(subject): \(keyword)"
        switch (old, new) {
        case (nil, let new?): return "\(name) added: \(new)"
        case (let old?, nil): return "\(name) removed: \(old)"
        default: return "\(name): \(old ?? "") -> \(new ?? "")"
        }
    }
}

extension Statement {
    /// The words of the statement and of its block, without places.
    package var meaning: String {
        let line = words.map { $0.isQuoted ? "\"\($0.text)\"" : $0.text }.joined(separator: " ")
        guard let block else { return line }
        return line + " { " + block.map(\.meaning).joined(separator: "; ") + " }"
    }
}

extension VirtualAddress {
    /// The entry with its options in the order of keepalived's documentation.
    package var meaning: String {
        var text = "\(address)/\(prefixLength)"
        switch broadcast {
        case .lowest: text += " brd -"
        case .highest: text += " brd +"
        case .address(let address): text += " brd \(address)"
        case nil: break
        }
        if let device { text += " dev \(device)" }
        if let scope { text += " scope \(scope)" }
        if let label { text += " label \(label)" }
        if let peer { text += " peer \(peer)" }
        if isUntracked { text += " no_track" }
        if let preferredLifetime { text += " preferred_lft \(preferredLifetime)" }
        return ([text] + flags).joined(separator: " ")
    }
}

extension TrackedReference {
    package var meaning: String {
        "\(name) weight \(weight)\(isReversed ? " reverse" : "")"
    }
}
