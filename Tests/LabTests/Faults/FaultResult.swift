import FoundationEssentials
import Glibc
import HaopsTestSupport

/// What a case came to: one line of the results file.
struct FaultResult: Sendable {
    var name: String
    /// What did not hold; empty where everything did.
    var violations: [String]
    var exit: String
    /// The longest silence of the address, in milliseconds, and the longest that was allowed.
    var silence: Int
    var allowed: Int
    var seconds: Int
    /// From the beginning of the step to the fault, in milliseconds.
    var delay: Int
    /// What a reader should know and what is nobody's fault.
    var remarks: [String] = []

    /// Its line: fields with tabs between them.
    var line: String {
        let words = violations.isEmpty ? remarks : violations
        return [
            name, violations.isEmpty ? "held" : "BROKEN", exit, "\(silence)", "\(allowed)", "\(seconds)",
            "\(delay)",
            words.joined(separator: "; ").split(whereSeparator: \.isWhitespace).joined(separator: " "),
        ].joined(separator: "\t")
    }
}

/// The directory in which the processes of one run of the matrix share what is done: `$HAOPS_FAULT_RESULTS`.
struct FaultResults: Sendable {
    private let directory: String

    /// `nil` where the results are printed only.
    static let shared: FaultResults? = ProcessInfo.processInfo.environment["HAOPS_FAULT_RESULTS"].map {
        FaultResults(directory: $0)
    }

    /// Takes a case, unless another process has taken it, in this run or in one that is resumed.
    func take(_ name: String) -> Bool {
        let path = directory + "/taken/" + name.replacing("/", with: "+")
        return unsafe mkdir(path, 0o755) == 0
    }

    /// Adds a line to `results.tsv`, in one write, so that those of several processes do not mix.
    func add(_ result: FaultResult) {
        let file = unsafe open("\(directory)/results.tsv", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { return }
        let bytes = Array((result.line + "\n").utf8)
        _ = unsafe write(file, bytes, bytes.count)
        close(file)
    }
}
