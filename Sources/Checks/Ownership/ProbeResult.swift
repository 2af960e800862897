package import Facts
package import Remote

/// A machine's answer: its facts, or the reason why there are none.
package typealias ProbeResult = Result<HostFacts, RemoteError>

extension ProbeResult {
    /// The answer as a basis for verdicts on addresses. A machine that answers without its addresses counts as one
    /// that does not answer; it does not prove that it has none.
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
