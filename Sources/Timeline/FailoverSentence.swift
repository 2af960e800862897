import Events

extension Failover {
    /// The whole story of it in one sentence. It may quote the logs: not yet safe for a terminal.
    ///
    /// - `clocksCompared`: whether moments of two nodes may be compared as exactly as they are written.
    package func sentence(clocksCompared: Bool) -> String {
        let subject = instance + (addresses.isEmpty ? "" : " (\(addresses.joined(separator: ", ")))")
        let parts: [String]
        switch course {
        case .moved, .retaken, .lost: parts = change(clocksCompared)
        case .twoOwners: parts = bothHadIt(clocksCompared)
        case .first:
            parts = [
                "\(to.words) took it at \(clock(takenAt))" + because(takenBecause),
                "who had it before is not in these logs",
            ]
        case .notTakenBack:
            parts = [
                "\(to.words) was well again at \(clock(takenAt)) and did not take it back",
                "\(from.words) kept it: its adverts had the same or a higher priority, or nopreempt or a delay "
                    + "is set; these logs do not say which",
            ]
        }
        return "\(subject): " + (parts + remarks).joined(separator: "; ")
    }

    private func change(_ clocksCompared: Bool) -> [String] {
        var parts: [String] = []
        if let lostAt {
            let reason = causes.isEmpty ? " (its log does not say why)" : because(causes)
            parts.append("\(from.words) lost it at \(clock(lostAt))" + reason)
        } else if let lastSeen {
            parts.append(
                "\(from.words) lost it some time after \(clock(lastSeen))"
                    + (causes.isEmpty ? "" : ": " + Self.chain(causes)))
        } else if causes.isEmpty {
            parts.append("\(from.words) had it before, and no log says how it lost it")
        } else {
            parts.append("\(from.words) had it before; " + Self.chain(causes))
        }
        guard let to else { return parts + ["who took it is not in these logs"] }
        if let takenAt {
            let again = course == .retaken ? "took it again" : "took it"
            // A reason for the loss says enough for an ordinary change.
            let reason = lostAt == nil || silence == .unknown ? because(takenBecause) : ""
            parts.append("\(to.words) \(again) at \(clock(takenAt))" + reason)
        } else if !isHandover {
            parts.append("\(to.words) took it")
        }
        return parts + [silenceWords(clocksCompared)]
    }

    private func bothHadIt(_ clocksCompared: Bool) -> [String] {
        var parts = [
            "\(to.words) took it at \(clock(takenAt))" + because(takenBecause)
                + " while \(from.words) kept it",
            "\(to.words) gave it up at \(clock(lostAt))" + because(causes),
        ]
        parts.append(silenceWords(clocksCompared))
        return parts
    }

    private func silenceWords(_ clocksCompared: Bool) -> String {
        if isHandover { return "handed over without a gap" }
        switch silence {
        case .nobody(let milliseconds, let precision):
            let length = Self.span(milliseconds, precision: precision)
            return "nobody had it for \(length)" + (clocksCompared ? "" : clockRemark)
        case .both(let milliseconds, let precision):
            return "both had it for \(Self.span(milliseconds, precision: precision))"
                + (clocksCompared ? "" : clockRemark)
        case .unknown: return "how long nobody had it is unknown"
        }
    }

    private var clockRemark: String { from == to ? "" : " if their clocks agree" }

    private func because(_ reasons: [String]) -> String {
        reasons.isEmpty ? "" : " because " + Self.chain(reasons)
    }

    /// The causes from the immediate one to the first.
    private static func chain(_ reasons: [String]) -> String {
        reasons.enumerated().map { index, reason in
            index == 0 ? reason : (reason.hasPrefix("during ") ? ", " : ", after ") + reason
        }.joined()
    }

    private func clock(_ moment: Moment?) -> String {
        moment.map { $0.time.clock(precision: $0.precision) } ?? "an unknown time"
    }

    /// `0.61 s`, `3 s ±2 s`.
    package static func span(_ milliseconds: Int, precision: Int) -> String {
        let isExact = precision <= max(20, milliseconds / 20)
        return duration(milliseconds) + (isExact ? "" : " ±\(duration(precision))")
    }

    /// `2 ms`, `0.61 s`, `32 s`, `5 min 13 s`, `2 h 5 min`.
    package static func duration(_ milliseconds: Int) -> String {
        func tenths(_ value: Int) -> String {
            let digits = String(value)
            let padded = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
            let whole = String(padded.dropLast(2)) + "." + padded.suffix(2)
            if whole.hasSuffix(".00") { return String(whole.dropLast(3)) }
            return whole.hasSuffix("0") ? String(whole.dropLast()) : whole
        }
        switch milliseconds {
        case ..<100: return "\(milliseconds) ms"
        case ..<10_000: return tenths((milliseconds + 5) / 10) + " s"
        case ..<120_000: return "\((milliseconds + 500) / 1000) s"
        case ..<7_200_000:
            let seconds = (milliseconds + 500) / 1000
            return "\(seconds / 60) min" + (seconds % 60 == 0 ? "" : " \(seconds % 60) s")
        default:
            let minutes = (milliseconds + 30_000) / 60_000
            return "\(minutes / 60) h" + (minutes % 60 == 0 ? "" : " \(minutes % 60) min")
        }
    }
}

extension Failover.Party {
    package var words: String {
        switch self {
        case .node(let name): name
        case .elsewhere(let address): address.map { "another node, \($0)," } ?? "another node"
        }
    }
}

extension Failover.Party? {
    fileprivate var words: String { self?.words ?? "somebody" }
}

extension UTCTime {
    /// `20:55:37`, or `20:55:37.120` where that is known.
    package func clock(precision: Int) -> String {
        let text = iso8601
        return String(text.dropFirst(11).prefix(precision >= 1000 ? 8 : 12))
    }

    /// `2026-11-30`.
    package var date: String { String(iso8601.prefix(10)) }
}
