import Addresses
import Survey

/// A connection that was held, and cut. Times are microseconds since 1970.
package struct ConnectionCut: Hashable, Sendable {
    package var target: ProbeTarget
    /// The last answer on it.
    package var last: Int
    /// When its client noticed.
    package var noticed: Int
}

/// What an observer prints while it asks, read line by line: the answers of each target.
struct ProbeLines: Sendable {
    /// The times are those of the machine that asks.
    private(set) var answers: [ProbeTarget: [ProbeAnswer]] = [:]
    /// Held connections that were cut.
    private(set) var cuts: [ConnectionCut] = []
    /// How many pings were answered more than once, by two machines.
    private(set) var duplicates: [IPAddress: Int] = [:]

    /// More cuts than these are not kept.
    private static let mostCuts = 1000
    /// More answers of one target than these are not kept: an hour of questions every 10 ms.
    static let most = 360_000

    /// Reads `[1795251249.451859] 64 bytes from 203.0.113.50: icmp_seq=12 ttl=64 time=0.032 ms` of iputils' `ping -D -n`, and
    /// `http 203.0.113.50 80 12 1795251249.451859 1795251249.452859`, a question's number and the times of question and
    /// answer, and `cut 203.0.113.50 80 1795251249.451859 1795251249.952859`, when a held connection was last answered and
    /// when its client noticed that it is cut. Ignores other lines.
    ///
    /// - Returns: the target that has answered.
    @discardableResult
    mutating func add(_ line: String) -> ProbeTarget? {
        let words = line.split(separator: " ")
        if words.first == "cut" { addCut(words) }
        return line.first == "[" ? addPing(words) : addConnection(words)
    }

    private mutating func addPing(_ words: [Substring]) -> ProbeTarget? {
        guard words.count >= 8, words[0].last == "]", words[2] == "bytes",
            let received = WitnessLines.microseconds(sinceEpoch: words[0].dropFirst().dropLast()),
            let from = words.firstIndex(of: "from"), words.indices.contains(from + 1),
            words[from + 1].last == ":", let address = IPAddress(String(words[from + 1].dropLast())),
            let raw = Self.value("icmp_seq=", in: words).flatMap({ Int($0) }), (0...65535).contains(raw),
            let took = Self.value("time=", in: words).flatMap({ Double($0) }), (0...3_600_000).contains(took)
        else { return nil }
        let target = ProbeTarget(address, .icmp)
        if words.last == "(DUP!)" {
            duplicates[address, default: 0] += 1
            return target
        }
        let number = Self.unwrapped(raw, after: answers[target]?.last?.number)
        add(ProbeAnswer(number: number, sent: received - Int(took * 1000), received: received), of: target)
        return target
    }

    private mutating func addConnection(_ words: [Substring]) -> ProbeTarget? {
        guard words.count == 6, words[0] == "http" || words[0] == "tcp",
            let address = IPAddress(String(words[1])), let port = Int(words[2]), (1...65535).contains(port),
            let number = Int(words[3]), (0...Self.most * 100).contains(number),
            let sent = WitnessLines.microseconds(sinceEpoch: words[4]),
            let received = WitnessLines.microseconds(sinceEpoch: words[5]),
            received >= sent
        else { return nil }
        let target = ProbeTarget(address, words[0] == "http" ? .http(port: port) : .tcp(port: port))
        add(ProbeAnswer(number: number, sent: sent, received: received), of: target)
        return target
    }

    private mutating func addCut(_ words: [Substring]) {
        guard words.count == 5, let address = IPAddress(String(words[1])), let port = Int(words[2]),
            (1...65535).contains(port), let last = WitnessLines.microseconds(sinceEpoch: words[3]),
            let noticed = WitnessLines.microseconds(sinceEpoch: words[4]), noticed >= last,
            cuts.count < Self.mostCuts
        else { return }
        cuts.append(
            ConnectionCut(target: ProbeTarget(address, .http(port: port)), last: last, noticed: noticed))
    }

    /// An answer that was not read from a line. It may arrive after those of later questions.
    mutating func add(_ answer: ProbeAnswer, of target: ProbeTarget) {
        var known = answers.removeValue(forKey: target) ?? []
        defer { answers[target] = known }
        guard known.count < Self.most else { return }
        let index = known.lastIndex { $0.number <= answer.number }.map { $0 + 1 } ?? 0
        if index > 0, known[index - 1].number == answer.number { return }
        known.insert(answer, at: index)
    }

    /// The number of a ping, of which the packet has the last sixteen bits.
    private static func unwrapped(_ raw: Int, after last: Int?) -> Int {
        guard let last else { return raw }
        let near = last - last % 65536 + raw
        if near < last - 32768 { return near + 65536 }
        return near > last + 32768 && near >= 65536 ? near - 65536 : near
    }

    private static func value(_ key: String, in words: [Substring]) -> Substring? {
        words.first { $0.hasPrefix(key) }?.dropFirst(key.count)
    }
}
