import Remote
import Testing

@Suite struct WordsTests {
    @Test func `machines are ordered as people count`() {
        let names = ["lb10", "lb2", "web1", "lb1", "lb01", "db"].map { HostID($0) }
        #expect(names.sorted().map(\.name) == ["db", "lb01", "lb1", "lb2", "lb10", "web1"])
    }

    @Test func `a quoted word is one word to a shell`() {
        #expect("it's $(rm -rf /)".shellQuoted == #"'it'\''s $(rm -rf /)'"#)
        #expect("".shellQuoted == "''")
    }

    @Test func `only a change that was sent leaves its outcome unknown`() {
        let host = HostID("lb1")
        #expect(
            RemoteError.timedOut(host: host, operation: "reload", after: .seconds(1), changes: true)
                .leavesOutcomeUnknown)
        #expect(
            !RemoteError.timedOut(host: host, operation: "ask", after: .seconds(1), changes: false)
                .leavesOutcomeUnknown)
        #expect(!RemoteError.unreachable(host: host, cause: "refused", hint: nil).leavesOutcomeUnknown)
    }

    @Test func `an error names node, operation and cause, and hints apart`() {
        let error = RemoteError.connectionLost(
            host: "lb2", operation: "reload keepalived", cause: "reset", changes: true)
        #expect(
            error.description == "`lb2`: cannot reload keepalived: connection lost (reset), outcome unknown")
        #expect(error.hint == "look before you repeat it: haops status")
    }

    @Test(arguments: [
        (Duration.milliseconds(250), "250 ms"), (.seconds(3), "3 s"), (.milliseconds(3649), "3.6 s"),
    ])
    func `durations are short`(duration: Duration, text: String) {
        #expect(duration.brief == text)
    }
}
