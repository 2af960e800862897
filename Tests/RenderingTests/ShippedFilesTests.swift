import HaopsTestSupport
import Inventory
import Remote
import Testing

@testable import Rendering

/// Operators' own files as they are rendered, and the list that they are known by.
@Suite struct ShippedFilesTests {
    @Test func `a template has the node's values, and a tag that names none is an error at its place`() throws
    {
        var topology = Topology.shipped
        let files = try topology.rendered()[0].files
        let script = try #require(files.first { $0.path.hasSuffix("10-values.sh") })
        #expect(
            String(decoding: script.contents, as: UTF8.self)
                == "#!/bin/sh\n# lb1 at 198.51.100.11 of web\necho 203.0.113.50\n")
        topology.cluster.files.append(
            ShippedFile(
                path: "/etc/x", source: "files/x", contents: Array("a\n{{nod}}".utf8), isTemplate: true))
        #expect {
            try topology.rendered()
        } throws: {
            "\($0)" == "files/x:2:1: `{{nod}}` names no value\nhint: did you mean `node`?"
        }
    }

    @Test func `a template may name a secret, and then its file is closed and masked`() throws {
        var topology = Topology.shipped
        topology.cluster.textSecrets = ["hook": .reference(name: "hook", source: .environment("X"))]
        topology.cluster.files = [
            ShippedFile(
                path: "/etc/x", contents: Array("#!/bin/sh\ncurl ${secret:hook} ${HOME}\n".utf8),
                isTemplate: true)
        ]
        let file = try #require(try topology.rendered()[0].files.first { $0.path == "/etc/x" })
        #expect(file.mode == 0o750 && file.isSecret && file.secrets == [Topology.secret])
        #expect(
            String(decoding: file.contents, as: UTF8.self)
                == "#!/bin/sh\ncurl \(Topology.secret.revealed) ${HOME}\n")
    }

    @Test func `an operator's own script stands in for the one that haops has of that name`() throws {
        var topology = Topology.lab
        topology.cluster.files = [
            ShippedFile(path: "/etc/keepalived/check_haproxy.sh", contents: Array("#!/bin/sh\n".utf8))
        ]
        let files = try topology.rendered()[0].files.filter { $0.path.hasSuffix("check_haproxy.sh") }
        #expect(files.map(\.role) == [.shipped(.none)])
    }

    @Test func `nothing that haops writes itself can be shipped`() throws {
        for topology in Topology.all {
            for family in NodeFamily.allCases {
                let families = Dictionary(
                    uniqueKeysWithValues: topology.cluster.nodes.map { ($0.id, family) })
                for file in try topology.rendered(families: families).flatMap(\.files) {
                    switch file.role {
                    case .shipped, .checkScript: #expect(mayShip(to: file.path))
                    default: #expect(!mayShip(to: file.path), "\(file.path)")
                    }
                }
            }
        }
        #expect(!mayShip(to: NodePaths.handover(of: "VI_1")) && !mayShip(to: NodePaths.state(of: "VI_1")))
    }

    @Test func `a manifest reads back as it was written, and lines that are none are nothing`() throws {
        let files = try Topology.shipped.rendered()[0].files
        let manifest = Manifest(files)
        #expect(manifest.entries.count == 3)
        #expect(Manifest(reading: manifest.contents) == manifest)
        #expect(manifest["/etc/keepalived/with blanks.map"]?.onChange == .reloadKeepalived)
        let digest = SHA256.hexDigest(of: [])
        for line in [
            "", "#", "x none /etc/x", "\(digest) none", "\(digest) none etc/x", "\(digest) never /etc/x",
        ] {
            #expect(Manifest(reading: Array((line + "\n").utf8)).entries == [], "\(line)")
        }
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `checksums are those of FIPS 180-4`(text: String, digest: String) {
        #expect(SHA256.hexDigest(of: Array(text.utf8)) == digest)
    }

    @Test(.enabled(if: RealDaemons.found != nil, "\(RealDaemons.reason)"))
    func `checksums are those of sha256sum, whatever the length`() async throws {
        let lengths = [55, 56, 57, 63, 64, 65, 119, 120, 121, 1000]
        let contents = lengths.map { length in (0..<length).map { UInt8(truncatingIfNeeded: $0 * 7) } }
        let verdict = try await #require(RealDaemons.found).run(
            "cd /run/../srv && for n in \(lengths.map(String.init).joined(separator: " ")); do sha256sum <$n; done",
            files: zip(lengths, contents).map {
                RealDaemons.File(path: "/srv/\($0)", contents: $1, mode: 0o644)
            }, interfaces: [:])
        #expect(verdict.said == contents.map { SHA256.hexDigest(of: $0) + "  -\n" }.joined())
    }
}
