import Addresses
import Remote
import Testing

@testable import Inventory

@Suite struct SelectionTests {
    let fleet: Fleet

    init() throws {
        let text = """
            haops: 1
            clusters:
              web:
                nodes: { "lb[01-04]": {} }
                observers: { client: {} }
              mail:
                nodes: { mx1: {}, mx2: {} }
            """
        fleet = try readFleet(yaml: Array(text.utf8), file: "haops.yaml", directory: "")
    }

    @Test(arguments: [
        ([], [], "lb[01-04],mx[1-2]"), (["web"], [], "lb[01-04]"), (["web,mail"], [], "lb[01-04],mx[1-2]"),
        ([], ["lb01"], "lb01"), ([], ["lb[01-02],mx1"], "lb[01-02],mx1"), ([], ["lb*"], "lb[01-04]"),
        ([], ["?x2"], "mx2"), ([], ["!lb02"], "lb[01,03-04],mx[1-2]"), ([], ["lb*", "!lb0[1-3]"], "lb04"),
        ([], ["@mail"], "mx[1-2]"), ([], ["!@mail,!*3"], "lb[01-02,04]"), (["web"], ["!lb01"], "lb[02-04]"),
        ([], ["mx2, lb01"], "lb01,mx2"), ([], ["!lb01,lb*"], "lb[01-04]"),
    ])
    func `terms add and take away in order`(clusters: [String], limits: [String], expected: String) throws {
        let nodes = try Selection(clusters: clusters, limits: limits).nodes(of: fleet)
        #expect(NodeRange.folded(nodes.map(\.id)) == expected)
    }

    @Test func `nodes come in the order of the inventory, whatever the order of the terms`() throws {
        let nodes = try Selection(limits: ["mx1,lb03,lb01"]).nodes(of: fleet)
        #expect(nodes.map(\.id.name) == ["lb01", "lb03", "mx1"])
    }

    @Test(
        arguments: [
            (
                [], ["lb11"],
                "no node `lb11` is in the inventory, or not in the clusters chosen", "did you mean `lb01`?"
            ),
            (
                [], ["db7x"], "no node `db7x` is in the inventory, or not in the clusters chosen",
                "the nodes are lb[01-04],mx[1-2]"
            ),
            (["wbe"], [], "no cluster `wbe` is in the inventory", "did you mean `web`?"),
            ([], ["@x"], "no cluster `x` is in the inventory", "the clusters are web, mail"),
            (
                ["mail"], ["lb*"], "no node matches `lb*`",
                "quote globs, so that the shell does not replace them"
            ),
            (
                [], ["client"], "`client` is an observer, not a node",
                "observers are asked along with the nodes of their cluster"
            ),
            ([], ["lb01,!lb01"], "the selection leaves no node", nil),
            (
                [], ["lb[1-"], "the selection cannot be read: `lb[1-` has a bracket without its partner",
                "ranges look like `lb[01-20]` or `lb[1,3,5-7]`"
            ),
            ([], [""], "the selection cannot be read: a name is empty", nil),
            (
                [], ["lb\u{1B}[2J"],
                "the selection cannot be read: `lb\\u{1b}[2J` has a bracket without its partner",
                "ranges look like `lb[01-20]` or `lb[1,3,5-7]`"
            ),
        ] as [([String], [String], String, String?)])
    func `a selection that means nothing is refused with a hint`(
        clusters: [String], limits: [String], message: String, hint: String?
    ) throws {
        let error = try #require(throws: SelectionError.self) {
            try Selection(clusters: clusters, limits: limits).nodes(of: fleet)
        }
        #expect(error.description == message)
        #expect(error.hint == hint)
    }

    @Test func `a glob of many stars is matched in time`() {
        #expect(
            !matches(String(repeating: "a", count: 2000), glob: String(repeating: "a*", count: 200) + "b"))
        #expect(matches("lb01.example.net", glob: "lb*.net"))
        #expect(!matches("lb01", glob: "lb0?1"))
    }

    @Test func `machines of the command line make a fleet that knows how to reach them and nothing else`()
        throws
    {
        let fleet = try Fleet.adHoc(
            nodes: [
                "root@198.51.100.11,198.51.100.12:2222", "[2001:db8::1]:22,2001:db8::2", "ops@lb[01-02]",
                "[2001:db8::3]",
            ])
        #expect(fleet.clusters.map(\.name) == [Fleet.adHocCluster])
        let nodes = fleet.clusters[0].nodes
        #expect(
            nodes.map { "\($0.target.user ?? "-") \($0.target.host) \($0.target.port ?? 0) \($0.id)" } == [
                "root 198.51.100.11 0 198.51.100.11", "- 198.51.100.12 2222 198.51.100.12",
                "- 2001:db8::1 22 2001:db8::1", "- 2001:db8::2 0 2001:db8::2", "ops lb01 0 lb01",
                "ops lb02 0 lb02", "- 2001:db8::3 0 2001:db8::3",
            ])
        #expect(nodes[2].vrrpAddress == IPAddress("2001:db8::1"))
        #expect(fleet.clusters[0].keepalived == nil)
    }

    @Test func `one host on several ports is told apart by its ports`() throws {
        let fleet = try Fleet.adHoc(nodes: ["127.0.0.1:2201,127.0.0.1:2202"])
        #expect(fleet.clusters[0].nodes.map(\.id.name) == ["127.0.0.1:2201", "127.0.0.1:2202"])
        #expect(fleet.clusters[0].nodes.map(\.target.id.name) == ["127.0.0.1:2201", "127.0.0.1:2202"])
    }

    @Test(arguments: [
        ("", AdHocError.unreadable("")), ("-oProxyCommand=x", .unreadable("-oProxyCommand=x")),
        ("root@", .unreadable("root@")), ("lb1:0", .unreadable("lb1:0")), ("lb1:x", .unreadable("lb1:x")),
        ("-x@lb1", .unreadable("-x@lb1")), ("lb1,lb1", .twice("lb1")), ("a;b", .unreadable("a;b")),
        ("a..b", .unreadable("a..b")),
        ("\(String(repeating: "x", count: 64)).net", .unreadable("\(String(repeating: "x", count: 64)).net")),
        ("lb[2-1]", .range(.backwards("lb[2-1]", "2-1"))), ("root@lb1,ops@lb1", .twice("lb1")),
    ])
    func `what is no machine is refused`(text: String, expected: AdHocError) {
        #expect(throws: expected) { try Fleet.adHoc(nodes: [text]) }
    }
}
