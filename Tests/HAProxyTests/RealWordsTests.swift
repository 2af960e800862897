import HaopsTestSupport
import Testing

@testable import HAProxy

/// The reader's words against those of a real haproxy.
@Suite struct RealWordsTests {
    /// `.notice` prints its word.
    @Test(.enabled(if: RealDaemons.found != nil, Comment(rawValue: RealDaemons.reason)))
    func `haproxy takes a word for the same`() async throws {
        let daemons = try #require(RealDaemons.found)
        let bytes = ["a", "Z", " ", "\t", "\\", "\"", "'", "#", "$", "x", "4", "1", "n", "r", "\r"]
        var state: UInt64 = 7
        let words = (0..<400).map { _ in
            (0..<9).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return bytes[Int(state >> 33) % bytes.count]
            }.joined()
        }
        // haproxy gives up on a line that it cannot read; variables have values of their own.
        let read = words.map { HAProxyFile(path: "x", bytes: Array(".notice \($0)".utf8)).lines[0] }
            .filter {
                !$0.hasOpenQuote && $0.words.count == 2 && !$0.words[1].hasVariables
                    && !$0.text.contains("\\x")
            }
        #expect(read.count > 50)
        let text = read.map { ".notice \($0.words[1].source)\n" }.joined() + "global\n"
        let verdict = try await daemons.run(
            "haproxy -c -f /tmp/words.cfg",
            files: [.init(path: "/tmp/words.cfg", contents: Array(text.utf8), mode: 0o644)], interfaces: [:])
        // Values may have line ends in them: the whole is compared.
        for (number, line) in read.enumerated() {
            let notice = "parsing [/tmp/words.cfg:\(number + 1)]: '\(line.words[1].value)'."
            #expect(verdict.said.contains(notice), "\(line.words[1].source): \(verdict.said)")
        }
    }
}
