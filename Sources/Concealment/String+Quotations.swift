extension String {
    /// A sentence with what stands between backticks put in one way and the rest in another. A backtick without a
    /// partner quotes nothing.
    package func mappingQuotations(
        _ quotation: (String) -> String, rest: (String) -> String = { $0 }
    ) -> String {
        let pieces = split(separator: "`", omittingEmptySubsequences: false).map(String.init)
        return pieces.enumerated().map { index, piece in
            index % 2 == 1 && index + 1 < pieces.count ? quotation(piece) : rest(piece)
        }.joined(separator: "`")
    }
}
