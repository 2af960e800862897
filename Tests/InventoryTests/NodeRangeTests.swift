import Remote
import Testing

@testable import Inventory

@Suite struct NodeRangeTests {
    @Test(arguments: [
        ("lb1", ["lb1"]), ("lb[1-3]", ["lb1", "lb2", "lb3"]),
        ("lb[08-11]", ["lb08", "lb09", "lb10", "lb11"]),
        ("lb[1,3,5-7].example.net", ["1", "3", "5", "6", "7"].map { "lb\($0).example.net" }),
        ("r[1-2]-lb[01-02]", ["r1-lb01", "r1-lb02", "r2-lb01", "r2-lb02"]), ("[1-2]", ["1", "2"]),
        ("lb[7]", ["lb7"]), ("lb[0-1]", ["lb0", "lb1"]),
        ("198.51.100.[11-12]", ["198.51.100.11", "198.51.100.12"]),
        ("[2001:db8::1]:22", ["[2001:db8::1]:22"]),
        ("[2001:db8::[1-2]]:22", ["[2001:db8::1]:22", "[2001:db8::2]:22"]),
        ("2001:db8::[09-10]", ["2001:db8::09", "2001:db8::10"]),
    ])
    func `a range stands for its names in order`(text: String, names: [String]) throws {
        let range = try NodeRange(text)
        #expect(range.names == names)
        #expect(range.count == names.count)
        #expect(range.description == text)
    }

    @Test(arguments: [
        ("", NodeRangeError.empty), ("lb[1-2", .unbalanced("lb[1-2")), ("lb1]", .unbalanced("lb1]")),
        ("lb[[1-2]]", .unbalanced("lb[[1-2]]")), ("[2001:db8::1", .unbalanced("[2001:db8::1")),
        ("lb[]", .notNumbers("lb[]", "")), ("lb[a-c]", .notNumbers("lb[a-c]", "a-c")),
        ("lb[1-2-3]", .notNumbers("lb[1-2-3]", "1-2-3")), ("lb[1,]", .notNumbers("lb[1,]", "")),
        ("lb[-1]", .notNumbers("lb[-1]", "-1")), ("lb[+1-2]", .notNumbers("lb[+1-2]", "+1-2")),
        ("lb[1-01]", .unevenZeros("lb[1-01]", "1-01")), ("lb[01-100]", .unevenZeros("lb[01-100]", "01-100")),
        ("lb[3-1]", .backwards("lb[3-1]", "3-1")), ("lb[1-100001]", .tooMany("lb[1-100001]")),
        ("a[1-999]b[1-999]c[1-999]", .tooMany("a[1-999]b[1-999]c[1-999]")),
        ("lb[1-9999999999]", .notNumbers("lb[1-9999999999]", "1-9999999999")),
    ])
    func `what is no range is refused with its reason`(text: String, expected: NodeRangeError) {
        #expect(throws: expected) { try NodeRange(text) }
    }

    @Test(arguments: [
        (["lb02", "lb01", "web1", "lb03"], "lb[01-03],web1"), (["lb1"], "lb1"), ([], ""),
        (["lb1", "lb2", "lb10"], "lb[1-2,10]"), (["lb9", "lb10", "lb11"], "lb[9-11]"),
        (["lb09", "lb10", "lb11"], "lb[09-11]"), (["lb01", "lb1"], "lb01,lb1"),
        (["lb1.example.net", "lb2.example.net"], "lb[1-2].example.net"),
        (["r1-lb1", "r1-lb2", "r2-lb1", "r2-lb2"], "r1-lb[1-2],r2-lb[1-2]"),
        (["198.51.100.11", "198.51.100.12"], "198.51.100.[11-12]"),
        (["2001:db8::1", "2001:db8::2"], "2001:db8::1,2001:db8::2"), (["a", "b", "a"], "a,b"),
        (["lb99", "lb100", "lb098"], "lb[098,100],lb99"), (["x12345678901"], "x12345678901"),
    ])
    func `names fold into as few words as possible`(names: [String], folded: String) {
        #expect(NodeRange.folded(names) == folded)
        #expect(NodeRange.folded(names.reversed()) == folded)
    }

    @Test func `folding loses and invents no name, whatever the names`() throws {
        var random = Random(seed: 7)
        for _ in 0..<300 {
            let names = Set(
                (0..<Int.random(in: 1...30, using: &random)).map { _ in
                    let width = Int.random(in: 1...3, using: &random)
                    let number = String(Int.random(in: 0...130, using: &random))
                    let padded = String(repeating: "0", count: max(0, width - number.count)) + number
                    let prefix = ["lb", "web", "r1-lb", "0x", ""].randomElement(using: &random) ?? ""
                    return prefix + padded + (["", ".net", "-2"].randomElement(using: &random) ?? "")
                })
            var expanded: [String] = []
            for word in splitAtCommas(NodeRange.folded(names)) { expanded += try NodeRange(word).names }
            #expect(expanded.count == names.count)
            #expect(Set(expanded) == names)
        }
    }
}

/// Numbers that are the same in every run.
struct Random: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        // SplitMix64.
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
