import Facts
import Remote

extension HostFacts {
    /// The value of a fact that a decision depends on. If it cannot be read, the node counts as unreachable, and what
    /// it would have answered is unknown.
    ///
    /// - `question`: "which backups it has".
    func answer<F: Fact>(to fact: F.Type, _ question: String) -> Result<F.Value, RemoteError> {
        do {
            return .success(try value(of: fact))
        } catch {
            return .failure(.unanswered(host: host, question: question, cause: "\(error)", hint: nil))
        }
    }
}
