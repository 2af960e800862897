import Addresses

/// What `ping -D -n` of iputils prints, read line by line: the answers of each address.
struct PingLines: Sendable {
    /// By address. The times are those of the machine that pings.
    private(set) var answers: [IPAddress: [ProbeAnswer]] = [:]
    /// By address, how many questions were answered more than once: by two machines.
    private(set) var duplicates: [IPAddress: Int] = [:]

    /// More answers than these are not kept: an hour of questions every 10 ms.
    static let most = 360_000

    /// Reads `[1795251249.451859] 64 bytes from 203.0.113.50: icmp_seq=12 ttl=64 time=0.032 ms`. Ignores other lines.
    ///
    /// - Returns: the address that has answered.
    @discardableResult
    mutating func add(_ line: String) -> IPAddress? {
        let words = line.split(separator: " ")
        guard words.count >= 8, words[0].first == "[", words[0].last == "]", words[2] == "bytes",
            let received = Self.microseconds(words[0].dropFirst().dropLast()),
            let from = words.firstIndex(of: "from"), words.indices.contains(from + 1),
            words[from + 1].last == ":", let address = IPAddress(String(words[from + 1].dropLast())),
            let raw = Self.value("icmp_seq=", in: words).flatMap({ Int($0) }), (0...65535).contains(raw),
            let took = Self.value("time=", in: words).flatMap({ Double($0) }), (0...3_600_000).contains(took)
        else { return nil }
        let number = Self.unwrapped(raw, after: answers[address]?.last?.number)
        if line.hasSuffix("(DUP!)") {
            duplicates[address, default: 0] += 1
            return address
        }
        let answer = ProbeAnswer(
            number: number, sent: received - Int(took * 1000), received: received)
        insert(answer, of: address)
        return address
    }

    /// An answer may arrive after those of later questions.
    private mutating func insert(_ answer: ProbeAnswer, of address: IPAddress) {
        var known = answers[address] ?? []
        guard known.count < Self.most else { return }
        let index = known.lastIndex { $0.number <= answer.number }.map { $0 + 1 } ?? 0
        if index > 0, known[index - 1].number == answer.number { return }
        known.insert(answer, at: index)
        answers[address] = known
    }

    /// The number of a question, of which the packet has the last sixteen bits.
    private static func unwrapped(_ raw: Int, after last: Int?) -> Int {
        guard let last else { return raw }
        let near = last - last % 65536 + raw
        if near < last - 32768 { return near + 65536 }
        return near > last + 32768 && near >= 65536 ? near - 65536 : near
    }

    private static func value(_ key: String, in words: [Substring]) -> Substring? {
        words.first { $0.hasPrefix(key) }?.dropFirst(key.count)
    }

    /// `1795251249.451859`.
    private static func microseconds(_ text: Substring) -> Int? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count <= 11, parts[1].utf8.count == 6,
            let seconds = Int(parts[0]), let fraction = Int(parts[1]), seconds >= 0, fraction >= 0
        else { return nil }
        return seconds * 1_000_000 + fraction
    }
}
