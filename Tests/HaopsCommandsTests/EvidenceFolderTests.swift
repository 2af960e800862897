import Facts
import FoundationEssentials
import Remote
import Subprocess
import Survey
import Testing

@testable import HaopsCommands

struct EvidenceFolderTests {
    private static let secrets = [
        "Zq7PassVrrp", "Kw8HaStats", "Lm9UserList", "Bd4ScriptPw", "Xt5Included", "Vy6Commented",
    ]

    private static func file(_ text: String) -> FileState {
        FileState(kind: .regular, contents: Array(text.utf8))
    }

    /// Every kind of file that is read, with a secret of its own.
    private static let files: [String: FileState] = [
        "/etc/keepalived/keepalived.conf": file(
            """
            include /etc/keepalived/conf.d/*.conf
            vrrp_instance VI_1 {
              authentication { auth_type PASS
                auth_pass Zq7PassVrrp
              }
            }
            """),
        "/etc/keepalived/conf.d/a.conf": file("$PW=Xt5Included\nauthentication {\n auth_pass $PW\n}\n"),
        "/etc/haproxy/haproxy.cfg": file(
            """
            userlist people
              user ops insecure-password Lm9UserList
            frontend stats
              stats auth admin:Kw8HaStats
              # old password: Vy6Commented
            """),
        "/etc/keepalived/check.sh": file("#!/bin/sh\nmysqladmin -u root --password=Bd4ScriptPw ping\n"),
        "/etc/keepalived/id_ed25519": file(
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE\n-----END OPENSSH PRIVATE KEY-----\n"),
        "/etc/keepalived/core": FileState(kind: .regular, contents: [0x7f, 0, 1]),
    ]

    private static func evidence(
        _ files: [String: FileState], node: String = "lb1", _ transcripts: [Transcript] = []
    ) -> EvidenceSurvey.NodeEvidence {
        EvidenceSurvey.NodeEvidence(
            node: HostID(node), configuration: ConfigurationEvidence(files: files),
            transcripts: transcripts)
    }

    private static func folder(_ nodes: EvidenceSurvey.NodeEvidence...) -> EvidenceFolder {
        var folder = EvidenceFolder(name: "haops-report", secrets: [], ofNodes: nodes)
        for node in nodes { folder.add(node) }
        return folder
    }

    @Test func `no secret of any file is in any text, also where another text repeats it`() {
        let said = Self.secrets.map { "the log says \($0) once more" }.joined(separator: "\n")
        var folder = Self.folder(
            Self.evidence(
                Self.files,
                [Transcript(command: "journalctl -u keepalived", bytes: Array(said.utf8))]))
        folder.add("doctor.txt", text: said)
        folder.head = "head"
        let all = folder.files.map(\.text).joined() + folder.page
        for secret in Self.secrets where secret != "Vy6Commented" {
            #expect(!all.contains(secret), "\(secret)")
        }
        let configuration = folder.files.first { $0.path.hasSuffix("haproxy.cfg") }?.text
        #expect(configuration?.contains("Vy6Commented") == false)
        #expect(!all.contains("b3BlbnNzaC1rZXktdjE"))
        #expect(all.contains("(a private key, not shown)"))
        #expect(all.contains("3 bytes that are not text"))
    }

    @Test func `a node's paths and texts stay below the folder and steer no terminal`() {
        let folder = Self.folder(
            Self.evidence(
                [
                    "/etc/keepalived/../../../root/.ssh/authorized_keys": Self.file("x"),
                    "/etc/keepalived/a\u{1b}[2J b": Self.file("\u{1b}]0;title\u{7}<script>alert(1)</script>"),
                ], node: "../../../tmp/lb1"))
        for file in folder.files {
            #expect(file.path.split(separator: "/").allSatisfy { $0 != ".." && $0 != "." }, "\(file.path)")
            #expect(!file.path.hasPrefix("/"))
            #expect(!file.text.contains("\u{1b}") && !file.path.contains("\u{1b}"))
        }
        #expect(folder.files.count == 2)
        #expect(!folder.page.contains("<script>"))
    }

    @Test(arguments: ["x.tar.gz", "x.tgz", "x.html"])
    func `what is written is read by tar or is one page, and is its owner's alone`(_ name: String)
        async throws
    {
        let place =
            FileManager.default.temporaryDirectory.path
            + "/haops-evidence-\(UInt32.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: place) }
        var folder = Self.folder(Self.evidence(Self.files))
        folder.head = "head"
        let path = "\(place)/\(name)"
        let archive = try #require(EvidenceArchive(path: path))
        let size = try await archive.write(folder)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.size] as? Int == size)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place) == [name])
        guard name != "x.html" else {
            let page = try String(contentsOfFile: path, encoding: .utf8)
            #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("src="))
            return
        }
        let listed = try await Subprocess.run(
            .name("tar"), arguments: ["-tzf", path], output: .string(limit: 1 << 20), error: .discarded)
        let paths = listed.standardOutput.split(separator: "\n").filter { !$0.hasSuffix("/") }
        #expect(Set(paths.map(String.init)) == Set(folder.indexed.map { "haops-report/" + $0.path }))
    }

    @Test func `a node's paths that no disk can hold together do not keep the report from being written`()
        async throws
    {
        let deep = String(repeating: "/a", count: 2400)
        let paths = [
            "/etc/k", "/etc/k/below", "/etc/x y", "/etc/x-y", "/etc/x\ty", "/", "", "//", deep,
            deep + "/b",
            "/" + String(repeating: "n", count: 4000), "/.", "/etc/keepalived/keepalived.conf",
        ]
        let files = Dictionary(uniqueKeysWithValues: paths.map { ($0, Self.file("text of \($0.count)\n")) })
        var folder = Self.folder(Self.evidence(files))
        folder.head = "head"
        #expect(Set(folder.files.map(\.path)).count == paths.count)
        #expect(folder.files.contains { $0.path == "nodes/lb1/files/etc/keepalived/keepalived.conf" })
        let path = FileManager.default.temporaryDirectory.path + "/haops-evidence-\(UUID().uuidString).tgz"
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try await #require(EvidenceArchive(path: path)).write(folder)
        let listed = try await Subprocess.run(
            .name("tar"), arguments: ["-tzf", path], output: .string(limit: 1 << 20), error: .discarded)
        let packed = listed.standardOutput.split(separator: "\n").filter { !$0.hasSuffix("/") }
        #expect(Set(packed.map(String.init)) == Set(folder.indexed.map { "haops-report/" + $0.path }))
    }

    @Test func `a name that says no form is refused`() {
        #expect(EvidenceArchive(path: "report.zip") == nil)
        #expect(EvidenceArchive(path: "report") == nil)
    }
}
