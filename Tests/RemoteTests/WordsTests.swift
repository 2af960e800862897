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

    @Test(arguments: [
        (Duration.milliseconds(250), "250 ms"), (.seconds(3), "3 s"), (.milliseconds(3649), "3.6 s"),
    ])
    func `durations are short`(duration: Duration, text: String) {
        #expect(duration.brief == text)
    }
}
