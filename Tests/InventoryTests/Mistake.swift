import Testing

@testable import Inventory

/// A small inventory that is valid. Each ``Mistake`` changes a little of it.
let soundInventory = """
    haops: 1
    secrets: { vrrp: { env: HAOPS_VRRP_PASS } }
    clusters:
      web:
        nodes:
          lb1: { address: 198.51.100.11, priority: 150 }
          lb2: { address: 198.51.100.12, priority: 100 }
        keepalived:
          interface: eth0
          auth_pass: { secret: vrrp }
          scripts:
            check: { run: /bin/check, weight: -60 }
          instances:
            VI_1:
              router_id: 51
              addresses: [203.0.113.50/24]
              track_scripts: [check]
        haproxy:
          frontends: { web: { bind: ["203.0.113.50:80"], backend: web } }
          backends: { web: { servers: { web1: 203.0.113.21:80 } } }
        sysctl: { net.ipv4.ip_nonlocal_bind: 1 }

    """

/// A change to the sound inventory, and all that is then said about it, word for word.
struct Mistake: Sendable, CustomTestStringConvertible {
    var name: String
    var edits: [(String, String)]
    var report: String

    init(_ name: String, _ edits: [(String, String)], _ report: String) {
        self.name = name
        self.edits = edits
        self.report = report
    }

    var testDescription: String { name }

    /// Every edit replaces the first place where its text stands.
    var inventory: String {
        edits.reduce(soundInventory) { text, edit in text.replacing(edit.0, with: edit.1, maxReplacements: 1)
        }
    }

    /// Errors and warnings as an operator sees them.
    var actualReport: String { reportOf(inventory) }
}

/// Everything that is said about an inventory: its errors, or the warnings of one that is accepted.
func reportOf(_ inventory: String) -> String {
    do {
        let fleet = try readFleet(yaml: Array(inventory.utf8), file: "haops.yaml", directory: "")
        return fleet.warnings.flatMap { $0.rendered(from: fleet.text) }.map(\.plain).joined(separator: "\n")
    } catch {
        return error.description
    }
}
