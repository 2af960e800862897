/// A message pattern with placeholders: `Received advert from % with lower priority %, ours %`.
package struct MessagePattern: Sendable {
    private let pieces: [[UInt8]]

    package init(_ text: String) {
        pieces = text.utf8.split(separator: UInt8(ascii: "%"), omittingEmptySubsequences: false)
            .map { Array($0) }
    }

    /// The texts at the placeholders when the whole message matches; a placeholder matches as little as possible.
    package func captures(in message: ArraySlice<UInt8>) -> [String]? {
        guard let first = pieces.first, message.starts(with: first) else { return nil }
        var rest = message.dropFirst(first.count)
        var captures: [String] = []
        for (index, piece) in pieces.enumerated().dropFirst() {
            if index == pieces.count - 1, piece.isEmpty {
                captures.append(String(decoding: rest, as: UTF8.self))
                return captures
            }
            guard let start = Self.firstIndex(of: piece, in: rest) else { return nil }
            captures.append(String(decoding: rest[..<start], as: UTF8.self))
            rest = rest[(start + piece.count)...]
        }
        return rest.isEmpty ? captures : nil
    }

    private static func firstIndex(of piece: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        guard let first = piece.first else { return text.startIndex }
        var start = text.startIndex
        while let found = text[start...].firstIndex(of: first) {
            if text[found...].starts(with: piece) { return found }
            start = found + 1
        }
        return nil
    }
}
