extension HAProxyConfiguration {
    /// A word where a keyword or an option stands, with what the releases know of it.
    package struct KeywordUse: Hashable, Sendable {
        package var word: HAProxyFile.Word
        /// As one writes of it: `option forwarded`, `timeout client-hs`, `server … init-state`.
        package var text: String
        /// Where it stands: `frontend`, `global`, `server`, `bind`, `option`, `timeout`.
        package var place: String
        /// `nil` where no release from 1.8 on knows it.
        package var known: HAProxyKeywords.Keyword?
        package var statement: HAProxyStatement

        package var location: HAProxyFile.Location { statement.location(of: word) }
        /// Every word that this place knows.
        package var candidates: Set<String> { HAProxyConfiguration.table(place)?.names ?? [] }
    }

    private static func table(_ place: String) -> HAProxyKeywords? {
        switch place {
        case "global": .global
        case "option": .option
        case "timeout": .timeout
        case "server": .server
        case "bind": .bind
        case "frontend", "backend", "listen", "defaults": .proxy
        case "section": HAProxyFile.Section.keywords
        default: nil
        }
    }

    /// The words that are keywords in `global` and in proxies, the options of `bind` and of servers, and sections.
    package var keywordUses: [KeywordUse] { sections.flatMap(uses) }

    private func uses(_ section: Section) -> [KeywordUse] {
        var found: [KeywordUse] = []
        if let word = section.header.words.first, !word.value.hasPrefix("[") {
            let known = HAProxyFile.Section.keywords[section.keyword]
            found.append(
                KeywordUse(
                    word: word, text: "section \(section.keyword)", place: "section", known: known,
                    statement: section.header))
        }
        guard let table = Self.table(section.keyword) else { return found }
        for statement in section.statements {
            guard let word = statement.words.dropFirst(statement.modifier == nil ? 0 : 1).first else {
                continue
            }
            found.append(
                KeywordUse(
                    word: word, text: word.value, place: section.keyword, known: table[word.value],
                    statement: statement))
            guard section.keyword != "global" else { continue }
            switch word.value {
            case "option", "timeout":
                guard let name = statement.arguments.first, let table = Self.table(word.value),
                    !name.hasVariables
                else { continue }
                found.append(
                    KeywordUse(
                        word: name, text: "\(word.value) \(name.value)", place: word.value,
                        known: table[name.value], statement: statement))
            case "server", "server-template", "default-server", "bind":
                found += options(statement, of: word.value)
            default: break
            }
        }
        return found
    }

    private func options(_ statement: HAProxyStatement, of keyword: String) -> [KeywordUse] {
        let place = keyword == "bind" ? "bind" : "server"
        let counts = ["bind": 1, "server": 2, "server-template": 3]
        guard let table = Self.table(place) else { return [] }
        let options = HAProxyOptions(
            statement, after: counts[keyword] ?? 0, table,
            place == "bind" ? HAProxyKeywords.bindFlags : HAProxyKeywords.serverFlags)
        // Behind a variable anything may follow, and behind an unknown option its value.
        let unknown = options.unknown.first.map { $0.hasVariables ? [] : [$0] } ?? []
        return options.named.values.map {
            KeywordUse(
                word: $0.word, text: "\(keyword) … \($0.name)", place: place, known: table[$0.name],
                statement: statement)
        }.sorted { $0.word.column < $1.word.column }
            + unknown.map {
                KeywordUse(
                    word: $0, text: "\(keyword) … \($0.value)", place: place, known: nil,
                    statement: statement)
            }
    }
}
