import Addresses

extension StatementValues {
    /// Reads one line of an address block.
    ///
    /// The options are those of vrrp_ipaddress.c `alloc_ipaddress`; `nil` when keepalived drops the address.
    mutating func virtualAddress(_ statement: Statement, in block: Statement) -> VirtualAddress? {
        guard let first = statement.words.first else { return nil }
        guard let (address, length) = addressWithLength(first, in: block) else { return nil }
        var result = VirtualAddress(address: address, prefixLength: length, location: first.location)
        var words = statement.words.dropFirst()
        while let option = words.popFirst() {
            guard read(option, &words, into: &result, block) else { return nil }
        }
        let hasScope = result.scope.map { !["global", "0"].contains($0) } ?? false
        if address.isIPv6, hasScope || result.label != nil {
            note(
                .reset, block, text: first.text, at: first.location,
                "an IPv6 address takes no scope and no label")
            result.scope = nil
            result.label = nil
        }
        if result.broadcast == .highest || result.broadcast == .lowest, result.prefixLength > 30 {
            note(
                .outOfRange, block, text: first.text, at: first.location,
                "the prefix is too long for a broadcast address")
            result.broadcast = nil
        }
        result.flags.sort()
        return result
    }

    private mutating func addressWithLength(_ word: Word, in block: Statement) -> (IPAddress, Int)? {
        let parts = word.text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else {
            note(
                .invalidAddress, block, text: word.text, at: word.location,
                "the address is dropped: nobody will hold it")
            return nil
        }
        guard parts.count > 1 else { return (address, address.bitWidth) }
        let length = NumberText(String(parts[1]))
        guard (0...address.bitWidth).contains(length.value) else {
            note(
                .outOfRange, block, text: word.text, at: word.location,
                "/\(address.bitWidth) is used instead")
            return (address, address.bitWidth)
        }
        if !length.isClean {
            note(
                .notANumber, block, text: word.text, at: word.location,
                "the config test and the daemon read different prefix lengths")
        }
        return (address, length.value)
    }

    /// - Returns: false when the address is dropped.
    private mutating func read(
        _ option: Word, _ rest: inout ArraySlice<Word>, into result: inout VirtualAddress, _ block: Statement
    ) -> Bool {
        switch option.text {
        case "home", "-nodad", "mngtmpaddr", "noprefixroute", "autojoin", "use_vmac":
            result.flags.append(option.text)
            return true
        case "no_track":
            result.isUntracked = true
            return true
        case "dev", "scope", "brd", "broadcast", "label", "peer", "preferred_lft", "track_group":
            break
        default:
            let isAddress = IPAddress(String(option.text.prefix { $0 != "/" })) != nil
            note(
                isAddress ? .wordsIgnored : .unknownOption, block, text: option.text, at: option.location,
                isAddress
                    ? "keepalived reads one address per line, so this one is dropped: nobody will hold it"
                    : "the word is ignored")
            return true
        }
        guard let value = rest.popFirst() else {
            note(
                .missingOptionValue, block, text: option.text, at: option.location,
                "the address is dropped: nobody will hold it")
            return false
        }
        return set(option, value, in: &result, block)
    }

    private mutating func set(
        _ option: Word, _ value: Word, in result: inout VirtualAddress, _ block: Statement
    ) -> Bool {
        func dropped() -> String { "the address is dropped: nobody will hold it" }
        switch option.text {
        case "dev":
            if result.device != nil {
                note(.duplicateKeyword, block, text: "dev", at: option.location, dropped())
                return false
            }
            result.device = value.text
        case "scope":
            result.scope = value.text
        case "brd", "broadcast":
            return setBroadcast(option, value, in: &result, block)
        case "label":
            if value.text.utf8.count > 15 {
                note(.tooLong, block, text: value.text, at: value.location, dropped())
                return false
            }
            result.label = value.text
        case "peer":
            guard let peer = IPAddress(value.text), peer.isIPv6 == result.address.isIPv6 else {
                note(.invalidAddress, block, text: value.text, at: value.location, "the peer is ignored")
                return true
            }
            result.peer = peer
            result.prefixLength = peer.bitWidth
        case "preferred_lft":
            result.preferredLifetime = value.text
        default:
            result.flags.append("track_group \(value.text)")
        }
        return true
    }

    private mutating func setBroadcast(
        _ option: Word, _ value: Word, in result: inout VirtualAddress, _ block: Statement
    ) -> Bool {
        if result.address.isIPv6 {
            note(
                .familyMismatch, block, text: option.text, at: option.location,
                "an IPv6 address has no broadcast, so the address is dropped")
            return false
        }
        switch value.text {
        case "-": result.broadcast = .lowest
        case "+": result.broadcast = .highest
        default:
            guard let address = IPAddress(value.text), !address.isIPv6 else {
                note(
                    .invalidAddress, block, text: value.text, at: value.location,
                    "the address is dropped: nobody will hold it")
                return false
            }
            result.broadcast = .address(address)
        }
        return true
    }
}
