import ArgumentParser

/// A span of time on the command line: seconds, or a number with its unit: `30`, `30s`, `5m`, `1h`.
struct TimeSpan: ExpressibleByArgument, Sendable {
    var seconds: Int

    private static let longest = Int(Int32.max)

    init?(argument: String) {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600]
        let unit = argument.last.flatMap { units[$0] }
        guard let number = Int(unit == nil ? argument[...] : argument.dropLast()), number >= 0,
            number <= Self.longest / (unit ?? 1)
        else { return nil }
        seconds = number * (unit ?? 1)
    }
}
