import Glibc
import Testing

@testable import Inventory

@Suite struct ResolvedSecretsTests {
    private func fleet(_ source: String, directory: String = "") throws -> Fleet {
        let text = soundInventory.replacing("{ env: HAOPS_VRRP_PASS }", with: source)
        return try readFleet(yaml: Array(text.utf8), file: "haops.yaml", directory: directory)
    }

    private func authPass(_ fleet: Fleet) throws -> SecretValue {
        try #require(fleet.clusters[0].keepalived?.authPass)
    }

    private struct Failed: Error, CustomStringConvertible {
        var description: String { "`pass` ended with status 1" }
    }

    @Test func `a variable of the environment`() async throws {
        let fleet = try fleet("{ env: P }")
        let secrets = try await ResolvedSecrets.resolving(
            fleet, environment: { $0 == "P" ? "hunter2" : nil }, run: { _ in throw Failed() })
        #expect(secrets[try authPass(fleet)]?.revealed == "hunter2")
        #expect(secrets.warnings.isEmpty)
    }

    @Test func `what a program prints, less one newline`() async throws {
        let fleet = try fleet("{ command: [pass, show, \"a b\"] }")
        let secrets = try await ResolvedSecrets.resolving(
            fleet, environment: { _ in nil },
            run: { words in
                #expect(words == ["pass", "show", "a b"])
                return Array("hunter2\n".utf8)
            })
        #expect(secrets[try authPass(fleet)] == Secret("hunter2"))
    }

    @Test func `a file beside the inventory; one that everybody can read is warned of`() async throws {
        let directory = try temporaryDirectory()
        defer { remove(directory, "pass") }
        try write("hunter2\r\n", to: "\(directory)/pass", mode: 0o600)
        let fleet = try fleet("{ file: pass }", directory: directory)
        let quiet = try await ResolvedSecrets.resolving(fleet, run: { _ in [] })
        #expect(quiet[try authPass(fleet)]?.revealed == "hunter2")
        #expect(quiet.warnings.isEmpty)

        unsafe chmod("\(directory)/pass", 0o644)
        let loud = try await ResolvedSecrets.resolving(fleet, run: { _ in [] })
        #expect(loud.warnings.count == 1)
        #expect(
            loud.warnings[0].message.hasPrefix(
                "secret `vrrp`: everybody on this machine can read `\(directory)/pass`"))
        #expect(loud.warnings.map(\.location) == [fleet.location(of: .secret("vrrp"))])
    }

    @Test func `every secret that cannot be had is reported at once, with its place and no value`()
        async throws
    {
        let text = """
            haops: 1
            secrets:
              a: { env: HAOPS_NOT_SET }
              b: { file: /nonexistent/secret }
              c: { command: [pass, show, c] }
              d: { env: LONG }
            clusters:
              a: { nodes: { a1: {}, a2: {} }, keepalived: { interface: e, auth_pass: { secret: a }, instances: { I: { router_id: 1, addresses: [203.0.113.1/24] } } } }
              b: { nodes: { b1: {}, b2: {} }, keepalived: { interface: e, auth_pass: { secret: b }, instances: { I: { router_id: 2, addresses: [203.0.113.2/24] } } } }
              c: { nodes: { c1: {}, c2: {} }, keepalived: { interface: e, auth_pass: { secret: c }, instances: { I: { router_id: 3, addresses: [203.0.113.3/24] } } } }
              d: { nodes: { d1: {}, d2: {} }, keepalived: { interface: e, auth_pass: { secret: d }, instances: { I: { router_id: 4, addresses: [203.0.113.4/24] } } } }
            """
        let fleet = try readFleet(yaml: Array(text.utf8), file: "haops.yaml", directory: "")
        let environment = { (name: String) in name == "LONG" ? "hunter2hunter2" : nil }
        let error = try await #require(throws: InventoryError.self) {
            try await ResolvedSecrets.resolving(fleet, environment: environment, run: { _ in throw Failed() })
        }
        #expect(
            error.diagnostics.map { "\($0.location.line): \($0.message)" } == [
                "3: secret `a`: the environment has no `HAOPS_NOT_SET`",
                "4: secret `b`: cannot read `/nonexistent/secret`: no such file or directory",
                "5: secret `c`: `pass` ended with status 1",
                "11: the secret `d` has more than 8 bytes: keepalived would use the first 8 only",
            ])
        #expect(!error.description.contains("hunter2"))

        // Clusters that are left out are not asked for.
        let one = try await #require(throws: InventoryError.self) {
            try await ResolvedSecrets.resolving(
                fleet, clusters: ["a"], environment: environment, run: { _ in throw Failed() })
        }
        #expect(one.diagnostics.count == 1)
    }

    @Test(arguments: ["", "hun\"ter", "hun\nter", "päßwörter"])
    func `a value that keepalived could not use is refused`(value: String) async throws {
        let fleet = try fleet("{ env: P }")
        await #expect(throws: InventoryError.self) {
            try await ResolvedSecrets.resolving(fleet, environment: { _ in value }, run: { _ in [] })
        }
    }

    @Test func `an inventory that cannot be opened says why`() throws {
        let missing = try #require(throws: InventoryError.self) {
            try readFleet(at: "/nonexistent/haops.yaml")
        }
        #expect(
            missing.description.hasPrefix(
                "/nonexistent/haops.yaml:1:1: error: cannot read the inventory: no such file or directory\nhint: "
            ))
        let directory = try #require(throws: InventoryError.self) { try readFleet(at: "/") }
        #expect(directory.description.contains("it is a directory"))
    }

    // MARK: - Files

    private func temporaryDirectory() throws -> String {
        var template = Array("\(P_tmpdir)/haops-secrets-XXXXXX".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) }
        }
        return try #require(made)
    }

    private func write(_ text: String, to path: String, mode: mode_t) throws {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL, mode)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        #expect(
            unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
                == bytes.count)
    }

    private func remove(_ directory: String, _ file: String) {
        unsafe unlink("\(directory)/\(file)")
        unsafe rmdir(directory)
    }
}
