import FoundationEssentials
import HaopsTestSupport
import Testing

@testable import HaopsCommands
@testable import Inventory

/// The inventory's schema, by which editors complete and mark, against haops' own reader.
struct InventorySchemaTests {
    private static let inventories = LabFixture.project + "/inventories"
    private static let schema = Result { try JSONValue(InventorySchema.document.json.utf8) }

    /// Whether the schema takes an inventory.
    private func schemaProblems(_ value: JSONValue) throws -> [String] {
        SchemaValidator().problems(of: value, by: try Self.schema.get())
    }

    /// The errors of haops' own reader.
    private func readerErrors(_ yaml: String) -> [String] {
        do throws(InventoryError) {
            _ = try readFleet(yaml: Array(yaml.utf8), file: "haops.yaml", directory: Self.inventories)
            return []
        } catch { return error.diagnostics.filter { $0.severity == .error }.map(\.message) }
    }

    private func value(_ yaml: String) throws -> JSONValue {
        let document = readYAML(Array(yaml.utf8))
        return JSONValue(try #require(document.root))
    }

    static let shipped: [String] = {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: inventories)) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.sorted()
    }()

    @Test(arguments: shipped)
    func `every inventory that ships is valid by its schema`(name: String) throws {
        let text = try String(contentsOfFile: "\(Self.inventories)/\(name)", encoding: .utf8)
        #expect(try schemaProblems(value(text)) == [])
    }

    @Test func `what haops init writes is valid by the schema`() throws {
        #expect(
            try schemaProblems(value(exampleInventory(first: "198.51.100.11", second: "2001:db8::2"))) == [])
    }

    /// A valid inventory of one cluster, with a place for one more line in each of its parts.
    private func inventory(
        top: String = "", ssh: String = "{ user: root }",
        node: String = "{ address: 198.51.100.11, priority: 150 }",
        cluster: String = "", keepalived: String = "", instance: String = "router_id: 51",
        addresses: String = "[203.0.113.50/24]",
        script: String = "{ run: /bin/true, weight: -60 }",
        backend: String = "{ servers: { web1: 203.0.113.21:80 } }"
    ) -> String {
        """
        haops: 1
        ssh: \(ssh)
        secrets: { vrrp: { env: PASS } }
        \(top)
        clusters:
          web:
            \(cluster)
            nodes:
              lb1: \(node)
              lb2: { address: 198.51.100.12, priority: 100 }
            keepalived:
              interface: eth0
              auth_pass: { secret: vrrp }
              scripts: { check: \(script) }
              \(keepalived)
              instances:
                VI_1: { \(instance), addresses: \(addresses), track_scripts: [check] }
            haproxy:
              frontends: { web: { bind: ["203.0.113.50:80"], backend: web } }
              backends: { web: \(backend) }
        """
    }

    private var valid: [String] {
        [
            inventory(), inventory(ssh: "{ port: \"22\", identity: [a, b], jump: none }"),
            inventory(node: "{ priority: [150] }"),
            inventory(keepalived: "preempt: yes"),
            inventory(keepalived: "preempt: FALSE", script: "{ run: /bin/true, weight: 0 }"),
            // Version 3 has no passwords.
            inventory(keepalived: "version: 3\n      advert_interval: 0.25")
                .replacing("auth_pass: { secret: vrrp }", with: ""),
            inventory(keepalived: "notify: { master: /etc/a.sh }"),
            inventory(keepalived: "notify: false"),
            inventory(keepalived: "extra: { VI_1: \"garp_master_delay 2\" }"),
            inventory(addresses: "203.0.113.50/24"),
            inventory(addresses: "[{ vip: 203.0.113.50/24, interface: eth1 }]"),
            inventory(
                backend:
                    "{ balance: hash src, check: none, servers: { \"web[1-2]\": \"203.0.113.[21-22]:80\" } }"),
            inventory(top: "files: { /etc/a.map: { text: a, mode: 0644, on_change: reload haproxy } }"),
            inventory(top: "files:"), inventory(cluster: "observers: { client: }"),
            inventory(cluster: "sysctl: { net.ipv4.ip_forward: 1 }"),
            inventory(cluster: "firewall: { allow: vrrp }"), inventory(instance: "router_id: \"51\""),
            // What a cluster leaves out, `defaults` may have.
            inventory(
                top: "defaults: { keepalived: { instances: { VI_1: { router_id: 51 } } } }",
                instance: "handover: true"),
        ]
    }

    @Test func `what haops reads, the schema takes`() throws {
        for text in valid {
            #expect(readerErrors(text) == [], "\(text)")
            #expect(try schemaProblems(value(text)) == [], "\(text)")
        }
    }

    private var invalid: [String] {
        [
            "clusters: {}", inventory().replacing("haops: 1", with: "haops: 2"),
            inventory(top: "cluster: {}"),
            inventory(ssh: "{ usr: root }"), inventory(ssh: "{ port: 0 }"), inventory(ssh: "{ port: ssh }"),
            inventory(ssh: "root"),
            inventory(node: "{ priority: 255 }"), inventory(node: "{ adress: 198.51.100.11 }"),
            inventory(node: "198.51.100.11"),
            inventory(node: "{ interface: a-name-that-is-too-long }"),
            inventory(keepalived: "transport: broadcast"),
            inventory(keepalived: "version: 4"), inventory(keepalived: "preempt: maybe"),
            inventory(keepalived: "advert_interval: soon"),
            inventory(keepalived: "notify: { leader: /etc/a.sh }"),
            inventory(keepalived: "notify: { master: a.sh }"),
            inventory(keepalived: "options: \"$HOME\""), inventory(instance: "handover: true"),
            inventory(instance: "router_id: 256"),
            inventory(instance: "virtual_router_id: 51"), inventory(addresses: "[]"),
            inventory(addresses: "[web]"),
            inventory(addresses: "[{ interface: eth1 }]"),
            inventory(addresses: "[{ vip: 203.0.113.50/24, dev: eth1 }]"),
            inventory(script: "{ weight: -60 }"), inventory(script: "{ run: /bin/true, weight: -300 }"),
            inventory(script: "/bin/true"),
            inventory(backend: "{ balance: fastest, servers: { web1: 203.0.113.21:80 } }"),
            inventory(backend: "{}"),
            inventory(backend: "{ check: {}, servers: { web1: 203.0.113.21:80 } }"),
            inventory(backend: "{ check: { http: health }, servers: { web1: 203.0.113.21:80 } }"),
            inventory(backend: "{ servers: { web1: { options: backup } } }"),
            inventory(top: "files: { /etc/a.map: {} }"),
            inventory(top: "files: { a.map: { text: a } }"),
            inventory(top: "files: { /etc/a.map: { text: a, source: b } }"),
            inventory(top: "files: { /etc/a.map: { text: a, mode: rwx } }"),
            inventory(top: "files: { /etc/a.map: none }"),
            inventory(top: "files: { /etc/a.map: { text: a, owner: root } }"),
            inventory(cluster: "firewall: { backend: pf }"),
            inventory(cluster: "firewall: { allow: [http] }"), inventory(cluster: "sysctl: { forward: 1 }"),
            inventory().replacing("{ env: PASS }", with: "PASS"),
            inventory().replacing("{ env: PASS }", with: "{ env: A, file: b }"),
            inventory().replacing("interface: eth0", with: "transport: multicast"),
            inventory().replacing("{ secret: vrrp }", with: "{ name: vrrp }"),
            inventory(cluster: "packages: [\"a b\"]"),
        ]
    }

    @Test func `what is wrong in itself, both refuse`() throws {
        for text in invalid {
            #expect(!readerErrors(text).isEmpty, "\(text)")
            #expect(try !schemaProblems(value(text)).isEmpty, "\(text)")
        }
    }

    /// What must hold between parts, and what only haops can know of a text.
    @Test func `what only the reader knows is not promised by the schema`() throws {
        for text in [
            inventory(keepalived: "preferred: lb3"),
            inventory(node: "{ address: 198.51.100.12, priority: 150 }"),
            inventory(script: "{ run: /bin/true, weight: -10 }"), inventory(addresses: "[203.0.113.0/24]"),
            inventory(keepalived: "advert_interval: 0.5"),
            inventory().replacing("{ secret: vrrp }", with: "{ secret: other }"),
        ] {
            #expect(!readerErrors(text).isEmpty, "\(text)")
            #expect(try schemaProblems(value(text)) == [], "\(text)")
        }
    }

    /// Each place of a valid inventory with something else in it, or without its key.
    @Test(arguments: [
        "lab.yaml", "on-master-pair.yaml", "examples/unicast.yaml", "examples/active-active.yaml",
    ])
    func `whatever the schema refuses, the reader refuses`(name: String) throws {
        let whole = try value(String(contentsOfFile: "\(Self.inventories)/\(name)", encoding: .utf8))
        #expect(readerErrors(whole.yaml) == [])
        var refused = 0
        var missed: [String] = []
        for (change, changed) in whole.mutations.enumerated().filter({ $0.offset % 11 == 0 }) {
            let problems = try schemaProblems(changed.value)
            let errors = readerErrors(changed.value.yaml)
            if !problems.isEmpty {
                refused += 1
                #expect(!errors.isEmpty, "\(change): \(changed.what): \(problems)")
            } else if errors.contains(where: { $0.contains("unknown key") }) {
                missed.append("\(changed.what): \(errors)")
            }
        }
        #expect(refused > 15)
        #expect(missed == [], "a key that haops does not know is marked")
    }
}

extension JSONValue {
    /// As YAML 1.2's core schema has it, and yaml-language-server with it.
    fileprivate init(_ node: YAMLNode) {
        switch node.content {
        case .broken: self = .null
        case .sequence(let items): self = .array(items.map(JSONValue.init))
        case .mapping(let entries):
            self = .object(Dictionary(entries.map { ($0.key, JSONValue($0.value)) }) { first, _ in first })
        case .scalar(let text, isPlain: true):
            if node.isNull {
                self = .null
            } else if ["true", "True", "TRUE"].contains(text) {
                self = .bool(true)
            } else if ["false", "False", "FALSE"].contains(text) {
                self = .bool(false)
            } else if text.wholeMatch(of: #/[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?/#) != nil {
                self = .number(Double(text) ?? 0)
            } else {
                self = .text(text)
            }
        case .scalar(let text, isPlain: false): self = .text(text)
        }
    }

    /// YAML of it, in flow style.
    fileprivate var yaml: String {
        switch self {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .number(let number): number == number.rounded() ? "\(Int(number))" : "\(number)"
        // A word means more than its text where it is plain: `none`, `yes`.
        case .text(let text):
            text.wholeMatch(of: #/[a-z]+/#) != nil ? text : OutputValue.text(text).jsonOnOneLine
        case .array(let items): "[" + items.map(\.yaml).joined(separator: ", ") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }.map {
                    "\(OutputValue.text($0.key).jsonOnOneLine): \($0.value.yaml)"
                }
                .joined(separator: ", ") + "}"
        }
    }

    /// What it becomes by each change of one place: another value, a key that is missing or misspelt.
    fileprivate var mutations: [(what: String, value: JSONValue)] {
        let others: [JSONValue] = [
            .null, .bool(true), .number(7), .number(-1), .number(99999), .text("a b"), .text("x"), .array([]),
            .array([.number(7)]), .object([:]), .object(["a": .number(1)]),
        ]
        var all = others.map { (what: "→ \($0.yaml)", value: $0) }
        switch self {
        case .array(let items):
            for index in items.indices {
                all += items[index].mutations.map { change in
                    var changed = items
                    changed[index] = change.value
                    return ("[\(index)]" + change.what, .array(changed))
                }
            }
        case .object(let members):
            for (key, member) in members.sorted(by: { $0.key < $1.key }) {
                var without = members
                without[key] = nil
                all.append((".\(key) removed", .object(without)))
                without[key + "x"] = member
                all.append((".\(key) misspelt", .object(without)))
                all += member.mutations.map { change in
                    var changed = members
                    changed[key] = change.value
                    return (".\(key)" + change.what, .object(changed))
                }
            }
        case .null, .bool, .number, .text: break
        }
        return all
    }
}
