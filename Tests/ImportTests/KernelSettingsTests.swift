import Import
import Inventory
import Testing

/// Kernel settings of files, beside what is in force.
@Suite struct KernelSettingsTests {
    private static let file = "/etc/sysctl.conf"

    /// A pair whose files say one thing; `inForce` is what each kernel says.
    private func imported(_ text: String, inForce: [String: String]...) -> ImportedCluster {
        var surveyed = Surveyed()
        for (index, values) in inForce.enumerated() {
            surveyed.add(
                "lb\(index + 1)", address: "198.51.100.1\(index + 1)",
                [conf: HAProxyImportTests.pair[index], Self.file: text], inForce: values)
        }
        return surveyed.imported
    }

    private func settings(_ imported: ImportedCluster) throws -> [String] {
        try imported.cluster.sysctl.map { "\($0.key)=\($0.value)" }
    }

    @Test func `what is written and in force comes along`() throws {
        let values = ["net.ipv4.ip_nonlocal_bind": "1", "net.ipv4.tcp_rmem": "4096 131072 6291456"]
        let imported = imported(
            "net.ipv4.ip_nonlocal_bind=1\nnet/ipv4/tcp_rmem = 4096\t131072\t6291456\n", inForce: values,
            values)
        #expect(imported.isFaithful, "\(imported.refusals)")
        #expect(
            try settings(imported) == [
                "net.ipv4.ip_nonlocal_bind=1", "net.ipv4.tcp_rmem=4096 131072 6291456",
            ])
        #expect(!imported.notes.contains { $0.text.contains("in force") })
    }

    @Test func `what is written and not in force stays where it is`() throws {
        let values = ["net.ipv4.ip_forward": "1", "net.ipv4.conf.all.rp_filter": "2"]
        let imported = imported(
            "# of 2019\nnet.ipv4.ip_forward=0\nnet.ipv4.conf.all.rp_filter=2\n", inForce: values, values)
        #expect(imported.isFaithful, "\(imported.refusals)")
        #expect(try settings(imported) == ["net.ipv4.conf.all.rp_filter=2"])
        let note = try #require(imported.notes.first { $0.text.contains("ip_forward") })
        #expect(
            note.description
                == "lb1:\(Self.file):2, lb2:\(Self.file):2: `net.ipv4.ip_forward` is written as 0, but 1 is in force: it stays where it is and is not in the inventory"
        )
    }

    @Test func `one kernel that says something else, or nothing, is enough`() throws {
        let imported = imported(
            "net.ipv4.ip_forward=1\nnet.bridge.bridge-nf-call-iptables=0\n",
            inForce: ["net.ipv4.ip_forward": "1", "net.bridge.bridge-nf-call-iptables": "0"],
            ["net.ipv4.ip_forward": "0"])
        #expect(try settings(imported) == [])
        let texts = imported.notes.map(\.description)
        #expect(
            texts.contains {
                $0.hasPrefix("lb2:\(Self.file):1: `net.ipv4.ip_forward` is written as 1, but 0")
            })
        #expect(
            texts.contains {
                $0.hasPrefix(
                    "lb2:\(Self.file):2: `net.bridge.bridge-nf-call-iptables` is written as 0, but its value")
            })
    }
}
