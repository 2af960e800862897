extension Substring {
    /// The first occurrence of `text`.
    func firstRange(of text: String) -> Range<Index>? {
        let needle = Array(text.utf8)
        guard let first = needle.first else { return startIndex..<startIndex }
        var start = utf8.startIndex
        while let found = utf8[start...].firstIndex(of: first) {
            if utf8[found...].starts(with: needle) {
                return found..<utf8.index(found, offsetBy: needle.count)
            }
            start = utf8.index(after: found)
        }
        return nil
    }
}
