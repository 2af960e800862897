/// Where a schedule takes its decisions from: a seed, or the decisions of an earlier schedule.
///
/// 0 is always the harmless decision. So a schedule that fails is made smaller by replacing its decisions with 0, one after the
/// other, for as long as it still fails.
struct Choices {
    private(set) var taken: [Int] = []
    private var state: UInt64
    private let replayed: [Int]?

    init(seed: UInt64) {
        state = seed
        replayed = nil
    }

    init(replaying decisions: [Int]) {
        state = 0
        replayed = decisions
    }

    /// One of `count` decisions, each as likely as the others.
    mutating func pick(_ count: Int) -> Int { decide(count) { $0.next() % count } }

    /// A decision that is 0 except `chance` times in a thousand.
    mutating func rarely(_ chance: Int, of count: Int) -> Int {
        guard chance > 0 else { return 0 }
        return decide(count) { $0.next() % 1000 < chance ? 1 + $0.next() % (count - 1) : 0 }
    }

    private mutating func decide(_ count: Int, _ fresh: (inout Choices) -> Int) -> Int {
        let decision: Int
        if let replayed {
            // A smaller schedule may ask other questions in other places.
            decision = taken.count < replayed.count ? min(replayed[taken.count], count - 1) : 0
        } else {
            decision = fresh(&self)
        }
        taken.append(decision)
        return decision
    }

    /// SplitMix64.
    private mutating func next() -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) >> 33)
    }

    /// The same failure with as few decisions as possible.
    ///
    /// - `fails`: whether a schedule of these decisions fails.
    static func shrink(_ decisions: [Int], _ fails: ([Int]) -> Bool) -> [Int] {
        var best = decisions
        var size = best.count
        while size > 0 {
            var start = 0
            while start < best.count {
                var smaller = best
                for index in start..<min(start + size, best.count) { smaller[index] = 0 }
                if smaller != best, fails(smaller) { best = smaller }
                start += size
            }
            size /= 2
        }
        while best.last == 0 { best.removeLast() }
        return best
    }
}
