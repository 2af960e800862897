import Facts

/// Each instance's state as the daemon last said it, from the files that haops' notify script writes.
struct RolesFact: Fact {
    static let name = "roles"
    let script = """
        for f in /run/haops-state.*; do [ -f "$f" ] && echo "${f#/run/haops-state.}=$(cat "$f")"; done
        """

    func parse(_ output: SectionOutput) throws(FactError) -> [String: (role: NodeView.Role, priority: Int?)] {
        output.keyedValues.compactMapValues { value in
            let words = value.split(separator: " ")
            let roles: [Substring: NodeView.Role] = ["MASTER": .master, "BACKUP": .backup, "FAULT": .fault]
            guard let first = words.first, let role = roles[first] else { return nil }
            return (role, words.count > 1 ? Int(words[1]) : nil)
        }
    }
}
