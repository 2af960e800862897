import Keepalived
import Testing

@testable import Checks

/// A mistyped keyword in front of a `{` is one mistake, however much keepalived makes of it.
@Suite struct LintUnknownBlockTests {
    /// The findings about the text itself, the worst first.
    private func syntax(_ text: String, version: KeepalivedVersion = .assumed) -> [Finding] {
        let node = LintNode(
            name: "lb1", path: "k.conf", files: FileSet(["k.conf": ConfigurationFile(Array(text.utf8))]),
            version: version)
        return Linter().run([node]).findings.filter { $0.id.hasPrefix("syntax-") }
    }

    /// `LINE ID` of everything that is more than a remark.
    private func complaints(_ text: String, version: KeepalivedVersion = .assumed) -> [String] {
        syntax(text, version: version).filter { $0.severity > .info }.map { "\($0.line ?? 0) \($0.id)" }
    }

    private let instance = """
        vrrp_instance VI_1 {
            state BACKUP
            interface eth0
            virtual_router_id 51
            virtual_ipadress {
                203.0.113.50/24
                203.0.113.51/24
            }
            priority 100
            track_interface {
                eth1 weight 5
            }
        }
        vrrp_instance VI_2 {
            state BACKUP
            interface eth0
            virtual_router_id 52
            virtual_ipaddress {
                203.0.113.52/24
            }
        }

        """

    @Test func `a mistyped block is one error, on its keyword, with the keyword that was meant`() throws {
        #expect(complaints(instance) == ["5 syntax-unknown-keyword"])
        let finding = try #require(syntax(instance).first)
        #expect(finding.severity == .error)
        #expect(finding.message == "`virtual_ipadress` is not a keyword here")
        #expect(finding.fix == "did you mean `virtual_ipaddress`?")
        #expect(finding.effect.contains("in another block"))
    }

    @Test func `of its braces one remark is left`() {
        let remarks = syntax(instance).filter { $0.severity == .info }
        #expect(remarks.map(\.id) == ["syntax-brace"])
        #expect(remarks.first?.line == 5)
        #expect(remarks.first?.fix == "correct that keyword")
    }

    @Test func `a mistyped outermost block is one error, whatever it holds`() throws {
        let text = instance.replacing("ipadress", with: "ipaddress")
            .replacing("vrrp_instance VI_1", with: "vrrp_instnce VI_1")
        #expect(complaints(text) == ["1 syntax-unknown-keyword"])
        #expect(syntax(text).first?.fix == "did you mean `vrrp_instance`?")
    }

    @Test func `a brace on a line of its own belongs to the keyword above it`() {
        #expect(
            complaints(instance.replacing("ipadress {", with: "ipadress\n{")) == ["5 syntax-unknown-keyword"])
    }

    @Test func `a second mistake behind the block is still reported, and so is a second block`() throws {
        let word = instance.replacing("priority 100", with: "prioritty 100")
        #expect(complaints(word) == ["5 syntax-unknown-keyword", "9 syntax-unknown-keyword"])
        #expect(syntax(word).map(\.severity) == [.error, .warning, .info])
        #expect(syntax(word)[1].fix == "did you mean `priority`?")
        let block = instance.replacing("track_interface", with: "track_interfase")
        #expect(complaints(block) == ["5 syntax-unknown-keyword", "10 syntax-unknown-keyword"])
        #expect(syntax(block).prefix(2).map(\.severity) == [.error, .error])
        #expect(syntax(block)[1].fix == "did you mean `track_interface`?")
    }

    @Test func `a brace behind a known word is an error of its own`() {
        let stray = instance.replacing("priority 100", with: "priority 100 {\n}")
        #expect(complaints(stray) == ["5 syntax-unknown-keyword", "9 syntax-brace"])
    }

    @Test func `a missing brace does not silence the blocks behind it`() {
        let open = instance.replacing("203.0.113.51/24\n    }", with: "203.0.113.51/24")
            .replacing(
                "interface eth0\n    virtual_router_id 52", with: "interfase eth0\n    virtual_router_id 52")
        #expect(complaints(open).contains("5 syntax-unknown-keyword"))
        #expect(complaints(open).contains("15 syntax-unknown-keyword"), "\(complaints(open))")
        #expect(complaints(open).contains { $0.hasSuffix("syntax-brace") })
    }

    @Test func `a block of a later release is an error for an older one, once`() throws {
        let text = instance.replacing("virtual_ipadress {", with: "track_process {")
        let old = KeepalivedVersion(1, 3, 5)
        #expect(complaints(text, version: old) == ["5 syntax-unknown-keyword"])
        #expect(syntax(text, version: old).first?.severity == .error)
    }

    @Test func `a mistyped keyword without a block is a warning that names what was meant`() throws {
        let text = instance.replacing("ipadress", with: "ipaddress").replacing("priority", with: "prioritty")
        let finding = try #require(syntax(text).first)
        #expect(finding.severity == .warning && finding.line == 9)
        #expect(finding.fix == "did you mean `priority`?")
        #expect(syntax(text).count == 1)
    }

    @Test func `a global keyword in a mistyped block is not taken for one in an instance`() {
        let text = "globl_defs {\n    vrrp_skip_check_adv_addr\n}\n"
        let node = LintNode(
            name: "lb1", path: "k.conf", files: FileSet(["k.conf": ConfigurationFile(Array(text.utf8))]))
        let ids = Linter().run([node]).findings.map(\.id).filter { $0 != "garp-refresh" }
        #expect(ids == ["syntax-unknown-keyword", "syntax-brace"])
    }

    /// However a file is mutilated, what keepalived reads otherwise than it looks stays an error.
    @Test func `no misplaced brace is folded behind anything less than an error`() {
        let lines = instance.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let spoils = ["", "{", "}", "unknown {", "unknown", "vrrp_skip_check_adv_addr {", "priority {"]
        for version in [KeepalivedVersion(1, 2, 13), .assumed] {
            for index in lines.indices {
                for spoil in spoils {
                    var text = lines
                    text[index] = spoil
                    let configuration = ConfigurationReader(
                        files: FileSet([
                            "k.conf": ConfigurationFile(Array(text.joined(separator: "\n").utf8))
                        ]), configID: "", version: version
                    ).read(path: "k.conf")
                    let braces = configuration.diagnostics.filter { $0.kind == .unexpectedOpenBrace }
                    let worst = syntax(text.joined(separator: "\n"), version: version).map(\.severity).max()
                    #expect(braces.isEmpty || worst == .error, "line \(index + 1) is `\(spoil)`")
                }
            }
        }
    }
}
