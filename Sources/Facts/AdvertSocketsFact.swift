package import Addresses

/// keepalived's processes, and the sockets that they receive adverts with.
package struct AdvertSockets: Hashable, Sendable {
    package struct Process: Hashable, Sendable {
        package var pid: Int
        /// Its parent's id; `nil` if not known.
        package var parent: Int?
        /// The kernel's letter (proc(5)): `T` is stopped, `t` traced, `D` waits for a device.
        package var state: Character
        /// Whether its control group is frozen.
        package var isFrozen: Bool
        /// The kernel's function that it waits in, if the kernel says so.
        package var waitsIn: String?

        package init(
            pid: Int, parent: Int? = nil, state: Character, isFrozen: Bool = false, waitsIn: String? = nil
        ) {
            self.pid = pid
            self.parent = parent
            self.state = state
            self.isFrozen = isFrozen
            self.waitsIn = waitsIn
        }

        /// Whether nothing runs in it until somebody acts.
        package var isHalted: Bool { isFrozen || state == "T" || state == "t" }
    }

    /// A socket for adverts that is bound to one address: a group, or a source address of unicast.
    package struct Socket: Hashable, Sendable {
        package var address: IPAddress
        /// Bytes that have arrived and were not read.
        package var unread: Int
        /// Packets that found no room.
        package var dropped: Int

        package init(address: IPAddress, unread: Int = 0, dropped: Int = 0) {
            self.address = address
            self.unread = unread
            self.dropped = dropped
        }
    }

    package var processes: [Process]
    /// keepalived 1.x has none: its sockets are bound to no address.
    package var sockets: [Socket]

    package init(processes: [Process] = [], sockets: [Socket] = []) {
        self.processes = processes
        self.sockets = sockets
    }

    /// The process whose parent is no keepalived.
    package func isMain(_ process: Process) -> Bool { !processes.contains { $0.pid == process.parent } }
}

/// Reads /proc only: sockets in keepalived's own network, which need not be the machine's.
package struct AdvertSocketsFact: Fact {
    package static let name = "advert-sockets"

    package init() {}

    /// IANA's numbers 112 and 51 in hexadecimal stand for a port. The kernel prints addresses in its own byte order.
    package let script = #"""
        \#(DaemonProcesses.function)
        \#(DaemonProcesses.freezer)
        some=
        for p in $(processes_of keepalived); do
          read -r stat <"/proc/$p/stat" || continue
          set -- ${stat##*) }
          is_frozen "$p" && frozen=1 || frozen=0
          wchan=-
          [ "$1" != D ] || read -r wchan <"/proc/$p/wchan"
          echo "process=$p $2 $1 $frozen ${wchan:--}"
          some=$p
          sed -n 's/^ *[0-9]*: \([0-9A-F]*\):00\(70\|33\) .*/raw=&/p' "/proc/$p/net/raw" "/proc/$p/net/raw6"
        done
        [ -z "$some" ] || echo "order=$(printf '\001\000' | od -An -tu2)"
        true
        """#

    package func parse(_ output: SectionOutput) throws(FactError) -> AdvertSockets {
        var found = AdvertSockets()
        var lines: Set<Substring> = []
        var isSwapped = true
        for line in output.lines {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let value = line[line.index(after: equals)...]
            switch line[..<equals] {
            case "order": isSwapped = value.split(separator: " ").first == "1"
            // Processes of one network print the same sockets.
            case "raw": lines.insert(value)
            case "process":
                let words = value.split(separator: " ")
                guard words.count == 5, let pid = Int(words[0]), let state = words[2].first else { continue }
                found.processes.append(
                    .init(
                        pid: pid, parent: Int(words[1]), state: state, isFrozen: words[3] == "1",
                        waitsIn: words[4] == "-" || words[4] == "0" ? nil : String(words[4])))
            default: break
            }
        }
        found.sockets = lines.compactMap { Self.socket($0, isSwapped: isSwapped) }
            .sorted { ($0.address, $0.unread) < ($1.address, $1.unread) }
        return found
    }

    /// `39: 120000E0:0070 00000000:0000 07 00000000:00000400 00:00000000 00000000 0 0 417868 2 0000000000000000 3`
    private static func socket(_ line: Substring, isSwapped: Bool) -> AdvertSockets.Socket? {
        let words = line.split(separator: " ")
        guard words.count >= 13, let colon = words[1].firstIndex(of: ":"),
            let address = address(words[1][..<colon], isSwapped: isSwapped), !address.isUnspecified
        else { return nil }
        let queues = words[4].split(separator: ":")
        return AdvertSockets.Socket(
            address: address, unread: queues.count == 2 ? Int(queues[1], radix: 16) ?? 0 : 0,
            dropped: Int(words[12]) ?? 0)
    }

    private static func address(_ hex: Substring, isSwapped: Bool) -> IPAddress? {
        guard hex.utf8.count == 8 || hex.utf8.count == 32 else { return nil }
        var words: [UInt32] = []
        var rest = hex
        while !rest.isEmpty {
            guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
            words.append(isSwapped ? word.byteSwapped : word)
            rest = rest.dropFirst(8)
        }
        if words.count == 1 { return .v4(words[0]) }
        return .v6(
            high: UInt64(words[0]) << 32 | UInt64(words[1]), low: UInt64(words[2]) << 32 | UInt64(words[3]))
    }
}

extension IPAddress {
    fileprivate var isUnspecified: Bool {
        switch self {
        case .v4(let value): value == 0
        case .v6(let high, let low): high == 0 && low == 0
        }
    }
}
