import Testing

/// The arrows of docs/Architecture.md. SwiftPM alone does not hold them: a C module that is visible through another
/// target is importable without being declared.
struct ImportTests {
    /// What each target may import: its row of Package.swift, and what the toolchain has for some.
    static let allowed: [String: Set<String>] = {
        var rows = (try? Project.dependencies()) ?? [:]
        for (target, modules) in toolchain { rows[target]?.formUnion(modules) }
        return rows
    }()

    private static let toolchain: [String: Set<String>] = [
        "Keepalived": ["FoundationEssentials"],
        "Inventory": ["FoundationEssentials"],
        "HaopsCommands": ["FoundationEssentials"],
        "HaopsTestSupport": ["FoundationEssentials", "Testing"],
    ]

    static let system: Set<String> = ["Glibc", "Synchronization", "Swift", "_Concurrency"]

    /// Who alone may import a module, and why everybody else may not.
    static let reserved: [(module: String, only: Set<String>, why: String)] = [
        (
            "CLibSSH2", ["SSHTransport"],
            "one target knows libssh2, so that its rules on threads and EAGAIN are kept in one place"
        ),
        ("CLibYAML", ["Inventory"], "YAML is read once, into a Fleet; nobody else sees a document"),
        ("CEpoll", ["Reactor"], "one thread waits for descriptors"),
        (
            "SSHTransport", ["haops"],
            "whatever is above a transport must run, and be tested, on any transport"
        ),
        (
            "ArgumentParser", ["HaopsCommands"],
            "the command line is the outermost layer; the engine has no flags"
        ),
        ("HaopsCommands", ["haops"], "nothing may depend on how an answer is printed"),
        ("HaopsTestSupport", [], "what serves tests is not in the program"),
        ("Testing", ["HaopsTestSupport"], "what serves tests is not in the program"),
        ("Foundation", [], "it brings ICU, 34 MB of it; see docs/Decisions/0001-no-whole-foundation.md"),
        ("Dispatch", [], "concurrency is structured: task groups and one reactor, no queues"),
        ("XCTest", [], "the tests are Swift Testing's"),
    ]

    /// Pure targets: no clock, no file, no process, no network; `Glibc` would give them all four.
    static let pure: [(target: String, why: String)] = [
        ("Addresses", "addresses are values"),
        ("Concealment", "what is hidden depends on the text alone"),
        (
            "Keepalived",
            "the language is read from bytes that somebody else fetched: fuzzable, and the same everywhere"
        ),
        ("HAProxy", "haproxy.cfg is read from bytes that somebody else fetched, as keepalived.conf is"),
        ("Remote", "it says what a transport is, and is none"),
        ("Facts", "a fact is a command and a parser; the transport runs the one, the tests feed the other"),
        ("Timeline", "what happened depends on the logs and on nothing else"),
        ("Pictures", "the same story gives the same picture"),
        ("Checks", "a verdict depends on the facts and on nothing else"),
        ("Rendering", "the same inventory gives the same bytes"),
        ("Import", "what was read of the nodes decides on the inventory, and nothing else"),
    ]

    @Test(arguments: allowed.keys.sorted())
    func `a target imports what its row allows`(target: String) throws {
        for file in try Project.swiftFiles(below: "Sources/" + target) {
            let surplus = try Project.imports(of: file)
                .subtracting(Self.allowed[target] ?? []).subtracting(Self.system)
            #expect(surplus.isEmpty, "\(file) imports \(surplus.sorted().joined(separator: ", "))")
        }
    }

    @Test func `every target has a row`() throws {
        #expect(try Project.targets() == Self.allowed.keys.sorted())
    }

    @Test func `a reserved module is imported only where it belongs`() throws {
        for rule in Self.reserved {
            for file in try Project.swiftFiles(below: "Sources")
            where try Project.imports(of: file).contains(rule.module) {
                let target = file.split(separator: "/")[1]
                #expect(rule.only.contains(String(target)), "\(file) imports \(rule.module): \(rule.why)")
            }
        }
    }

    @Test func `no test imports all of Foundation either`() throws {
        for file in try Project.swiftFiles(below: "Tests") {
            #expect(try !Project.imports(of: file).contains("Foundation"), "\(file)")
        }
    }

    @Test func `a pure target performs no I/O`() throws {
        for (target, why) in Self.pure {
            for file in try Project.swiftFiles(below: "Sources/" + target) {
                #expect(try !Project.imports(of: file).contains("Glibc"), "\(file): \(why)")
                let text = try Project.text(file)
                for way in ["FileManager", "ContinuousClock.now", "Date.now", "ProcessInfo", "Swift.print("] {
                    #expect(!text.contains(way), "\(file) uses \(way): \(why)")
                }
            }
        }
    }

    @Test func `this test would see an import in every form`() throws {
        let found = try Project.imports(of: "Tests/ArchitectureTests/Forms.txt")
        #expect(found == ["A", "B", "C", "D", "E"])
    }
}
