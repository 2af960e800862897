package import Remote

/// One fact about a machine: a shell snippet that prints it, and a pure parser of the output.
///
/// A new fact is one new file with one conforming type; a ``Probe`` asks for any number of them in one round trip.
package protocol Fact: Sendable {
    associatedtype Value: Sendable

    /// Unique among the facts of a probe; letters, digits and hyphens.
    static var name: String { get }

    /// POSIX shell that prints the fact and changes nothing. A failing command does not make the probe fail.
    var script: String { get }

    /// Whether ``script`` may contain a secret. It is then sent on standard input, because arguments appear in the
    /// list of processes and in sudo's log.
    var isConfidential: Bool { get }

    /// Whether ``script`` mostly waits for other programs; it then runs in parallel with the rest of its probe.
    var waits: Bool { get }

    /// Seconds that ``script`` takes by its nature, at most: how long it listens, or waits for answers. A machine that takes
    /// much longer than that hangs, and the fact is unknown.
    var duration: Int { get }

    /// Parses the output of ``script``. The text comes from a machine that is not trusted.
    ///
    /// - Throws: ``FactError`` when the text is malformed; never traps.
    func parse(_ output: SectionOutput) throws(FactError) -> Value
}

extension Fact {
    package var isConfidential: Bool { false }
    package var waits: Bool { false }
    package var duration: Int { 0 }
}

/// The output of one fact's snippet.
package struct SectionOutput: Sendable {
    package var bytes: ArraySlice<UInt8>
    /// The exit status of the snippet's last command.
    package var status: Int
    /// Where the machine gave the snippet up, after how many seconds: then ``bytes`` is a part of the answer at best.
    package var lateness: Int?

    package init(bytes: ArraySlice<UInt8>, status: Int, lateness: Int? = nil) {
        self.bytes = bytes
        self.status = status
        self.lateness = lateness
    }

    package init(_ text: String, status: Int = 0) {
        self.init(bytes: Array(text.utf8)[...], status: status)
    }

    /// The output as text; bytes that are not UTF-8 become U+FFFD.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The lines, without their ends and without empty ones.
    ///
    /// Only the shell's line ends count: other Unicode line ends may be part of a name.
    package var lines: [Substring] {
        text.utf8.split(separator: UInt8(ascii: "\n")).map {
            Substring($0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0)
        }
        .filter { !$0.isEmpty }
    }
}

/// Why a fact is not known.
package enum FactError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The probe did not ask for it.
    case notAsked(fact: String)
    /// The probe ended before it reached the fact.
    case missing(fact: String)
    case unreadable(fact: String, cause: String)

    /// The ``Fact/name`` of the fact.
    package var fact: String {
        switch self {
        case .notAsked(let fact), .missing(let fact), .unreadable(let fact, _): fact
        }
    }

    package var description: String {
        switch self {
        case .notAsked: "\(fact) was not asked for"
        case .missing: "\(fact) is missing from the answer"
        case .unreadable(_, let cause): "\(fact) cannot be read: \(cause)"
        }
    }
}

/// The known facts of one machine after one round trip.
package struct HostFacts: Sendable {
    package let host: HostID
    private var values: [String: Result<any Sendable, FactError>]

    package init(host: HostID) {
        self.host = host
        self.values = [:]
    }

    /// - Throws: ``FactError`` when the fact was not asked for or its text was malformed.
    package func value<F: Fact>(of fact: F.Type) throws(FactError) -> F.Value {
        guard let result = values[F.name] else { throw .notAsked(fact: F.name) }
        guard let value = try result.get() as? F.Value else { throw .notAsked(fact: F.name) }
        return value
    }

    /// The fact, or `nil` when it is not known for any reason.
    package func known<F: Fact>(_ fact: F.Type) -> F.Value? { try? value(of: fact) }

    package mutating func set<F: Fact>(_ fact: F.Type, to value: F.Value) {
        values[F.name] = .success(value)
    }

    mutating func record<F: Fact>(_ fact: F, _ output: SectionOutput?) {
        guard let output else {
            values[F.name] = .failure(.missing(fact: F.name))
            return
        }
        if let seconds = output.lateness {
            values[F.name] = .failure(
                .unreadable(fact: F.name, cause: "the machine had no answer to it within \(seconds) s"))
            return
        }
        do {
            values[F.name] = .success(try fact.parse(output))
        } catch {
            values[F.name] = .failure(error)
        }
    }

    /// These answers, and those of a later question to facts that these do not know.
    package func completed(by later: HostFacts) -> HostFacts {
        var all = self
        for (name, value) in later.values {
            if case .success? = values[name] { continue }
            all.values[name] = value
        }
        return all
    }

    /// The answers to these facts alone.
    package func keeping(_ facts: [any Fact]) -> HostFacts {
        let names = Set(facts.map { type(of: $0).name })
        var kept = self
        kept.values = values.filter { names.contains($0.key) }
        return kept
    }

    /// The answers to all but these facts.
    package func without(_ facts: [any Fact]) -> HostFacts {
        let names = Set(facts.map { type(of: $0).name })
        var rest = self
        rest.values = values.filter { !names.contains($0.key) }
        return rest
    }

    /// The facts that were asked for and could not be read, with their reasons.
    package var failures: [FactError] {
        values.sorted { $0.key < $1.key }.compactMap { entry in
            if case .failure(let error) = entry.value { error } else { nil }
        }
    }
}
