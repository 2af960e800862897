import Events

/// The samples of a strip, by the columns of a picture: of each column the longest answer, and whether any is missing.
struct StripColumns {
    struct Column: Hashable {
        /// From 0 to 1, on a scale of powers of ten.
        var height: Double?
        var isLost = false
    }

    private(set) var columns: [Column]

    /// - `column`: in which column a time is.
    init(_ strip: LanePicture.Strip, count: Int, in range: ClosedRange<UTCTime>, column: (UTCTime) -> Int) {
        columns = Array(repeating: Column(), count: count)
        for sample in strip.samples where range.contains(sample.time) {
            let index = min(count - 1, max(0, column(sample.time)))
            guard let took = sample.took else {
                columns[index].isLost = true
                continue
            }
            columns[index].height = max(columns[index].height ?? 0, Self.height(took))
        }
    }

    /// From 20 microseconds, which is nothing, to a second and more, which is full.
    static func height(_ microseconds: Int) -> Double {
        var height = 0.0
        var bound = 20.0
        let value = Double(microseconds)
        while height < 1, value > bound {
            height += min(1, (value - bound) / (bound * 9)) * Self.decade
            bound *= 10
        }
        return min(1, height)
    }

    /// The part of the scale that ten times as long takes. From 20 µs to 1 s there are four of them and the beginning of a fifth.
    private static let decade = 1 / 4.44
}
