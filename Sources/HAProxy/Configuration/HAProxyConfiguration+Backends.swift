extension HAProxyConfiguration {
    /// A frontend's or listen section's reference to a backend by a fixed name.
    package struct BackendUse: Hashable, Sendable {
        /// `default_backend` or `use_backend`.
        package var keyword: String
        package var name: String
        /// `frontend web`.
        package var section: String
        package var mode: String
        /// The backend's section and mode; `nil` when there is none of that name.
        package var target: (title: String, mode: String)? {
            targetTitle.map { ($0, targetMode) }
        }
        package var location: HAProxyFile.Location

        fileprivate var targetTitle: String?
        fileprivate var targetMode = ""
    }

    /// The backends that frontends choose by name; names that are found out while haproxy runs are left out.
    package var backendUses: [BackendUse] {
        var targets: [String: Int] = [:]
        for (index, proxy) in proxies.enumerated() where proxy.isBackend { targets[proxy.name] = index }
        return proxies.filter(\.isFrontend).flatMap { proxy in
            proxy.statements.compactMap { statement -> BackendUse? in
                guard ["default_backend", "use_backend"].contains(statement.keyword),
                    let word = statement.arguments.first,
                    !word.hasVariables, !word.value.contains("%[")
                else { return nil }
                var use = BackendUse(
                    keyword: statement.keyword, name: word.value, section: proxy.title, mode: proxy.mode,
                    location: statement.location)
                if let target = targets[word.value] {
                    use.targetTitle = proxies[target].title
                    use.targetMode = proxies[target].mode
                }
                return use
            }
        }
    }
}
