package import Facts
package import Remote

/// What came back from a machine: its facts, or the reason why there are none.
package typealias ProbeResult = Result<HostFacts, RemoteError>

extension ProbeResult {
    /// The same, as far as verdicts on addresses may rest on it: a machine that answers and cannot say what addresses it
    /// has is as silent as one that does not answer, and no witness that it has none.
    package var onAddresses: ProbeResult {
        flatMap { facts in
            do {
                _ = try facts.value(of: InterfacesFact.self)
                return .success(facts)
            } catch {
                return .failure(
                    .unanswered(
                        host: facts.host, question: "what addresses it has", cause: "\(error)",
                        hint: "see what `ip addr` says there, as the user that haops logs in as"))
            }
        }
    }
}
