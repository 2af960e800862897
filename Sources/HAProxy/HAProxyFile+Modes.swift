extension HAProxyFile {
    /// The sections that listen and speak HTTP, by title: `mode http` of their own, or from the `defaults` that count for
    /// them.
    package var httpSections: Set<String> {
        var named: [String: Bool] = [:]
        var latest = false
        var found: Set<String> = []
        for section in sections {
            let own = section.last("mode").flatMap { $0.arguments.first?.value }.map { $0 == "http" }
            let inherited = section.from.map { named[$0] ?? latest }
            if section.keyword == "defaults" {
                latest = own ?? inherited ?? false
                if !section.name.isEmpty { named[section.name] = latest }
            } else if section.isProxy, own ?? inherited ?? latest {
                found.insert(section.title)
            }
        }
        return found
    }
}
