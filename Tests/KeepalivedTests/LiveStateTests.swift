import Testing

@testable import Keepalived

/// Against dumps of keepalived 2.2.7, taken from two daemons on one segment.
@Suite struct LiveStateTests {
    @Test func `a MASTER by its JSON`() throws {
        let state = try #require(LiveState(json: try fixture("master.json")))
        let instance = try #require(state.instances.first)
        #expect(instance.name == "VI_1")
        #expect(instance.role == .master)
        #expect(instance.interface == "eth0")
        #expect(instance.routerID == 51)
        #expect(instance.basePriority == 150)
        #expect(instance.effectivePriority == 150)
        #expect(instance.addresses == ["203.0.113.50/24", "203.0.113.51/24"])
        #expect(instance.lastTransition.map { $0 > 1_700_000_000 } == true)
        #expect(instance.counters.advertsSent == 3)
        #expect(state.instances.last?.addresses == ["fe80::50", "2001:db8::50/64"])
    }

    @Test(arguments: [("backup", LiveState.Role.backup), ("fault", .fault), ("master", .master)])
    func `JSON and text dump agree`(name: String, expected: LiveState.Role) throws {
        let json = try #require(LiveState(json: try fixture("\(name).json")))
        let dump = try #require(LiveState(dump: try fixture("\(name).data")))
        #expect(json.instances.map(\.name) == dump.instances.map(\.name))
        for (left, right) in zip(json.instances, dump.instances) {
            #expect(left.role == expected)
            #expect(right.role == expected)
            #expect(left.addresses == right.addresses)
            #expect(left.interface == right.interface)
            #expect(left.routerID == right.routerID)
            #expect(left.basePriority == right.basePriority)
            #expect(left.effectivePriority == right.effectivePriority)
            #expect(left.version == right.version)
            #expect(left.advertInterval == right.advertInterval)
            #expect(left.nopreempt == right.nopreempt)
            #expect(left.lastTransition == right.lastTransition)
        }
    }

    @Test func `a BACKUP names its MASTER in the text dump`() throws {
        let instance = try #require(LiveState(dump: try fixture("backup.data"))?.instances.first)
        #expect(instance.masterAddress == "203.0.113.11")
        #expect(instance.masterPriority == 150)
    }

    @Test(arguments: ["master.json", "master.data"])
    func `the password of the dump stays outside`(name: String) throws {
        let bytes = try fixture(name)
        #expect(String(decoding: bytes, as: UTF8.self).contains("topsec"))
        let state = name.hasSuffix("json") ? LiveState(json: bytes) : LiveState(dump: bytes)
        var dumped = ""
        dump(try #require(state), to: &dumped)
        #expect(!dumped.contains("topsec"))
    }

    @Test func `the second version of the JSON is an object`() throws {
        let text = "{\"vrrp\":\(try fixtureText("master.json")),\"track_process\":[]}"
        #expect(LiveState(json: Array(text.utf8))?.instances.count == 2)
    }

    @Test func `a dump that is still being written is no state`() throws {
        let json = try fixture("master.json")
        #expect(LiveState(json: Array(json.prefix(700))) == nil)
        #expect(LiveState(json: []) == nil)
        #expect(LiveState(dump: Array(try fixture("master.data").prefix(300))) == nil)
    }
}
