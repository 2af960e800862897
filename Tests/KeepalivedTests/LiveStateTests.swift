import Testing

@testable import Keepalived

/// Against dumps of real daemons on one segment: `master`, `backup` and `fault` by Debian's 2.2.7, `several` by a 2.2.7
/// that was built without JSON and by a 2.3.4 with it, cut after the VRRP part.
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
        #expect(instance.counters?.advertsSent == 3)
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

    @Test func `a dump that is still being written is no state`() throws {
        let json = try fixture("master.json")
        #expect(LiveState(json: Array(json.prefix(700))) == nil)
        #expect(LiveState(json: []) == nil)
        #expect(LiveState(dump: Array(try fixture("master.data").prefix(300))) == nil)
    }

    /// keepalived 2.3.4 with `json_version 2`: a master whose script fails, a backup in IPv6, a fault, and a MASTER
    /// on an interface of its own.
    @Test func `all three dumps of several instances tell the same`() throws {
        let json = try #require(LiveState(json: try fixture("several-2.3.4.json")))
        var text = try #require(LiveState(dump: try fixture("several-2.3.4.data")))
        text.count(statistics: try fixture("several-2.3.4.stats"))
        #expect(json.instances.map(\.name) == ["VI_PASS", "VI_SIX", "VI_FAULT", "VI_VMAC"])
        #expect(json.instances.map(\.role) == [.master, .backup, .fault, .master])
        #expect(json.instances.map(\.basePriority) == [150, 100, 150, 150])
        #expect(json.instances.map(\.effectivePriority) == [130, 100, 150, 150])
        #expect(json.instances.map(\.interface) == ["eth0", "eth0", "eth0", "vrrp.54"])
        #expect(json.instances.map(\.nopreempt) == [true, false, false, false])
        #expect(json.instances.map(\.advertInterval) == [100, 20, 100, 50])
        #expect(
            json.instances.map(\.addresses) == [
                ["203.0.113.50/24", "203.0.113.51", "203.0.113.52/24", "2001:db8:203::52/64"],
                ["fe80::50/64", "2001:db8:203::50/64"], ["203.0.113.53/24"], ["203.0.113.54/24"],
            ])
        #expect(json.instances[1].counters?.advertsReceived == 35)
        // Whom a backup hears, and how many adverts it may miss, stands in the text alone.
        #expect(text.instances.map(\.masterAddress) == [nil, "fe80::ff:fe00:c", nil, nil])
        #expect(text.instances.map(\.downTimerAdverts) == [3, 3, 3, 3])
        for index in text.instances.indices {
            text.instances[index].masterAddress = nil
            text.instances[index].downTimerAdverts = nil
        }
        #expect(json == text)
    }

    /// Of a 2.2.7 without JSON, which wrote no other.
    @Test func `a text dump counts by its statistics, and says nothing without`() throws {
        var state = try #require(LiveState(dump: try fixture("several-2.2.7.data")))
        #expect(state.instances.map(\.role) == [.backup, .master, .master, .backup])
        #expect(state.instances.allSatisfy { $0.counters == nil })
        state.count(statistics: try fixture("several-2.2.7.stats"))
        #expect(state.instances.map { $0.counters?.becameMaster } == [0, 1, 1, 0])
        #expect(state.instances[1].counters.map { $0.advertsSent > 0 } == true)
        #expect(state.instances[0].counters?.refused == [:])
        var stranger = try #require(LiveState(dump: try fixture("master.data")))
        stranger.count(statistics: try fixture("several-2.2.7.stats"))
        #expect(stranger.instances.allSatisfy { $0.counters == nil })
    }

    @Test func `refusals have the same names in the statistics as in the JSON`() throws {
        let text = try fixtureText("several-2.2.7.stats").replacing(": 0\n", with: ": 3\n")
            // As from 2.4.3 on.
            .replacing(
                "  Priority Zero:",
                with:
                    "  Authentication Extension Errors:\n    Unknown Key: 1\n    Invalid HMAC: 2\n  Priority Zero:"
            )
        var state = try #require(LiveState(dump: try fixture("several-2.2.7.data")))
        state.count(statistics: text.utf8)
        #expect(
            state.instances[0].counters?.refused == [
                "packet_len_err": 3, "ip_ttl_err": 3, "invalid_type_rcvd": 3, "advert_interval_err": 3,
                "addr_list_err": 3, "invalid_authtype": 3, "authtype_mismatch": 3, "auth_failure": 3,
                "auth_ext_unknown_key": 1, "auth_ext_invalid_hmac": 2,
            ])
    }

    /// 1.2.20 to 2.0.20, 2.1.0 to 2.2.4, and since then.
    @Test(arguments: ["   Virtual IP = 2", "   Virtual IP :", "   Virtual IP (2):"])
    func `every version's heading of the addresses is known`(heading: String) throws {
        let text = try fixtureText("several-2.3.4.data").replacing("   Virtual IP (2):", with: heading)
        let state = try #require(LiveState(dump: text.utf8))
        #expect(state.instances[1].addresses == ["fe80::50/64", "2001:db8:203::50/64"])
    }

    @Test func `keepalived 1 has another word for the interface`() throws {
        let text = try fixtureText("master.data").replacing("   Interface =", with: "   Listening device =")
        #expect(LiveState(dump: text.utf8)?.instances.first?.interface == "eth0")
    }

    /// 2.0.11 to 2.0.16 put a backslash before the quotes around each script; JSON knows no such escape.
    @Test func `an apostrophe that is escaped for nothing is read`() throws {
        let text = try fixtureText("several-2.3.4.json").replacing("'", with: "\\'")
        try #require(text.contains("\\'"))
        #expect(LiveState(json: text.utf8) == LiveState(json: try fixture("several-2.3.4.json")))
    }

    /// A script's arguments may be in any encoding.
    @Test func `bytes that are no UTF-8 do not hide the state`() throws {
        let bytes = try fixtureText("several-2.3.4.json").utf8.flatMap {
            $0 == UInt8(ascii: "'") ? [0xE9] : [$0]
        }
        #expect(LiveState(json: bytes) == LiveState(json: try fixture("several-2.3.4.json")))
    }

    /// What 2.2.7 printed of `preempt_delay 7.5` and `down_timer_adverts 4`.
    @Test func `the timers that decide about a takeover are read`() throws {
        let text = """
            ------< VRRP Topology >------
             VRRP Instance = VI_1
               Down timer adverts = 4
               Advert interval = 200 milli-sec
               Preempt = enabled
               Preempt delay = 7.5 secs

            """
        let instance = try #require(LiveState(dump: text.utf8)?.instances.first)
        #expect(instance.preemptDelay == .milliseconds(7500) && instance.downTimerAdverts == 4)
        #expect(instance.advertInterval == 20)
        let json = #"[{"data":{"iname":"VI_1","state":1,"adver_int":0.2,"preempt_delay":7}}]"#
        #expect(LiveState(json: json.utf8)?.instances.first?.preemptDelay == .seconds(7))
        let silly = #"[{"data":{"iname":"VI_1","state":1,"preempt_delay":1e300}}]"#
        #expect(LiveState(json: silly.utf8)?.instances.first?.preemptDelay == nil)
    }
}
