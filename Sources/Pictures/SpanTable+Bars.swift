extension SpanTable.Span {
    static let barHeight = 14.0

    /// The bar as elements of SVG: full up to the shortest time, hatched from there to the longest, and an arrow where it
    /// does not end. Lines of the scale are behind it.
    func bar(_ scale: SpanScale, x left: Double, y top: Double, width: Double) -> String {
        let height = Self.barHeight
        func x(_ time: Int) -> Double { left + width * scale.part(time) }
        var out = ""
        for tick in scale.ticks {
            out +=
                "<line class=\"grid\" x1=\"\(x(tick.time).text)\" x2=\"\(x(tick.time).text)\" y1=\"\(top.text)\" y2=\"\((top + height).text)\"/>"
        }
        let (y, thickness) = (top + 2, height - 4)
        func box(_ kind: String, _ start: Double, _ end: Double) -> String {
            "<rect class=\"\(kind)\" x=\"\(start.text)\" y=\"\(y.text)\" width=\"\(max(0, end - start).text)\" height=\"\(thickness.text)\"/>"
        }
        switch self {
        case .none: break
        case .between(_, 0):
            out +=
                "<circle class=\"sure\" cx=\"\((left + 3).text)\" cy=\"\((top + height / 2).text)\" r=\"3\"/>"
        case .between(let shortest, let longest):
            // What is too short to be seen is as wide as a line.
            out += box("sure", left, max(left + 2, x(shortest)))
            if longest > shortest {
                out += box("maybe", max(left + 2, x(shortest)), max(left + 4, x(longest)))
            }
        case .endless:
            let tip = left + width
            out += box("endless", left, tip - 9)
            out +=
                "<path class=\"endless\" d=\"M\((tip - 9).text) \(top.text)L\(tip.text) \((top + height / 2).text)L\((tip - 9).text) \((top + height).text)Z\"/>"
        }
        return out
    }

    /// The rules of CSS for bars, light and dark.
    static let style = (
        light: """
        .sure{fill:#34557f}.maybe{fill:#34557f;fill-opacity:.3;stroke:#34557f;stroke-dasharray:3 2}\
        .endless{fill:#b3372a}
        """,
        dark: """
        .sure{fill:#8db4e8}.maybe{fill:#8db4e8;fill-opacity:.3;stroke:#8db4e8}.endless{fill:#ff8a7a}
        """
    )
}
