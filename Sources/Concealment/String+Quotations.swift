extension String {
    /// Maps the parts of a sentence between backticks by one function and the other parts by another. An unpaired
    /// backtick quotes nothing.
    package func mappingQuotations(
        _ quotation: (String) -> String, rest: (String) -> String = { $0 }
    ) -> String {
        let pieces = split(separator: "`", omittingEmptySubsequences: false).map(String.init)
        return pieces.enumerated().map { index, piece in
            index % 2 == 1 && index + 1 < pieces.count ? quotation(piece) : rest(piece)
        }.joined(separator: "`")
    }
}
