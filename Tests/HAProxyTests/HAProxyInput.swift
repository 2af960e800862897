import HAProxy

/// Any bytes as a haproxy.cfg: for the fuzzer (fuzz/FuzzHAProxy.swift) and for tests.
///
/// Beyond not crashing and not hanging it states what must hold for every input: pieces cover the file, the tree prints it
/// back, places are in the file, and two files are read as one is.
enum HAProxyInput {
    static func read(_ bytes: [UInt8]) {
        let version = versions[Int(bytes.first ?? 0) % versions.count]
        let file = HAProxyFile(path: "h", bytes: bytes)
        precondition(file.printed == bytes)
        var position = 0
        for line in file.lines {
            precondition(line.number >= 1)
            for piece in line.pieces {
                precondition(piece.range.lowerBound == position && !piece.range.isEmpty)
                position = piece.range.upperBound
            }
            for word in line.words { precondition(word.column >= 1 && !word.source.isEmpty) }
        }
        precondition(position == bytes.count)
        _ = HAProxyFile.isLikely(bytes)
        precondition(HAProxyFile(path: "other", bytes: bytes).meaning == file.meaning)
        for environment in [
            HAProxyEnvironment(), HAProxyEnvironment(["A": "a b", "B": ""], isWhole: true),
        ] {
            check(
                HAProxyConfiguration(files: [file], version: version, environment: environment),
                lines: file.lines.count)
        }
        let half = bytes.count / 2
        let halves = [
            HAProxyFile(path: "a", bytes: Array(bytes[..<half])),
            HAProxyFile(path: "b", bytes: Array(bytes[half...])),
        ]
        check(
            HAProxyConfiguration(files: halves, version: version),
            lines: halves.reduce(0) { $0 + $1.lines.count })
    }

    private static let versions: [HAProxyVersion?] = [
        nil, HAProxyVersion(1, 8), HAProxyVersion(2, 3), HAProxyVersion(2, 6), HAProxyVersion(3, 4),
    ]

    private static func check(_ configuration: HAProxyConfiguration, lines: Int) {
        for problem in configuration.problems {
            precondition(
                (1...max(1, lines)).contains(problem.location.line) && problem.location.column >= 1)
        }
        let statements = configuration.sections.reduce(0) { $0 + 1 + $1.statements.count }
        precondition(statements <= lines)
        for bind in configuration.binds { precondition(bind.endpoint.port != nil) }
        for proxy in configuration.proxies {
            precondition(!proxy.mode.isEmpty || proxy.setting("mode") != nil)
        }
        precondition(configuration.servers.count <= lines)
        _ = (configuration.keywordUses, configuration.undefinedReferences, configuration.undefinedACLs)
        _ = (configuration.missingTimeouts, configuration.shortTimes, configuration.backendUses)
        _ = (configuration.neededDirectories, configuration.peers, configuration.isListening)
        _ = (configuration.httpSections, configuration.maxconn, configuration.isStrictAboutLimits)
    }
}
