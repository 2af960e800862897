import Events
import Facts
import Remote

/// Any bytes as the answer of a machine: for the fuzzer (fuzz/FuzzFacts.swift, fuzz/FuzzProbe.swift) and for tests.
enum FactInput {
    /// Every fact whose parser is given text.
    static let all: [any Fact] = [
        ConfigurationFilesFact(), FilesFact([]), HAProxyFact(), HAProxyHealthFact(), HaopsStateFact(),
        InterfacesFact(),
        JournalFact(), KeepalivedFact(), KernelSettingsFact(), ListenFact(tenths: 10), LoadTimesFact(),
        NamedPathsFact(), NamesFact(), NeighboursFact(), NetworkConfigurationFact(), PackagesFact(["p"]),
        ReachFact([]), ScriptsFact([]), SegmentFact([]), ServicesFact(), SysctlFact([]), SystemFact(),
        VersionFact(), FirewallFact(), ARPSettingsFact(), AnswerFact([], companions: []), HAProxyLoadFact(),
        HAProxyNeedsFact(), NotifyLogFact(), OwnScriptsFact(manifest: "/m"), PendingFact(),
        RunJournalFact(), RoleRecordFact(), ToolsFact(), AdvertSocketsFact(), ReversePathFact(),
        ProcessesFact(), KeptServersFact(), ServerStatesFact(),
        CheckHistoryFact(),
        DiskSpaceFact(), RouterIDsFact([]), CertificatesFact(), ServedCertificatesFact(),
        ServiceRestartFact(),
        LogsFact(since: UTCTime(millisecondsSince1970: 0)), TranscriptsFact(),
    ]

    /// Parses the bytes after the first line as the fact that this line names; without such a name, the first byte chooses.
    static func parse(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        let named = all.first { Array(type(of: $0).name.utf8) == Array(line) }
        let fact = named ?? all[Int(first) % all.count]
        let rest = named == nil ? bytes[1...] : bytes.dropFirst(line.count + 1)
        parse(fact, SectionOutput(bytes: rest, status: Int(first)))
    }

    private static func parse(_ fact: some Fact, _ output: SectionOutput) { _ = try? fact.parse(output) }

    private static let probe = Probe([
        SystemFact(), FilesFact(["/a"]), PendingFact(), SysctlFact(["a"]), NeighboursFact(), RunJournalFact(),
    ])
    static let marker = "@m"

    /// Reads the bytes as the answer to a whole probe. Whatever it says, it is the answer of the one machine that was asked, to
    /// the facts that were asked for.
    static func read(_ bytes: [UInt8]) {
        let host = HostID("lb1")
        let facts = probe.facts(of: host, from: bytes, marker: marker)
        precondition(facts.host == host)
        let asked = Set(probe.facts.map { type(of: $0).name })
        precondition(facts.failures.allSatisfy { asked.contains($0.fact) })
        precondition(facts.without(probe.facts).failures.isEmpty)
        precondition(facts.known(ServicesFact.self) == nil)
    }
}
