import Testing

@testable import HaopsCommands

/// Keys of the bytes that terminals send.
struct KeyReaderTests {
    private func keys(_ text: String) -> [Key] {
        var reader = KeyReader()
        return reader.keys(of: text.utf8) + reader.flush()
    }

    @Test func `keys are read as terminals send them`() {
        #expect(keys("q/") == [.character("q"), .character("/")])
        #expect(keys("\r\n") == [.enter, .enter])
        #expect(keys("\u{7f}\u{8}\t") == [.backspace, .backspace, .tab])
        #expect(keys("\u{1b}[A\u{1b}OB") == [.up, .down])
        #expect(keys("\u{1b}[5~\u{1b}[6~\u{1b}[H\u{1b}[4~") == [.pageUp, .pageDown, .home, .end])
        #expect(keys("\u{1b}[1;5A") == [.up])
        #expect(keys("é") == [.character("é")])
    }

    @Test func `an escape character alone is a key once nothing follows`() {
        var reader = KeyReader()
        #expect(reader.keys(of: [0x1b]) == [])
        #expect(reader.isMidKey)
        #expect(reader.flush() == [.escape])
        #expect(!reader.isMidKey)
    }

    @Test func `a key that arrives in pieces is one key`() {
        var reader = KeyReader()
        #expect(reader.keys(of: [0x1b]) == [])
        #expect(reader.keys(of: [0x5b]) == [])
        #expect(reader.keys(of: [0x42, 0x71]) == [.down, .character("q")])
        #expect(reader.keys(of: [0xc3]) == [])
        #expect(reader.keys(of: [0xa9]) == [.character("é")])
    }

    @Test(arguments: 0..<200)
    func `no bytes make it hang or grow`(seed: Int) {
        var reader = KeyReader()
        var state = UInt64(seed + 1)
        for _ in 0..<50 {
            let bytes = (0..<7).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let byte = UInt8(truncatingIfNeeded: state >> 33)
                return byte < 60 ? 0x1b : byte
            }
            _ = reader.keys(of: bytes)
        }
        _ = reader.flush()
        #expect(!reader.isMidKey)
        #expect(reader.keys(of: [UInt8(ascii: "q")]) == [.character("q")])
    }

    @Test func `an endless sequence is given up`() {
        var reader = KeyReader()
        #expect(reader.keys(of: [0x1b, 0x5b] + Array(repeating: 0x30, count: 40)) == [])
        #expect(reader.keys(of: [0x71]) == [.character("q")])
    }
}
