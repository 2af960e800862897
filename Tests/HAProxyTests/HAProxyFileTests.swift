import HaopsTestSupport
import Testing

@testable import HAProxy

@Suite struct HAProxyFileTests {
    private func file(_ text: String) -> HAProxyFile {
        HAProxyFile(path: "haproxy.cfg", bytes: Array(text.utf8))
    }

    /// What haproxy 2.6 itself prints of `.notice WORD` (configuration.txt, 2.2).
    @Test(arguments: [
        (#"a\1b\q\"c"#, #"a\1b\q"c"#), (##""a b\1 \$X \"y\" \' \# \x41 # k""##, ##"a b\1 $X "y" ' # A # k"##),
        (##"'a\1 "x" # \x41 $X \'"##, ##"a\1 "x" # \x41 $X \"##), (##"x\ y\#z\tQ\x41"##, "x y#z\tQA"),
        (#"pre"mid  dle"'po s't"#, "premid  dlepo st"), (#""""#, ""), ("$HOME", "$HOME"), (#"a\"#, #"a\"#),
        (#"a\$b"#, #"a\$b"#), ("a#b", "a"), (#"'a'\''b'"#, "a'b"), ("a\rb", "a"), (#"\x4"#, #"\x4"#),
    ])
    func `a word is what haproxy takes it for`(source: String, value: String) {
        let words = file(".notice \(source)\n").lines[0].words
        #expect(words.count == 2 && words[1].value == value)
    }

    @Test(arguments: [
        "bind :80", "  bind\t:80", "bind \t :80\u{0B}", "bind :80 # comment", "\"bind\" ':80'\r",
    ])
    func `any blank separates words`(line: String) {
        let read = HAProxyConfiguration(path: "x", bytes: Array("frontend f\n\(line)\n".utf8))
        #expect(read.binds.map(\.text) == [":80"])
    }

    @Test func `variables count between double quotes alone`() {
        let words = file(#"server a "${HOST}:80" $HOST '$HOST' "\$HOST""#).lines[0].words
        #expect(words.map(\.hasVariables) == [false, false, true, false, false, false])
        #expect(words[2].value == "${HOST}:80")
    }

    @Test func `an open quote is noted and ends with its line`() {
        let read = file("global\n log-tag \"a\n chroot /x\n")
        #expect(read.lines.map(\.hasOpenQuote) == [false, true, false])
        #expect(HAProxyConfiguration(files: [read]).neededDirectories.map(\.path) == ["/x"])
    }

    @Test(arguments: [
        "", "\n", "global", "global\r\n  daemon # x\r\n\r\n",
        "\t# only\n \n\nfrontend \"a b\" 'c\n bind :80 \\",
        "a\rb\n\u{0}\u{FEFF}é\n#\r\n\n",
    ])
    func `the tree keeps every byte`(text: String) {
        #expect(file(text).printed == Array(text.utf8))
    }

    @Test func `bytes that are no text are kept as well`() {
        let bytes: [UInt8] = [0xFF, 0x20, 0xC3, 0x0A, 0x5C, 0xFF, 0x0D, 0x80]
        #expect(HAProxyFile(path: "x", bytes: bytes).printed == bytes)
    }

    @Test func `a section has the lines below its header`() {
        let read = file(
            """
            .if defined(X)
            stray
            global
              daemon

              no strict-limits # why
            frontend web from base
              bind :80
            """)
        #expect(read.preamble.map(\.text) == [".if defined(X)", "stray"])
        #expect(read.preamble.map(\.isDirective) == [true, false])
        #expect(read.sections.map(\.title) == ["global", "frontend web from base"])
        #expect(read.sections.map(\.name) == ["", "web"] && read.sections[1].from == "base")
        let line = read.sections[0].lines[1]
        #expect(line.modifier == .no && line.keyword == "strict-limits" && line.arguments.isEmpty)
        #expect(read.location(of: line) == .init(file: "haproxy.cfg", line: 6, column: 3))
    }

    @Test func `reading grows with the file and no faster`() async {
        let isLinear = await Growth.isLinear(from: 8) { size in
            Array(
                String(
                    repeating:
                        "backend b\n server s\\ x 198.51.100.1:80 \"a b\" # c\nfrontend f\n bind :80,:81\n",
                    count: size
                ).utf8)
        } work: { bytes in
            let file = HAProxyFile(path: "x", bytes: bytes)
            precondition(file.printed.count == bytes.count)
            let read = HAProxyConfiguration(files: [file])
            precondition(read.binds.count == 2 * read.servers.count && !read.missingTimeouts.isEmpty)
        }
        #expect(isLinear)
    }

    @Test func `one long line is read in linear time too`() async {
        let isLinear = await Growth.isLinear(from: 64, to: 1 << 16) { size in
            Array(
                "bind \(String(repeating: ":80,", count: size)) \(String(repeating: "\\x41\"b\" ", count: size))"
                    .utf8)
        } work: { bytes in
            let read = HAProxyConfiguration(path: "x", bytes: bytes)
            precondition(read.files[0].lines.count == 1 && read.binds.isEmpty)
        }
        #expect(isLinear)
    }
}
