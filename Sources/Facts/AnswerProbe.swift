package import Addresses

/// A TCP port that a virtual address is to be served on.
package struct ServedPort: Hashable, Sendable, Comparable {
    package var number: Int
    /// Plain HTTP: then an answer is waited for.
    package var isHTTP: Bool

    package init(number: Int, isHTTP: Bool) {
        self.number = number
        self.isHTTP = isHTTP
    }

    package static func < (left: ServedPort, right: ServedPort) -> Bool {
        (left.number, left.isHTTP ? 1 : 0) < (right.number, right.isHTTP ? 1 : 0)
    }
}

/// What came of one connection.
package enum PortAnswer: String, Hashable, Sendable, CaseIterable {
    /// Accepted, and a program answered.
    case answers
    /// Accepted; what is spoken there was not asked.
    case open
    /// Accepted by the kernel, and nothing was said within a second.
    case mute
    case refused
    /// Neither accepted nor refused within a second.
    case silent

    package var isGood: Bool { self == .answers || self == .open }
}

/// What one machine found out about virtual addresses by asking; see ``AnswerFact``.
package struct AnswerProbe: Hashable, Sendable {
    package struct Answer: Hashable, Sendable {
        /// The machine had the address itself when it asked.
        package var isHolder = false
        /// Whether it asked on the address's own network, and would have heard an answer of that moment.
        package var isAsked = false
        /// Whether it only had an older entry to send to, and no answer.
        package var isCached = false
        /// Whether the address is behind a router for it.
        package var isFar = false
        /// Whether its own interface to the address has no carrier.
        package var isCut = false
        package var interface: String?
        /// Every link-layer address that answered.
        package var macs: Set<MACAddress> = []
        package var isPinged = false
        package var ports: [Int: PortAnswer] = [:]

        package init() {}

        fileprivate mutating func note(_ interface: String) {
            if !interface.isEmpty, interface != "lo" || self.interface == nil { self.interface = interface }
        }

        mutating func add(_ key: String, _ first: String, _ second: String) {
            switch key {
            case "holds":
                isHolder = true
                note(first)
            case "asked":
                isAsked = true
                note(first)
            case "cached":
                isCached = true
                note(first)
            case "cut":
                isCut = true
                note(first)
            case "far": isFar = true
            case "ping": isPinged = true
            case "mac":
                // The broadcast address and the zero address belong to no machine.
                if let mac = MACAddress(first), mac.value != 0, mac.value != 0xFFFF_FFFF_FFFF {
                    macs.insert(mac)
                }
            case "port":
                if let number = Int(first), let answer = PortAnswer(rawValue: second) {
                    ports[number] = answer
                }
            default: break
            }
        }
    }

    package var answers: [IPAddress: Answer] = [:]
    /// Who else answered, by interface; only asked where it matters.
    package var heard: [String: [IPAddress]] = [:]
    /// The interfaces on which somebody else was asked.
    package var listened: Set<String> = []

    package init() {}

    /// Takes in what the machine found out later: about the addresses that it was asked about again, that alone counts.
    package mutating func update(with later: AnswerProbe) {
        answers.merge(later.answers) { $1 }
        heard.merge(later.heard) { $1 }
        listened.formUnion(later.listened)
    }

    /// Whether anybody is heard on an interface; `nil` where nobody was asked.
    package func hearsSomebody(on interface: String?) -> Bool? {
        guard let interface else { return nil }
        if heard[interface]?.isEmpty == false { return true }
        return listened.contains(interface) ? false : nil
    }
}
