import Addresses
import HAProxy

/// libFuzzer's entry: any bytes as a haproxy.cfg.
///
/// Beyond not crashing and not hanging it states what must hold for every input: pieces cover the file, the tree prints it
/// back, places are in the file, a whole environment leaves no variable open, and two files have what one has.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHAProxy(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let version = versions[Int(bytes.first ?? 0) % versions.count]
    let file = HAProxyFile(path: "h", bytes: bytes)
    precondition(file.printed == bytes)
    var position = 0
    for line in file.lines {
        for piece in line.pieces {
            precondition(piece.range.lowerBound == position && !piece.range.isEmpty)
            position = piece.range.upperBound
        }
        for word in line.words { precondition(word.column >= 1 && !word.source.isEmpty) }
    }
    precondition(position == bytes.count)
    check(HAProxyConfiguration(files: [file], version: version), lines: file.lines.count)
    let known = HAProxyConfiguration(
        files: [file], version: version,
        environment: HAProxyEnvironment(["A": "a b", "B": ""], isWhole: true))
    check(known, lines: file.lines.count)
    _ = file.meaning
    let half = bytes.count / 2
    _ = HAProxyConfiguration(
        files: [
            HAProxyFile(path: "a", bytes: Array(bytes[..<half])),
            HAProxyFile(path: "b", bytes: Array(bytes[half...])),
        ], version: version)
    return 0
}

private let versions: [HAProxyVersion?] = [
    nil, HAProxyVersion(1, 8), HAProxyVersion(2, 3), HAProxyVersion(2, 6), HAProxyVersion(3, 4),
]

private func check(_ configuration: HAProxyConfiguration, lines: Int) {
    for problem in configuration.problems {
        precondition((1...max(1, lines)).contains(problem.location.line) && problem.location.column >= 1)
    }
    let statements = configuration.sections.reduce(0) { $0 + 1 + $1.statements.count }
    precondition(statements <= lines)
    for bind in configuration.binds { precondition(bind.endpoint.port != nil) }
    for proxy in configuration.proxies { precondition(!proxy.mode.isEmpty || proxy.setting("mode") != nil) }
    precondition(configuration.servers.count <= lines)
    _ = configuration.keywordUses
    _ = configuration.undefinedReferences
    _ = configuration.undefinedACLs
    _ = configuration.missingTimeouts
    _ = configuration.shortTimes
    _ = configuration.backendUses
    _ = configuration.neededDirectories
    _ = configuration.peers
}
