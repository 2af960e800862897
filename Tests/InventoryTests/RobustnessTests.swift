import Testing

@testable import Inventory

@Suite struct RobustnessTests {
    /// What reading ends with, whatever the bytes: a fleet, or errors that can all be shown.
    private func read(_ bytes: [UInt8]) -> String {
        do {
            let fleet = try readFleet(yaml: bytes, file: "haops.yaml", directory: "")
            return fleet.warnings.flatMap { $0.rendered(from: fleet.text) }.map(\.plain).joined(
                separator: "\n")
        } catch {
            #expect(error.diagnostics.contains { $0.severity == .error })
            return error.description
        }
    }

    @Test(arguments: 0..<8)
    func `no bytes crash the reader or reach a terminal as they are`(seed: UInt64) throws {
        let file = try LocalFile(path: "\(inventories)/example.yaml", limit: 1 << 20)
        var random = Random(seed: seed)
        let pieces = [
            "{", "}", "[", "]", "&a ", "*a", "<<: ", "- ", ": ", "\n", "\t", "'", "\"", "|\n", "\u{1B}[2J",
            "\u{85}", "#", "? ", "!x ", "%", "---\n",
        ]
        .map { Array($0.utf8) }
        for _ in 0..<60 {
            var bytes = file.bytes
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1:
                    bytes.removeSubrange(
                        place..<min(bytes.count, place + Int.random(in: 1...40, using: &random)))
                case 2: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: place)
                case 3:
                    let from = Int.random(in: 0..<bytes.count, using: &random)
                    bytes.insert(contentsOf: bytes[from..<min(bytes.count, from + 60)], at: place)
                default: bytes.removeSubrange(place...)
                }
                if bytes.isEmpty { bytes = [UInt8(ascii: "x")] }
            }
            InventoryInput.read(bytes)
        }
    }

    @Test(arguments: 0..<4)
    func `a password that stands in the file is never shown, however broken the file`(seed: UInt64) throws {
        let text = soundInventory.replacing("{ secret: vrrp }", with: "hun7er2x")
            .replacing("{ env: HAOPS_VRRP_PASS }", with: "hun7er2x")
        var random = Random(seed: seed)
        for _ in 0..<150 {
            var bytes = Array(text.utf8)
            let secret = Array("hun7er2x".utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                // Anything but what would make it another text: inside the secret or the words before it.
                let place = Int.random(in: 0..<bytes.count, using: &random)
                let line = bytes[..<place].lastIndex(of: 10).map { $0 + 1 } ?? 0
                let end = bytes[place...].firstIndex(of: 10) ?? bytes.count
                if Array(bytes[line..<end]).contains(secret) { continue }
                let junk: [UInt8] = [0x7B, 0x5B, 0x22, 0x27, 0x3A, 0x09, 0x2A, 0x26, 0x7C]
                bytes.insert(junk.randomElement(using: &random) ?? 0x7B, at: place)
            }
            #expect(!read(bytes).contains("hun7er2x"))
        }
    }

    @Test func `aliases that stand for more than the file could ever hold are refused at once`() {
        var text = "a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]\n"
        for level in 1..<40 {
            let alias = "*a\(level - 1)"
            text +=
                "a\(level): &a\(level) [\([String](repeating: alias, count: 9).joined(separator: ", "))]\n"
        }
        #expect(reportOf(text).contains("aliases stand for more than 200000 values"))
        var merges = "x0: &x0 { k: v }\n"
        for level in 1..<40 {
            let alias = "*x\(level - 1)"
            merges +=
                "x\(level): &x\(level) { <<: [\(alias), \(alias), \(alias)], k\(level): *x\(level - 1) }\n"
        }
        #expect(reportOf(merges).contains("aliases stand for more than 200000 values"))
    }

    @Test func `values nested beyond measure are refused`() {
        #expect(
            reportOf(String(repeating: "[", count: 100_000)).contains("values are nested more than 64 deep"))
        #expect(
            reportOf(String(repeating: "- ", count: 50_000)).contains("values are nested more than 64 deep"))
        #expect(
            reportOf(String(repeating: "{a: ", count: 50_000)).contains("values are nested more than 64 deep")
        )
    }

    @Test func `a file beyond the limit is refused unread`() {
        let document = readYAML([UInt8](repeating: 0x20, count: 101), limits: YAMLLimits(bytes: 100))
        #expect(document.root == nil)
        #expect(document.problems.map(\.message) == ["the file has more than 0 MiB"])
    }

    @Test(
        arguments: [
            ([0x68, 0xFF], 1, 2, "the file is not UTF-8 text"),
            ([0x61, 0x0A, 0xC3], 2, 1, "the file is not UTF-8 text"),
            (
                [0x61, 0x3A, 0x20, 0x00], 1, 4,
                "the file has a character that YAML does not allow: control characters are not allowed"
            ),
            ([], 1, 1, "the inventory is empty"), ([0x23, 0x20, 0x78], 1, 1, "the inventory is empty"),
            ([0xEF, 0xBB, 0xBF], 1, 1, "the inventory is empty"),
        ] as [([UInt8], Int, Int, String)])
    func `bytes that are no text are shown where they stand`(
        bytes: [UInt8], line: Int, column: Int, message: String
    ) throws {
        let error = try #require(throws: InventoryError.self) {
            try readFleet(yaml: bytes, file: "haops.yaml", directory: "")
        }
        let first = try #require(error.diagnostics.first)
        #expect(first.message == message)
        #expect(first.location.line == line)
        #expect(first.location.column == column)
    }

    @Test func `a thousand clusters are read, and every mistake among them is found`() throws {
        var text = "haops: 1\nclusters:\n"
        for index in 0..<1000 {
            let (high, low) = (index / 50, index % 50)
            text += """
                  c\(index):
                    nodes: { a\(index): { address: 198.18.\(high).\(low) }, b\(index): { address: 198.19.\(high).\(low) } }
                    keepalived: { interface: eth0, instances: { VI_1: { router_id: 51, addresses: [10.\(high).\(low).100/24] } } }

                """
        }
        let fleet = try readFleet(yaml: Array(text.utf8), file: "haops.yaml", directory: "")
        #expect(fleet.clusters.count == 1000)
        let broken = text.replacing("router_id: 51", with: "router_id: 510")
        let error = try #require(throws: InventoryError.self) {
            try readFleet(yaml: Array(broken.utf8), file: "haops.yaml", directory: "")
        }
        #expect(error.diagnostics.count == 1000)
    }
}

extension Array<UInt8> {
    fileprivate func contains(_ other: [UInt8]) -> Bool {
        guard count >= other.count else { return false }
        return (0...(count - other.count)).contains { self[$0..<($0 + other.count)].elementsEqual(other) }
    }
}
