import FoundationEssentials
import HAProxy
import Keepalived
import Testing

@testable import Checks

/// What files of real clusters have taught lint; what one node's file says to `keepalived -t` is in Tests/Corpus.
@Suite struct LintRealFilesTests {
    private func node(
        _ name: String, _ text: String, version: KeepalivedVersion = .assumed
    ) -> LintNode {
        LintNode(
            name: name, path: "\(name).conf",
            files: FileSet(["\(name).conf": ConfigurationFile(Array(text.utf8))]), configID: name,
            version: version)
    }

    private func node(_ text: String, version: KeepalivedVersion = .assumed) -> LintNode {
        node("lb1", text, version: version)
    }

    private func instance(
        _ name: String = "VI_1", state: String = "BACKUP", id: String = "51", priority: String = "100",
        address: String = "192.0.2.100/24", _ more: String = ""
    ) -> String {
        """
        vrrp_instance \(name) {
            state \(state)
            interface eth0
            virtual_router_id \(id)
            priority \(priority)
            \(more)
            virtual_ipaddress {
                \(address)
            }
        }

        """
    }

    private func findings(_ nodes: LintNode...) -> [Finding] {
        Linter().run(nodes).findings.filter { !Corpus.advice.contains($0.id) }
    }

    @Test func `a node that is to be BACKUP does not begin as MASTER`() {
        let low = node("lb1", instance(state: "MASTER", priority: "90"))
        let high = node("lb2", instance(priority: "100"))
        #expect(findings(low, high).map(\.id) == ["x-master-priority"])
        let right = node("lb1", instance(state: "MASTER", priority: "150"))
        #expect(findings(right, high).isEmpty)
    }

    @Test func `an instance on one node alone has nobody who takes over`() {
        let both = node(
            "lb1",
            instance(priority: "150") + instance("VI_2", id: "52", priority: "150", address: "192.0.2.101/24")
        )
        let found = findings(both, node("lb2", instance()))
        #expect(found.map(\.id) == ["x-instance-alone"])
        #expect(found.first?.message.contains("VI_2") == true)
        #expect(findings(both).isEmpty)
    }

    @Test func `one router id of two clusters is no cluster that disagrees`() {
        let found = findings(
            node("lb1", instance(priority: "150")),
            node("lb2", instance(priority: "150", address: "192.0.2.200/24")))
        #expect(found.map(\.id) == ["x-vrid"])
        #expect(found.allSatisfy { !$0.fix.contains("same addresses") })
    }

    @Test func `nopreempt makes a weighted interface useless as a weighted script`() {
        func member(_ name: String, _ priority: String, _ entry: String) -> LintNode {
            node(
                name,
                instance(priority: priority, "nopreempt\n    track_interface {\n        \(entry)\n    }"))
        }
        let weighted = findings(
            member("lb1", "101", "eth1 weight -20"), member("lb2", "100", "eth1 weight -20"))
        #expect(weighted.map(\.id) == ["nopreempt-weight"])
        #expect(findings(member("lb1", "101", "eth1"), member("lb2", "100", "eth1")).isEmpty)
    }

    @Test func `1_x runs scripts in a shell, and later releases what begins with a redirection`() {
        let text =
            "vrrp_script chk {\n    script \"/bin/ss -lnt | /bin/grep -q :80\"\n    interval 2\n    rise 2\n    fall 2\n}\n"
            + instance("VI_1", "track_script {\n        chk\n    }")
        func ids(_ version: KeepalivedVersion) -> [String] {
            findings(node(text, version: version)).map(\.id)
        }
        #expect(!ids(KeepalivedVersion(1, 2, 24)).contains("script-shell-syntax"))
        #expect(!ids(KeepalivedVersion(1, 4, 5)).contains("script-shell-syntax"))
        #expect(ids(KeepalivedVersion(2, 0, 0)).contains("script-shell-syntax"))
    }

    @Test func `a sign of the shell is named, not the word that it is glued to`() throws {
        let text =
            "vrrp_script chk {\n    script \"/usr/bin/ss -lnt|grep -q ':80 '; exit $?\"\n    interval 2\n}\n"
            + instance()
        let found = try #require(findings(node(text)).first { $0.id == "script-shell-syntax" })
        #expect(found.message.contains("`|`"))
        for command in [
            "/usr/bin/curl -s http://h/?a=1&b=2;c", "/usr/bin/pgrep -f a|b", "/bin/sh -c 'a | b'",
        ] {
            let fine = text.replacing("/usr/bin/ss -lnt|grep -q ':80 '; exit $?", with: command)
            #expect(!findings(node(fine)).map(\.id).contains("script-shell-syntax"), "\(command)")
        }
    }

    @Test func `quotes around numbers are read as 0 before 1_2_20`() {
        let text = instance(priority: "\"100\"")
        #expect(
            findings(node(text, version: KeepalivedVersion(1, 2, 19))).map(\.id).contains(
                "syntax-quoted-value"))
        #expect(findings(node(text, version: KeepalivedVersion(1, 2, 20))).isEmpty)
    }

    @Test func `a release that nobody has named is called assumed`() throws {
        var assumed = node("global_defs {\n    json_version 2\n}\n" + instance())
        assumed.assumesVersion = true
        let found = try #require(findings(assumed).first { $0.id == "syntax-unknown-keyword" })
        #expect(found.message.contains("if this is 2.2.7"))
        #expect(!found.fix.contains("upgrade the node"))
    }

    @Test func `a file for several nodes says so, and for whom`() throws {
        let text = instance(
            "VI_1",
            "@lb1 unicast_src_ip 192.0.2.1\n@^lb1 unicast_src_ip 192.0.2.2\n    unicast_peer {\n        192.0.2.9\n    }"
        )
        var asked = node("file", text)
        #expect(asked.configIDs == ["lb1", "any-other-node"])
        asked.assumesConfigID = true
        #expect(findings(asked).map(\.id) == ["config-id"])
        #expect(findings(node("lb1", text)).isEmpty)
    }

    @Test func `what several nodes share is said once`() {
        var report = Linter().run([
            LintNode(
                name: "lb1", path: "k.conf",
                files: FileSet(["k.conf": ConfigurationFile(Array(instance(id: "0").utf8))])),
            LintNode(
                name: "lb2", path: "k.conf",
                files: FileSet(["k.conf": ConfigurationFile(Array(instance(id: "0").utf8))])),
        ])
        report.foldNodes()
        #expect(report.findings.filter { $0.id == "vrid-range" }.map(\.nodes) == [["lb1", "lb2"]])
    }

    @Test func `clusters of a fleet are not compared with each other`() {
        let first = [node("a1", instance(priority: "150")), node("a2", instance())]
        let second = [
            node("b1", instance(priority: "150", address: "192.0.2.200/24")),
            node("b2", instance(address: "192.0.2.200/24")),
        ]
        #expect(Linter().run([first, second]).findings.allSatisfy { Corpus.advice.contains($0.id) })
    }

    @Test func `the working directory is where a definition of it points`() {
        let files = FileSet([
            "dir/k.conf": ConfigurationFile(Array("include ${_PWD}/conf.d/*.conf\n".utf8)),
            "dir/conf.d/vi.conf": ConfigurationFile(Array(instance().utf8)),
            "/srv/dir/conf.d/vi.conf": ConfigurationFile(Array(instance().utf8)),
        ])
        for directory in ["", "/srv"] {
            let reader = ConfigurationReader(files: files, workingDirectory: directory)
            #expect(reader.read(path: "dir/k.conf").instances.map(\.name) == ["VI_1"], "\(directory)")
        }
    }
}

@Suite struct HAProxyRulesTests {
    private func ids(_ text: String) -> [String] {
        var node = LintNode(name: "lb1", path: "k.conf", files: FileSet(["k.conf": ConfigurationFile([])]))
        node.haproxy = HAProxyConfiguration(path: "h.cfg", bytes: Array(text.utf8))
        return Linter().run([node]).findings.map(\.id)
    }

    private let defaults = """
        defaults
            mode http
            timeout connect 5s
            timeout client 30s
            timeout server 30s

        """
    private let backend = """

        backend b
            server s1 192.0.2.21:80 check

        """

    @Test func `a healthy file gives nothing`() {
        #expect(
            ids(defaults + "frontend f\n    bind 192.0.2.100:80\n    default_backend b\n" + backend).isEmpty)
        #expect(
            ids("defaults\n    timeout client 30s\nlisten stats\n    bind :9000\n    stats enable\n").isEmpty)
    }

    @Test func `a backend that is not there`() {
        #expect(
            ids(
                defaults
                    + "frontend f\n    bind :80\n    use_backend none if { path /x }\n    default_backend b\n"
                    + backend)
                == ["ha-undefined-backend"])
        #expect(
            ids(
                defaults + "frontend f\n    bind :80\n    use_backend %[path]\n    default_backend b\n"
                    + backend
            ).isEmpty)
    }

    @Test func `a frontend for HTTP with a backend for TCP`() {
        let text = defaults + "frontend f\n    bind :80\n    default_backend b\n"
        #expect(ids(text + backend + "    mode tcp\n") == ["ha-mode-mix"])
        #expect(ids(text.replacing("mode http", with: "mode tcp") + backend + "    mode http\n").isEmpty)
    }

    @Test func `a time without a unit`() {
        let text = defaults + "frontend f\n    bind :80\n    default_backend b\n" + backend
        #expect(ids(text.replacing("client 30s", with: "client 30")) == ["ha-time-unit"])
        #expect(ids(text.replacing("client 30s", with: "client 30000")).isEmpty)
        #expect(ids(text.replacing("check", with: "check inter 2")) == ["ha-time-unit"])
    }

    @Test func `a mistyped keyword`() {
        #expect(
            ids(defaults + "frontend f\n    bind :80\n    defualt_backend b\n" + backend) == [
                "ha-unknown-keyword"
            ])
        #expect(ids(defaults + "frontend f\n    bind :80\n    something-of-tomorrow\n").isEmpty)
    }

    @Test func `haproxy's file is told from keepalived's`() {
        #expect(HAProxyFile.isLikely(Array((defaults + backend).utf8)))
        #expect(HAProxyFile.isLikely(Array("# haproxy\nglobal\n    daemon\n".utf8)))
        #expect(!HAProxyFile.isLikely(Array("global_defs {\n}\n".utf8)))
        #expect(!HAProxyFile.isLikely([]))
    }
}
