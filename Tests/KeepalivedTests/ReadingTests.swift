import Testing

@testable import Keepalived

@Suite struct ReadingTests {
    private func read(
        _ text: String, id: String = "lb1", version: KeepalivedVersion = .assumed,
        files: [String: String] = [:]
    ) -> EffectiveConfiguration {
        var set = FileSet(["/etc/keepalived/keepalived.conf": ConfigurationFile(Array(text.utf8))])
        for (path, content) in files { set.files[path] = ConfigurationFile(Array(content.utf8)) }
        return ConfigurationReader(files: set, configID: id, version: version)
            .effective(path: "/etc/keepalived/keepalived.conf")
    }

    private func flat(_ statements: [Statement]) -> [String] {
        statements.flatMap { statement -> [String] in
            let line = statement.words.map(\.text).joined(separator: " ")
            guard let block = statement.block else { return [line] }
            return [line + " {"] + flat(block) + ["}"]
        }
    }

    @Test func `braces are found wherever they stand`() {
        let result = read(
            """
            vrrp_instance VI_1{ state BACKUP
            authentication
            {
            auth_type PASS}
            virtual_ipaddress { 192.0.2.1/24 dev eth1
            192.0.2.2/24}}
            """)
        #expect(result.diagnostics.isEmpty)
        #expect(
            flat(result.statements) == [
                "vrrp_instance VI_1 {", "state BACKUP", "authentication {", "auth_type PASS", "}",
                "virtual_ipaddress {", "192.0.2.1/24 dev eth1", "192.0.2.2/24", "}", "}",
            ])
    }

    @Test func `a comment starts in the middle of a word unless quoted or escaped`() {
        let result = read(
            """
            vrrp_instance A {
              authentication {
                auth_pass ab#cd
                auth_pass "ab#cd"
                auth_pass ab\\#cd
                auth_pass 'ab!cd'
              }
            }
            """)
        let words = result.statements[0].block?[0].block?.map { $0.words.map(\.text) }
        #expect(
            words == [
                ["auth_pass", "ab"], ["auth_pass", "ab#cd"], ["auth_pass", "ab#cd"], ["auth_pass", "'ab"],
            ])
    }

    @Test func `several escapes in one line leave every byte its column`() {
        let result = read("vrrp_instance A {\nauthentication {\n  auth_pass \\#a\\!b\\#c x\n}\n}\n")
        let words = result.statements[0].block?[0].block?[0].words
        #expect(words?.map(\.text) == ["auth_pass", "#a!b#c", "x"])
        #expect(words?.map(\.location.column) == [3, 14, 23])
    }

    @Test func `before 2_0_9 a comment starts only where a word starts`() {
        let result = read(
            "vrrp_instance A {\nauthentication {\nauth_pass ab#cd #x\n}\n}\n",
            version: KeepalivedVersion(2, 0, 8))
        #expect(result.statements[0].block?[0].block?[0].words.map(\.text) == ["auth_pass", "ab#cd"])
    }

    @Test func `a condition keeps its line for one node only`() {
        let text =
            "vrrp_instance A {\n@lb1 state MASTER\n@lb2 state BACKUP\n@^lb1 priority 1\n@^lb2 priority 2\n}\n"
        #expect(
            flat(read(text, id: "lb1").statements) == [
                "vrrp_instance A {", "state MASTER", "priority 2", "}",
            ])
        #expect(
            flat(read(text, id: "lb2").statements) == [
                "vrrp_instance A {", "state BACKUP", "priority 1", "}",
            ])
    }

    @Test func `definitions expand at their use, recursively and over several lines`() {
        let result = read(
            """
            $VRID=51
            $LEVEL=${VRID}
            $BODY= \\
              virtual_router_id $LEVEL \\
              @lb1 priority 150 \\
              @lb2 priority 100
            vrrp_instance VI_$VRID {
            vrrp_x
            $BODY
            state BACKUP
            }
            """)
        #expect(
            flat(result.statements) == [
                "vrrp_instance VI_51 {", "vrrp_x", "virtual_router_id 51", "priority 150", "state BACKUP",
                "}",
            ])
        #expect(result.statements[0].block?[1].location.line == 4)
        #expect(result.diagnostics.map(\.kind) == [.unknownKeyword("vrrp_x")])
    }

    @Test func `an undefined reference shatters on its braces`() {
        let result = read("vrrp_instance A {\nvirtual_router_id ${VRID}\n}\n")
        #expect(result.diagnostics.contains { $0.kind == .undefinedReference("${VRID}") })
        #expect(result.diagnostics.contains { $0.kind == .unexpectedOpenBrace })
    }

    @Test func `a definition that names itself is reported and does not loop`() {
        let result = read("$A=${A}\nvrrp_instance $A {\n}\n")
        #expect(
            result.diagnostics.contains {
                if case .endlessDefinition = $0.kind { true } else { false }
            })
    }

    @Test func `a definition of several lines that comes back through its own body ends`() {
        let result = read("$A= \\\n x \\\n $A\n\n$A\nvrrp_instance I {\n}\n")
        #expect(result.diagnostics.filter { $0.kind == .endlessDefinition("A") }.count == 1)
        #expect(result.statements.last?.keyword == "vrrp_instance")
    }

    @Test func `definitions that multiply each other end long before memory does`() {
        // Four bodies of eight lines within each other: 4096 times a line of 900 bytes, sixteen times over.
        let bodies = (1...4).map { level in
            "$D\(level)= \\\n" + String(repeating: " $D\(level - 1) \\\n", count: 7) + " $D\(level - 1)\n"
        }
        let text = "$D0=vrrp_x " + String(repeating: "x", count: 900) + "\n" + bodies.joined()
        let result = read(text + String(repeating: "$D4\n", count: 16) + "vrrp_instance I {\n}\n")
        #expect(result.diagnostics.filter { $0.kind == .tooLarge }.count == 1)
        let bytes = flat(result.statements).map(\.utf8.count).reduce(0, +)
        #expect(bytes > 1 << 20 && bytes < 4 << 20, "\(bytes)")
        #expect(result.statements.last?.keyword == "vrrp_instance")
    }

    @Test func `SEQ and LST repeat their line`() {
        let result = read(
            """
            vrrp_instance A {
            virtual_ipaddress {
            ~SEQ(i, 1, 2, 5) 192.0.2.${i}/24
            ~SEQx(h, 9, 11) 2001:db8::${h}/64
            ~LST({a, d}, {192.0.2.9, eth0}, {192.0.2.10, eth1}) $a dev $d
            }
            }
            """)
        #expect(
            flat(result.statements).filter { $0.contains("2") } == [
                "192.0.2.1/24", "192.0.2.3/24", "192.0.2.5/24", "2001:db8::9/64", "2001:db8::a/64",
                "2001:db8::b/64", "192.0.2.9 dev eth0", "192.0.2.10 dev eth1",
            ])
    }

    @Test func `includes are relative to their file, sorted, and may be missing`() {
        let result = read(
            "include conf.d/*.conf\nincluder nothing.conf\ninclude conf.d/{b,c}.conf\n",
            files: [
                "/etc/keepalived/conf.d/b.conf": "vrrp_script b {\n}\n",
                "/etc/keepalived/conf.d/a.conf": "vrrp_script a {\n}\ninclude more/x.conf\n",
                "/etc/keepalived/conf.d/more/x.conf": "vrrp_script x {\n}\n",
                "/etc/keepalived/conf.d/.hidden.conf": "vrrp_script hidden {\n}\n",
            ])
        #expect(
            result.statements.map { $0.words[1].text } == ["a", "x", "b", "b"])
        #expect(
            result.diagnostics.map(\.kind) == [
                .includeMissing("nothing.conf"), .includeMissing("conf.d/c.conf"),
            ])
        #expect(result.statements[1].location.description == "/etc/keepalived/conf.d/more/x.conf:1:1")
    }

    @Test func `a file that includes itself ends`() {
        let result = read("include keepalived.conf\n")
        #expect(
            result.diagnostics.contains {
                if case .includeTooDeep = $0.kind { true } else { false }
            })
    }

    @Test func `what does not fit the buffer is read as keywords`() {
        let result = read("# " + String(repeating: "x", count: 1021) + "state BACKUP\n")
        #expect(result.diagnostics.map(\.kind) == [.lineTooLong, .unknownKeyword("state")])
    }

    @Test func `the closing brace of an unknown block ends the instance`() {
        let result = read("vrrp_instance A {\nunknown {\nx\n}\nstate BACKUP\n}\n")
        #expect(
            result.diagnostics.map(\.kind) == [
                .unknownKeyword("unknown"), .unexpectedOpenBrace, .unknownKeyword("x"),
                .unknownKeyword("state"),
                .unknownKeyword("}"),
            ])
    }

    @Test func `a byte order mark spoils the first keyword`() {
        let result = read("\u{FEFF}global_defs {\n}\n")
        #expect(result.diagnostics.first?.kind == .byteOrderMark)
        #expect(
            result.diagnostics.contains {
                if case .unknownKeyword = $0.kind { true } else { false }
            })
    }

    @Test func `a keyword of a later release is unknown to an older one`() {
        let text = "vrrp_instance A {\nmcast_dst_ip 224.0.0.19\n}\n"
        #expect(
            read(text, version: KeepalivedVersion(2, 0, 10)).diagnostics.map(\.kind)
                == [.keywordOfOtherVersion("mcast_dst_ip", since: "2.2.5", until: nil)])
        #expect(read(text).diagnostics.isEmpty)
    }

    @Test func `script words are split as a shell would`() {
        let result = read("vrrp_script a {\nscript \"/bin/sh -c 'a b' \\\"q\\\"\"\n}\n")
        let words = result.statements[0].block?[0].scriptWords
        #expect(words?.map(\.text) == ["script", "/bin/sh -c 'a b' \"q\""])
        #expect(words.flatMap { ScriptWords.split($0[1]) }?.map(\.text) == ["/bin/sh", "-c", "a b", "q"])
    }
}
