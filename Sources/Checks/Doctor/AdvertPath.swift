import Addresses
import Facts
import Keepalived

/// What is known of the adverts from one member of a virtual router to another, on both ends.
struct AdvertPath {
    let router: VirtualRouter
    let sender: VirtualRouter.Member
    let receiver: VirtualRouter.Member

    /// All directions in which adverts should go: from each master to each other member.
    static func paths(of router: VirtualRouter) -> [AdvertPath] {
        router.masters.flatMap { sender in
            router.members.filter { $0.name != sender.name }.map {
                AdvertPath(router: router, sender: sender, receiver: $0)
            }
        }
    }

    /// The sender's adverts that tcpdump saw arrive.
    var heard: [Capture.Advert] {
        let sources = sender.sources
        return receiver.incoming.filter { sources.contains($0.source) }
    }

    /// Whether the sender's adverts certainly leave: tcpdump sees them leave, or, without tcpdump, keepalived counts them,
    /// logs no failure and nothing on the machine may drop them.
    var leaves: Bool {
        guard !sender.node.capture.isPossible else { return !sender.departures.isEmpty }
        return (sender.sent ?? 0) > 0 && sender.sendFailures.isEmpty && isClear(sender, .output)
    }

    /// Whether they certainly do not arrive: tcpdump sees none, or, without tcpdump, keepalived counts none and nothing on
    /// the machine may drop them.
    var isLost: Bool {
        guard receiver.received == 0, receiver.refused.isEmpty, !hasProgram(receiver, .input) else {
            return false
        }
        return receiver.node.capture.isPossible ? heard.isEmpty : isClear(receiver, .input)
    }

    /// Whether the machine's filter was read and certainly lets adverts pass.
    private func isClear(_ member: VirtualRouter.Member, _ hook: PacketFilter.Hook) -> Bool {
        let filter = AdvertFilter(router: router, member: member)
        return member.node.filter != nil && filter.passage(hook) == .passes && filter.doubt(hook) == nil
            && !hasProgram(member, hook)
    }

    private func hasProgram(_ member: VirtualRouter.Member, _ hook: PacketFilter.Hook) -> Bool {
        !member.programs(hook).isEmpty
    }

    /// What tcpdump saw on both ends, or what was counted.
    var evidence: [Evidence] {
        var found: [Evidence] = []
        if sender.node.capture.isPossible {
            let words =
                sender.departures.isEmpty ? "sees none of its adverts leave" : "sees its adverts leave"
            found.append(Evidence(.capture, on: sender.name, "tcpdump \(words) on \(sender.interface)"))
        }
        if receiver.node.capture.isPossible {
            found.append(
                Evidence(
                    .capture, on: receiver.name,
                    receiver.arrivals.isEmpty
                        ? "tcpdump sees no advert arrive"
                        : "tcpdump sees adverts of router \(receiver.routerID ?? 0) arrive from \(joined(receiver.arrivals.map(\.description)))"
                ))
        }
        return found
    }

    /// On both ends: what was excluded, and what may drop the adverts and cannot be evaluated.
    var exclusions: [Evidence] { exclusions(sender, .output) + exclusions(receiver, .input) }

    private func exclusions(_ member: VirtualRouter.Member, _ hook: PacketFilter.Hook) -> [Evidence] {
        let filter = AdvertFilter(router: router, member: member)
        let way = hook == .input ? "reach it" : "leave it"
        var found = member.programs(hook).map {
            Evidence(
                .kernel, on: member.name,
                "a program (\($0.kind)) on \($0.interface) may drop packets that \(way): haops cannot read its decisions"
            )
        }
        if member.node.filter == nil {
            found.append(Evidence(.kernel, on: member.name, "its packet filter could not be read"))
        } else if let doubt = filter.doubt(hook) {
            found.append(
                Evidence(
                    .kernel, on: member.name,
                    "may drop adverts, by conditions that haops does not evaluate: \(doubt.words)"))
        } else {
            found.append(
                Evidence(.kernel, on: member.name, "excluded: no rule drops adverts that \(way)"))
        }
        if hook == .input, let drops = member.node.reversePathDrops, member.isDeaf {
            found.append(
                Evidence(
                    .kernel, on: member.name,
                    drops == 0
                        ? "excluded: rp_filter has dropped nothing"
                        : "rp_filter has dropped \(drops) packets, whose it does not say"))
        }
        return found
    }

    /// What would decide where the adverts are lost.
    var decision: String {
        let on = receiver.interface
        if let program = sender.programs(.output).first, sender.departures.isEmpty {
            return
                "detach the program from \(program.interface) of \(sender.name) for a moment, and run doctor again"
        }
        if let program = receiver.programs(.input).first {
            return
                "detach the program from \(program.interface) of \(receiver.name) for a moment, and run doctor again"
        }
        if !sender.node.capture.isPossible || !receiver.node.capture.isPossible {
            let names = [sender, receiver].filter { !$0.node.capture.isPossible }.map(\.name)
            return
                "install tcpdump on \(joined(names)), and run doctor again: it shows on which side adverts are lost"
        }
        if sender.departures.isEmpty {
            return
                "strace -f -e trace=sendmsg -p $(pgrep -o keepalived) on \(sender.name) shows whether its adverts are sent"
        }
        if receiver.arrivals.isEmpty {
            return
                "tcpdump -nni \(on) 'proto 112' on the machines and switches between \(sender.name) and \(receiver.name)"
        }
        return
            "nft monitor trace, or perf record -e skb:kfree_skb, on \(receiver.name) shows where its kernel drops them"
    }
}
