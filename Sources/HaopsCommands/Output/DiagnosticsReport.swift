import Inventory

extension Console {
    /// Prints diagnostics with their lines and carets. Similar warnings are shown once, with their number and the
    /// places of the next few: one mistake in fifty clusters is one warning with fifty places. `-v` shows all of
    /// them.
    ///
    /// Errors are always shown one by one, because each must be corrected.
    func report(_ diagnostics: [Diagnostic], from text: SourceText?) {
        var groups: [[Diagnostic]] = []
        var index: [String: Int] = [:]
        for diagnostic in diagnostics {
            if !isVerbose, diagnostic.severity == .warning, let known = index[diagnostic.pattern] {
                groups[known].append(diagnostic)
            } else {
                index[diagnostic.pattern] = groups.count
                groups.append([diagnostic])
            }
        }
        for group in groups {
            // A few are shown in full.
            let shown = group.count <= Self.fewAlike ? group.count : 1
            for diagnostic in group.prefix(shown) { report(diagnostic, from: text) }
            let others = group.dropFirst(shown)
            guard let first = group.first, !others.isEmpty, !isQuiet else { continue }
            let isSame = others.allSatisfy { $0.message == first.message && $0.remedy == first.remedy }
            let places = others.prefix(Self.fewAlike).map { "\($0.location)" }
            let more = others.count > places.count ? ", …" : ""
            warning(
                "\(others.count) more \(isSame ? "of the same" : "like it, for other names"): "
                    + places.joined(separator: ", ") + more + " (-v shows all)")
        }
    }

    private static let fewAlike = 3
}

extension Diagnostic {
    /// The message without the text in backticks: equal for warnings that differ only in the names they mention.
    fileprivate var pattern: String {
        let text = "\(severity.rawValue) \(message)\n\(remedy ?? "")"
        return text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .map { $0.offset % 2 == 0 ? String($0.element) : "" }.joined(separator: "`")
    }
}
