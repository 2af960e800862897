import Testing

@testable import Keepalived

@Suite struct SyntaxTreeTests {
    private func tree(_ text: String) -> SyntaxTree { SyntaxTree(file: "a.conf", source: Array(text.utf8)) }

    @Test(arguments: [
        "", "\n", "vrrp_instance A {\n  state BACKUP\n}\n", "}}}}{{{{", "a { b { c } } d\r\n\r\n",
        "\u{FEFF}global_defs {\n}", "x \"un closed # not a comment\ny", "$A=b \\\n c \\\n\nd",
        "# only\n!only",
        "@lb1 state MASTER # c\n@^lb1 state BACKUP", "~SEQ(i, 1, 3) vip $i\n", "word{1.2.3.4/24}tail",
    ])
    func `printing an unchanged tree gives the input back`(text: String) {
        #expect(tree(text).printed() == Array(text.utf8))
        let joined = tree(text).tokens.flatMap { Array(text.utf8)[$0.range] }
        #expect(joined == Array(text.utf8))
    }

    @Test func `blocks nest by their braces and every node knows its place`() throws {
        let tree = tree(
            "vrrp_instance VI_1 { state BACKUP\n    virtual_ipaddress\n  {\n 192.0.2.1/24\n}}\nz\n")
        let top = tree.children(of: nil)
        #expect(top.count == 2)
        let instance = tree.nodes[top[0]]
        #expect(tree.words(of: instance).map(tree.text) == ["vrrp_instance", "VI_1"])
        #expect(tree.location(of: instance).description == "a.conf:1:1")
        let inner = tree.children(of: top[0])
        #expect(
            inner.map { tree.text(of: tree.nodes[$0].tokens.lowerBound) } == ["state", "virtual_ipaddress"])
        #expect(tree.location(of: tree.nodes[inner[1]]).description == "a.conf:2:5")
        let addresses = tree.children(of: inner[1])
        #expect(addresses.map { tree.location(of: tree.nodes[$0]).description } == ["a.conf:4:2"])
        #expect(tree.location(of: tree.nodes[top[1]]).description == "a.conf:6:1")
    }

    @Test func `a replaced token changes nothing else`() throws {
        var tree = tree("a { auth_pass secret } # c\n")
        let index = try #require(tree.tokens.indices.first { tree.text(of: $0) == "secret" })
        tree.replaceToken(index, with: Array("****".utf8))
        #expect(tree.printed() == Array("a { auth_pass **** } # c\n".utf8))
    }

    @Test func `a hundred thousand open braces are read like anything else`() {
        let text = String(repeating: "a {\n", count: 100_000)
        let tree = tree(text)
        #expect(tree.nodes.count == 100_000)
        #expect(tree.printed() == Array(text.utf8))
    }
}
