import Facts
import Remote

extension HostFacts {
    /// A fact that something is decided by: where it cannot be read the node has not answered, and what it would have
    /// said is unknown.
    ///
    /// - `question`: "which sets it has saved".
    func answer<F: Fact>(to fact: F.Type, _ question: String) -> Result<F.Value, RemoteError> {
        do {
            return .success(try value(of: fact))
        } catch {
            return .failure(.unanswered(host: host, question: question, cause: "\(error)", hint: nil))
        }
    }
}
