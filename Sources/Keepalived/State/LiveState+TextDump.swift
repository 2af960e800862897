extension LiveState {
    /// Reads `/tmp/keepalived.data`, which SIGUSR1 makes and which every build has.
    ///
    /// `nil` when it has no VRRP part, for example because it is still being written. The password that the
    /// dump shows in clear is passed over.
    package init?(dump: some Sequence<UInt8>) {
        var instances: [Instance] = []
        var inTopology = false
        var sawTopology = false
        var inAddresses = false
        for line in Array(dump).split(separator: UInt8(ascii: "\n")) {
            let text = line.configurationText
            if text.hasPrefix("------<") {
                inTopology = text.contains("VRRP Topology")
                sawTopology = sawTopology || inTopology
                continue
            }
            guard inTopology else { continue }
            if let name = Self.value(of: "VRRP Instance", in: text) {
                instances.append(Instance(name: name, role: .initial))
                inAddresses = false
            } else if !instances.isEmpty {
                let last = instances.count - 1
                if inAddresses, text.hasPrefix("     ") {
                    if let word = text.split(separator: " ").first {
                        instances[last].addresses.append(String(word))
                    }
                } else {
                    inAddresses =
                        text.hasPrefix("   Virtual IP (") || text.hasPrefix("   Virtual IP Excluded")
                    Self.read(text, into: &instances[last])
                }
            }
        }
        guard sawTopology else { return nil }
        self.init(instances: instances)
    }

    /// The text behind `KEY = `, whatever blanks stand before.
    private static func value(of key: String, in line: String) -> String? {
        let body = line.drop { $0 == " " }
        guard body.hasPrefix(key) else { return nil }
        let rest = body.dropFirst(key.count)
        guard rest.hasPrefix(" = ") else { return nil }
        return String(rest.dropFirst(3))
    }

    private static func read(_ line: String, into instance: inout Instance) {
        if let text = value(of: "State", in: line) {
            instance.role = Role(rawValue: text) ?? .initial
        } else if let text = value(of: "Interface", in: line) {
            instance.interface = text
        } else if let text = value(of: "VRRP Version", in: line) {
            instance.version = Int(text)
        } else if let text = value(of: "Virtual Router ID", in: line) {
            instance.routerID = Int(text) ?? 0
        } else if let text = value(of: "Priority", in: line) {
            instance.basePriority = Int(text) ?? 100
        } else if let text = value(of: "Effective priority", in: line) {
            instance.effectivePriority = Int(text) ?? instance.basePriority
        } else if let text = value(of: "Master router", in: line) {
            instance.masterAddress = text
        } else if let text = value(of: "Master priority", in: line) {
            instance.masterPriority = Int(text)
        } else if let text = value(of: "Preempt", in: line) {
            instance.nopreempt = text == "disabled"
        } else if let text = value(of: "Advert interval", in: line) {
            instance.advertInterval = hundredths(text)
        } else if let text = value(of: "Last transition", in: line) {
            instance.lastTransition = text.split(separator: " ").first.flatMap { Double($0) }
                .flatMap { Int(exactly: $0.rounded()) }
        }
    }

    /// `1 sec` or `500 milli-sec`.
    private static func hundredths(_ text: String) -> Int? {
        let words = text.split(separator: " ")
        guard words.count == 2, let number = Int(words[0]) else { return nil }
        return words[1] == "sec" ? number * 100 : number / 10
    }
}
