import HAProxy

/// Any bytes as a haproxy.cfg: for the fuzzer (fuzz/FuzzHAProxy.swift) and for tests.
enum HAProxyInput {
    static func read(_ bytes: [UInt8]) {
        let file = HAProxyFile(path: "h", bytes: bytes)
        precondition(file.printed == bytes)
        for line in file.lines {
            precondition(line.number >= 1)
            for piece in line.pieces {
                precondition(!piece.range.isEmpty && piece.range.upperBound <= bytes.count)
            }
        }
        _ = HAProxyFile.isLikely(bytes)
        _ = (
            file.backendUses, file.shortTimes, file.unknownKeywords, file.binds, file.isListening,
            file.servers
        )
        _ = (
            file.httpSections, file.neededDirectories, file.maxconn, file.isStrictAboutLimits,
            file.missingTimeouts
        )
        precondition(HAProxyFile(path: "other", bytes: bytes).meaning == file.meaning)
    }
}
