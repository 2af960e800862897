import Addresses

/// Reads the addresses of virtual servers, of their groups and of the servers behind them.
///
/// check_data.c `alloc_vs`, `alloc_rs`, `alloc_ssvr` and `alloc_vsg_entry`, since 2.0. What the keywords inside take is
/// known to ``GrammarTable``.
struct VirtualServerReader {
    private(set) var values = StatementValues(owner: "")

    mutating func read(_ statement: Statement) {
        values.owner = statement.arguments.map(\.text).joined(separator: " ")
        if statement.keyword == "virtual_server_group" {
            for entry in statement.block ?? [] { readGroupEntry(entry, in: statement) }
            return
        }
        guard statement.words.count > 1 else { return }
        let skipped = "keepalived skips the whole block"
        var family: Bool?
        switch statement.words[1].text {
        case "group":
            guard statement.words.count > 2 else {
                values.note(.missingOptionValue, statement, text: "group", "there is no name of a group")
                return
            }
        case "fwmark":
            guard statement.words.count > 2 else {
                values.note(.missingOptionValue, statement, text: "fwmark", skipped)
                return
            }
            _ = values.number(statement, 2, in: 0...Int(UInt32.max), otherwise: skipped)
        default:
            guard let address = server(statement, otherwise: skipped) else { return }
            family = address.isIPv6
        }
        for line in statement.block ?? [] where line.kind == .keyword {
            switch line.keyword {
            case "real_server":
                readServer(
                    line, isIPv6: family, isTunnelled: isTunnelled(line) || isTunnelled(statement), skipped)
            case "sorry_server":
                readServer(
                    line, isIPv6: family, isTunnelled: isTunnelled(statement), "there is no sorry server")
            default: break
            }
        }
    }

    private mutating func readServer(
        _ line: Statement, isIPv6: Bool?, isTunnelled: Bool, _ consequence: String
    ) {
        guard line.words.count > 1, let address = server(line, otherwise: consequence) else { return }
        // A tunnel may carry the other family.
        guard let isIPv6, isIPv6 != address.isIPv6, !isTunnelled else { return }
        values.note(
            .familyMismatch, line, text: line.words[1].text, at: line.end ?? line.words[1].location,
            "its family is not that of the virtual server, and keepalived skips it")
    }

    private func isTunnelled(_ statement: Statement) -> Bool {
        (statement.block ?? []).contains {
            ["lb_kind", "lvs_method"].contains($0.keyword) && $0.words.count > 1 && $0.words[1].text == "TUN"
        }
    }

    /// An address and, behind it, a port other than 0.
    private mutating func server(_ line: Statement, otherwise consequence: String) -> IPAddress? {
        let word = line.words[1]
        guard let address = StatementValues.host(word.text) else {
            values.note(.invalidAddress, line, text: word.text, at: word.location, consequence)
            return nil
        }
        guard line.words.count > 2, line.words[2].text.contains(where: { $0 != "0" }) else { return address }
        return values.number(line, 2, in: 1...65535, otherwise: consequence) == nil ? nil : address
    }

    private mutating func readGroupEntry(_ entry: Statement, in block: Statement) {
        guard let word = entry.words.first, word.text != "fwmark" else { return }
        guard StatementValues.host(word.text) != nil else {
            values.note(
                .invalidAddress, block, text: word.text, at: word.location, "keepalived skips the line")
            return
        }
        guard entry.words.count > 1, entry.words[1].text.contains(where: { $0 != "0" }) else { return }
        let port = NumberText(entry.words[1].text)
        if !port.isClean || !(1...65535).contains(port.value) {
            values.note(
                port.isClean ? .outOfRange : .notANumber, block, text: entry.words[1].text,
                at: entry.words[1].location, "keepalived skips the line")
        }
    }
}
