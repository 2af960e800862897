package import Addresses
package import Facts
package import Remote

extension VIPOwnership {
    /// Whether an address that is owned is also reached by others: the fourth witness.
    package enum Answer: String, Hashable, Sendable {
        /// Nobody could ask, or nobody was to.
        case notProbed = "not-probed"
        /// Somebody else than its owner was answered.
        case answers
        /// Others asked, and got no answer.
        case dark
        /// A machine that does not own it answers, beside the owner or in its place.
        case contested
        /// Nobody was answered, and nobody can tell whose fault it is.
        case unclear
    }

    /// What one machine got as an answer.
    package struct AnswerView: Sendable {
        package var observer: HostID
        /// Whether it owned the address itself: then any answer came from another machine.
        package var isOwner: Bool
        package var probe: AnswerProbe.Answer
        /// The link-layer addresses that answered ARP or neighbour discovery.
        package var speakers: [Speaker]
        /// Whether it hears anybody at all on the interface to the address; `nil` where it was not asked.
        package var hearsSomebody: Bool?

        /// Whether it got an answer: by ARP, a ping, or any port that accepts or refuses.
        package var isAnswered: Bool {
            !speakers.isEmpty || probe.isPinged || probe.ports.values.contains { $0 != .silent }
        }
        /// Whether it asked in a way that would have shown an answer.
        package var hasAsked: Bool {
            probe.isAsked || isAnswered || probe.isCached && !probe.ports.isEmpty
        }
    }

    /// A link-layer address that answers for the virtual one.
    package struct Speaker: Hashable, Sendable {
        package var mac: MACAddress
        /// Whose interface has it, of several the owner; `nil` for a machine that was not asked.
        package var node: HostID?
    }

    /// What ``answer`` rests on: everybody else who asked.
    package var askers: [AnswerView] { answers.filter { !$0.isOwner && $0.hasAsked } }

    /// Who answers without owning it.
    package var intruders: [Speaker] {
        guard let owner = trueOwner else { return [] }
        return answers.flatMap(\.speakers).filter { $0.node != owner }.uniqued()
    }
}

extension [VIPOwnership.AnswerView] {
    /// The ports on which none of these is served, with what they got, and those on which one is.
    package var ports: (bad: [Int: PortAnswer], good: Set<Int>) {
        var good: Set<Int> = []
        var bad: [Int: PortAnswer] = [:]
        for (number, answer) in flatMap(\.probe.ports) {
            if answer.isGood { good.insert(number) } else if bad[number] != .mute { bad[number] = answer }
        }
        return (bad.filter { !good.contains($0.key) }, good)
    }
}

extension VIPOwnership {
    /// Whose a link-layer address is: "lb1 (02:00:00:00:01:0b)". A node that did not answer may have any address that
    /// no other machine has.
    package func words(for mac: MACAddress, of node: HostID?) -> String {
        if let node { return "\(node) (\(mac))" }
        let silent = nodes.filter { !$0.isReachable }.map(\.node.name)
        return silent.isEmpty
            ? "\(mac), nobody of this cluster"
            : "\(mac), perhaps \(alternatives(silent)), which did not answer"
    }

    /// "lb1 (02:00:00:00:01:0b) answers; port 80 answers".
    package func words(of view: AnswerView) -> String {
        var parts: [String] = []
        if !view.speakers.isEmpty {
            let names = view.speakers.map { speaker in
                words(for: speaker.mac, of: speaker.node) + (speaker.node == nil ? "," : "")
            }
            parts.append("\(joined(names)) answer\(names.count == 1 ? "s" : "")")
        } else if view.isOwner {
            parts.append("nobody else answers")
        } else if view.probe.isPinged {
            parts.append("it answers a ping")
        } else if view.probe.isAsked {
            parts.append(
                view.hearsSomebody == false
                    ? "nobody answers, for other addresses neither" : "nobody answers")
        } else if view.probe.isFar {
            parts.append("it is behind a router")
        } else if view.probe.isCut {
            parts.append("\(view.probe.interface ?? "its interface") has no carrier")
        }
        parts += view.probe.ports.sorted { $0.key < $1.key }.map { "port \($0.key) \($0.value.words)" }
        return parts.isEmpty ? "no answer" : parts.joined(separator: "; ")
    }
}

/// "lb1, lb2 or lb3".
func alternatives(_ words: [String]) -> String {
    guard words.count > 1, let last = words.last else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
}
