import Checks
import Facts
import HaopsTestSupport
import Keepalived
import Remote
import Survey
import Testing

@testable import HaopsCommands

/// What a person sees of a watched fleet, and what the keys do.
struct WatchViewTests {
    private static func silence(_ host: HostID) -> WatchNews {
        .silent(host, .timedOut(host: host, operation: "hear", after: .milliseconds(1800), changes: false))
    }

    private func view(_ pair: WatchedPairs, _ events: [WatchEvent], _ width: Int = 80, _ height: Int = 24)
        -> WatchView
    {
        var view = WatchView()
        view.resize(width: width, height: height)
        view.add(events)
        return view
    }

    @Test func `a healthy pair is a table of its nodes`() throws {
        var pair = try WatchedPairs()
        let view = view(pair, pair.begin())
        let lines = view.screen(pair.model, at: pair.now).text.split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 24)
        #expect(lines[0].hasPrefix("haops watch: 2 owned (1 cluster, 2 nodes)"))
        #expect(lines[0].hasSuffix("03:29:03 UTC"))
        #expect(
            lines[2...6].joined(separator: "\n") == """
                CLUSTER     ADDRESSES     STATE       OWNER     FOR     SERVERS  CHECKS
                web1        10.2.1.50 +1  owned       web1-lb1  10 min  2/2      ok
                  web1-lb1  2 addresses   MASTER 150            10 min  2/2      ok
                  web1-lb2  none          BACKUP 100            10 min  2/2      ok

                """)
        #expect(lines[7] == "EVENTS")
        #expect(lines[8].hasSuffix("10.2.1.50 and 1 more owned by web1-lb1, for 10 min"))
        #expect(lines[23] == "q quit   enter detail   / filter   r look again   ? keys")
    }

    @Test func `what is wrong comes first, and its cluster too`() throws {
        var pair = try WatchedPairs(9)
        var events = pair.begin()
        events += pair.model.apply(Self.silence("web7-lb2"), at: pair.now)
        events += pair.model.settle(at: pair.now)
        _ = pair.wait(12_000)
        let text = view(pair, events).screen(pair.model, at: pair.now).text
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0].hasPrefix("haops watch: 1 node silent, 2 unknown, 16 owned (9 clusters"))
        #expect(lines[2] == "PROBLEMS (2)")
        #expect(lines[3] == "  web7: web7-lb2 is silent for 12 s: no answer within 1.8 s")
        #expect(lines[4].hasPrefix("  web7: 10.2.7.50 +1 unknown for 12 s: web7-lb1 appears to own it;"))
        #expect(lines[7].hasPrefix("web7"))
        #expect(lines[8].hasPrefix("web1"))
    }

    @Test func `a change that waits for a person is a problem with the time that is left`() throws {
        var pair = try WatchedPairs()
        _ = pair.begin()
        var rollback = PendingWork.ArmedRollback(run: "run1", secondsLeft: 600)
        rollback.held = PendingWork.HeldChange(who: "ops@desk", what: "apply", since: "2026-11-29T05:40:00Z")
        var answers: [HostID: ProbeResult] = [:]
        for (host, role, holds) in [("web1-lb1", .master, true), ("web1-lb2", .backup, false)]
            as [(HostID, LiveState.Role, Bool)]
        {
            var facts = pair.facts(of: host, role, holds: holds)
            facts.set(PendingFact.self, to: PendingWork(rollback: rollback))
            answers[host] = .success(facts)
        }
        _ = pair.look(answers)
        _ = pair.wait(61_000)
        let text = view(pair, []).screen(pair.model, at: pair.now).text
        #expect(
            text.contains(
                "  web1-lb[1-2]: rolls back in 8 min without haops confirm: `apply` by ops@desk\n"), "\(text)"
        )
    }

    @Test(arguments: [(80, 24), (40, 10), (20, 5), (1, 1), (200, 60), (80, 7)])
    func `every window is filled and no line is longer`(width: Int, height: Int) throws {
        var pair = try WatchedPairs(30)
        var events = pair.begin()
        for number in 1...20 {
            events += pair.model.apply(Self.silence(HostID("web\(number)-lb1")), at: pair.now)
        }
        var view = view(pair, events, width, height)
        for key: Key in [.down, .enter, .escape, .character("?"), .character("x"), .character("/"), .enter] {
            let screen = view.screen(pair.model, at: pair.now)
            #expect(screen.width == width && screen.height == height)
            #expect(screen.rows.allSatisfy { $0.count == width })
            _ = view.react(to: key, pair.model, at: pair.now)
        }
    }

    @Test func `a filter is typed, shown and taken away`() throws {
        var pair = try WatchedPairs(12)
        var view = view(pair, pair.begin())
        func react(_ keys: Key...) { for key in keys { _ = view.react(to: key, pair.model, at: pair.now) } }
        func text() -> String { view.screen(pair.model, at: pair.now).text }
        react(.character("/"), .character("W"), .character("e"), .character("b"), .character("1"))
        #expect(text().hasSuffix("/Web1_"))
        react(.character("2"))
        // `q` is a letter there.
        #expect(view.react(to: .character("q"), pair.model, at: pair.now) == .nothing)
        react(.backspace, .enter)
        #expect(text().contains("\nweb12 ") && !text().contains("\nweb11 "))
        #expect(text().contains("only /Web12   q quit"))
        react(.escape)
        #expect(text().contains("\nweb11 "))
    }

    @Test func `enter shows the chosen cluster, and its servers as each node sees them`() throws {
        var pair = try WatchedPairs(12)
        var view = view(pair, pair.begin())
        func react(_ keys: Key...) { for key in keys { _ = view.react(to: key, pair.model, at: pair.now) } }
        react(.down, .character("j"), .enter)
        let text = view.screen(pair.model, at: pair.now).text
        #expect(text.contains("WEB2: looked at 0 s ago"))
        #expect(text.contains("10.2.2.51: owned, web2-lb1 holds it and claims MASTER; answers: not probed"))
        #expect(text.contains("web2-lb2 sees web/web1 UP, web/web2 UP"))
        #expect(text.contains("web2-lb1 checks: check_haproxy succeeds"))
        react(.down)
        #expect(view.detail == "web3")
        #expect(view.react(to: .character("r"), pair.model, at: pair.now) == .look(["web3"]))
        react(.escape)
        #expect(view.detail == nil)
        #expect(view.react(to: .character("q"), pair.model, at: pair.now) == .quit)
    }

    @Test func `the chosen cluster stays in sight`() throws {
        var pair = try WatchedPairs(100)
        var view = view(pair, pair.begin())
        for _ in 0..<60 { _ = view.react(to: .down, pair.model, at: pair.now) }
        let screen = view.screen(pair.model, at: pair.now)
        let row = try #require(screen.rows.firstIndex { $0.allSatisfy(\.isReversed) })
        #expect(screen.text(row: row).hasPrefix("web60 "))
        #expect(screen.text.contains(" of 100"))
    }

    @Test func `what nodes say cannot steer the terminal`() throws {
        var pair = try WatchedPairs()
        var events = pair.begin()
        events += pair.tell("web1-lb1", "lb haproxy[7]: Server \u{1b}[2Jx/y is DOWN, reason: none, x")
        let update = view(pair, events).screen(pair.model, at: pair.now).update(from: nil, isColored: false)
        #expect(update.components("\u{1b}[2J") == 1)
        #expect(update.contains("[2Jx/y is down"))
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(_ text: String) -> Int {
        split(separator: text, omittingEmptySubsequences: false).count - 1
    }
}
