import ArgumentParser

/// A span of time on the command line: seconds, or a number with its unit: `30`, `500ms`, `1.5s`, `5m`, `1h`.
struct TimeSpan: ExpressibleByArgument, Sendable {
    var duration: Duration

    init?(argument: String) {
        let units: [(String, Double)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("", 1000)]
        guard let unit = units.first(where: { argument.hasSuffix($0.0) }),
            let number = Double(argument.dropLast(unit.0.count)), number >= 0, number * unit.1 <= 1e13
        else { return nil }
        duration = .milliseconds(Int(number * unit.1))
    }
}
