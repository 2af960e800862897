import Addresses
import Keepalived

/// libFuzzer's entry: any bytes as a keepalived.conf, as a log and as a dump.
///
/// Beyond not crashing and not hanging it states what must hold for every input: tokens cover the file,
/// the tree prints it back, nodes nest, and a configuration does not differ from itself.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzKeepalived(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    // One aspect per execution, told by the length, keeps executions quick and the fuzzer's feedback clear.
    switch bytes.count % 4 {
    case 0: checkTree(bytes)
    case 1: checkLog(bytes)
    default: checkReading(bytes)
    }
    return 0
}

private let versions = ["1.2.13", "1.3.5", "2.0.10", "2.2.7", "2.4.0"].compactMap { KeepalivedVersion($0) }

private func checkTree(_ bytes: [UInt8]) {
    let tree = SyntaxTree(file: "k", source: bytes)
    precondition(tree.printed() == bytes)
    var position = 0
    for token in tree.tokens {
        precondition(token.range.lowerBound == position && !token.range.isEmpty)
        precondition(token.line >= 1 && token.column >= 1)
        position = token.range.upperBound
    }
    precondition(position == bytes.count)
    for (index, node) in tree.nodes.enumerated() {
        precondition(node.end > index && node.end <= tree.nodes.count)
        if let parent = node.parent { precondition(parent < index && tree.nodes[parent].end >= node.end) }
    }
}

private func checkReading(_ bytes: [UInt8]) {
    let version = versions[Int(bytes.first ?? 0) % versions.count]
    let half = bytes.count / 2
    let files = FileSet([
        "/k/k.conf": ConfigurationFile(bytes), "/k/a.conf": ConfigurationFile(Array(bytes[..<half])),
        "/k/b.conf": ConfigurationFile(Array(bytes[half...])),
    ])
    let reader = ConfigurationReader(files: files, configID: "a", version: version)
    let configuration = reader.read(path: "/k/k.conf")
    precondition(difference(from: configuration, to: configuration).isEmpty)
    precondition(effect(of: configuration, to: configuration, version: version).level == .none)
    for instance in configuration.instances {
        precondition((1...255).contains(instance.priority.value))
        precondition(instance.advertInterval.value > .zero)
        let outcome = PriorityArithmetic(of: instance, in: configuration)
            .outcome(failing: Set(instance.trackScripts.map(\.name)))
        if case .priority(let priority) = outcome { precondition((1...255).contains(priority)) }
        precondition(MasterDownTime(of: instance).value > .zero)
    }
}

private func checkLog(_ bytes: [UInt8]) {
    for line in bytes.split(separator: 10) {
        _ = JournalEvent(message: String(decoding: line, as: UTF8.self))
    }
    _ = LiveState(dump: bytes)
    _ = ConfigTestResult(
        output: String(decoding: bytes, as: UTF8.self), status: bytes.count % 256,
        version: versions[Int(bytes.first ?? 0) % versions.count])
}
