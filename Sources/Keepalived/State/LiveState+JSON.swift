import FoundationEssentials

extension LiveState {
    /// Reads the JSON dump (`keepalived --signum=JSON`, builds with `--enable-json`); `nil` when the bytes are
    /// not one.
    ///
    /// An array of instances, each with `data` and `stats`, in every version since 1.4; from 2.2.8 on `json_version 2`
    /// wraps the array in an object under `vrrp`.
    package init?(json: some Sequence<UInt8>) {
        // Script arguments may have any encoding, and 2.0.11 to 2.0.16 escape apostrophes, which is not valid
        // JSON.
        let text = String(decoding: Array(json), as: UTF8.self)
        guard let entries = Self.entries(text) ?? Self.entries(Self.withoutEscapedApostrophes(text)) else {
            return nil
        }
        self.init(instances: entries.map(\.instance))
    }

    private static func withoutEscapedApostrophes(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if byte == ASCII.apostrophe, bytes.last == ASCII.backslash { bytes.removeLast() }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func entries(_ text: String) -> [DumpedInstance]? {
        let data = Data(text.utf8)
        let decoder = JSONDecoder()
        return (try? decoder.decode([DumpedInstance].self, from: data))
            ?? (try? decoder.decode(DumpedObject.self, from: data))?.vrrp
    }

    private struct DumpedObject: Decodable { var vrrp: [DumpedInstance] }

    /// Only needed members are decoded; the password is never read.
    private struct DumpedInstance: Decodable {
        var data: Body
        var stats: [String: Int]?

        struct Body: Decodable {
            var iname: String
            var ifp_ifname: String?
            var vrid: Int?
            var state: Int
            var base_priority: Int?
            var effective_priority: Int?
            var master_priority: Int?
            var last_transition: Double?
            var adver_int: Double?
            var nopreempt: Bool?
            var preempt_delay: Double?
            var version: Int?
            var vips: [String]?
            var evips: [String]?
        }

        var instance: Instance {
            let roles: [Role] = [.initial, .backup, .master, .fault]
            let role = roles.indices.contains(data.state) ? roles[data.state] : .initial
            var instance = Instance(
                name: data.iname, role: role, interface: data.ifp_ifname ?? "",
                routerID: data.vrid ?? 0, basePriority: data.base_priority,
                effectivePriority: data.effective_priority ?? data.base_priority,
                // `203.0.113.50/24 dev eth1 scope global label eth1:0 set`
                addresses: ((data.vips ?? []) + (data.evips ?? []))
                    .compactMap { $0.split(separator: " ").first.map(String.init) },
                lastTransition: data.last_transition.flatMap { Int(exactly: $0.rounded()) },
                // For a master, the dump has the last received priority, however old it is.
                masterPriority: role == .backup ? data.master_priority : nil,
                nopreempt: data.nopreempt ?? false,
                version: data.version,
                advertInterval: data.adver_int.flatMap { Int(exactly: ($0 * 100).rounded()) },
                counters: stats.map { Counters(named: $0) })
            // Up to 1000 seconds; the dump omits the fraction.
            instance.preemptDelay = data.preempt_delay.flatMap {
                (0...1000).contains($0) ? .seconds($0) : nil
            }
            return instance
        }
    }
}
