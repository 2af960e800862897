import Addresses
import Remote

extension Fleet {
    /// The name of the one cluster of a fleet that was named on the command line.
    package static let adHocCluster = "nodes"

    /// A fleet of the machines of `--nodes root@198.51.100.11,lb[01-04]:2222,[2001:db8::1]:22`.
    ///
    /// Only the nodes' addresses and logins are known: no virtual addresses, no settings. Throws an
    /// ``AdHocError`` for the first entry that cannot be read or that names a machine twice.
    package static func adHoc(nodes entries: [String]) throws(AdHocError) -> Fleet {
        var nodes: [Node] = []
        var hosts: [String: Int] = [:]
        var targets: Set<SSHTarget> = []
        for entry in entries {
            for text in splitAtCommas(entry) {
                for target in try adHocTargets(text.filter { $0 != " " }) {
                    guard targets.insert(target).inserted else { throw .twice(target.host) }
                    hosts[target.host, default: 0] += 1
                    nodes.append(
                        Node(id: target.id, target: target, vrrpAddress: IPAddress(target.host)))
                }
            }
        }
        guard !nodes.isEmpty else { throw .empty }
        for index in nodes.indices where hosts[nodes[index].target.host, default: 0] > 1 {
            // Nodes with the same host are named with their port.
            let target = nodes[index].target
            let host = target.host.contains(":") ? "[\(target.host)]" : target.host
            nodes[index].id = HostID("\(host):\(target.port ?? 22)")
            nodes[index].target.id = nodes[index].id
        }
        let names = Set(nodes.map(\.id))
        guard names.count == nodes.count else { throw .twice(nodes[0].target.host) }
        return Fleet(source: "--nodes", clusters: [Cluster(name: adHocCluster, nodes: nodes)])
    }

    /// `[user@]host[:port]`, the host an address, a name, a range, or an IPv6 address in brackets.
    private static func adHocTargets(_ text: String) throws(AdHocError) -> [SSHTarget] {
        var rest = text[...]
        var user: String?
        if let at = rest.lastIndex(of: "@") {
            user = String(rest[..<at])
            rest = rest[rest.index(after: at)...]
            guard let name = user, name.utf8.first != UInt8(ascii: "-"), !name.isEmpty,
                name.utf8.allSatisfy({ isAlphanumeric($0) || "_-.@\\".utf8.contains($0) })
            else { throw .unreadable(text) }
        }
        guard !rest.isEmpty else { throw .unreadable(text) }
        var port: Int?
        if IPAddress(rest)?.isIPv6 != true, rest.last != "]", let colon = rest.lastIndex(of: ":") {
            let digits = rest[rest.index(after: colon)...]
            guard (1...5).contains(digits.count), let number = Int(digits), (1...65535).contains(number)
            else {
                throw .unreadable(text)
            }
            port = number
            rest = rest[..<colon]
        }
        var names: [String]
        do {
            names = try NodeRange(rest).names
        } catch {
            throw .range(error)
        }
        for index in names.indices {
            let name = names[index]
            let bare = name.dropFirst().dropLast()
            if name.first == "[", name.last == "]", IPAddress(bare)?.isIPv6 == true {
                names[index] = String(bare)
            }
            guard IPAddress(names[index]) != nil || isHostName(names[index]) else { throw .unreadable(text) }
        }
        return names.map { SSHTarget(id: HostID($0), host: $0, user: user, port: port) }
    }
}

/// Why `--nodes` cannot be read.
package enum AdHocError: Error, Hashable, Sendable {
    case empty
    case unreadable(String)
    case range(NodeRangeError)
    case twice(String)
}

extension AdHocError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty: "`--nodes` names no machine"
        case .unreadable(let text): "`--nodes`: \(quoted(text)) is not a host name or an address"
        case .range(let error): "`--nodes`: \(error)"
        case .twice(let host): "`--nodes`: \(quoted(host)) is listed twice"
        }
    }

    package var hint: String? {
        switch self {
        case .range(let error): error.hint
        case .twice: nil
        case .empty, .unreadable:
            "write `[user@]host[:port]`, separated by commas: `root@198.51.100.11,lb[01-04]:2222,[2001:db8::1]:22`"
        }
    }
}
