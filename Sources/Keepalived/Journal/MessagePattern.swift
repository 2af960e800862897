/// A message with holes: `Received advert from % with lower priority %, ours %`.
struct MessagePattern {
    private let pieces: [String]

    init(_ text: String) {
        pieces = text.split(separator: "%", omittingEmptySubsequences: false).map(String.init)
    }

    /// What stands in the holes, when the whole message fits; a hole takes as little as it can.
    func captures(in message: Substring) -> [String]? {
        guard let first = pieces.first, message.hasPrefix(first) else { return nil }
        var rest = message.dropFirst(first.count)
        var captures: [String] = []
        for (index, piece) in pieces.enumerated().dropFirst() {
            if index == pieces.count - 1, piece.isEmpty {
                captures.append(String(rest))
                return captures
            }
            guard let range = rest.firstRange(of: piece) else { return nil }
            captures.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return rest.isEmpty ? captures : nil
    }
}
