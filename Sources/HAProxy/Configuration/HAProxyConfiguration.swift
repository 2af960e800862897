/// A configuration of haproxy: its files in their order, conditions decided, variables in their places.
///
/// What a condition leaves undecided because nobody knows the environment, the build or the release, is in it and marked
/// (``HAProxyStatement/isUndecided``). Any input can be read; what haproxy would refuse is in ``problems``.
package struct HAProxyConfiguration: Sendable {
    /// The files, in the order in which haproxy reads them.
    package let files: [HAProxyFile]
    /// The release to read for; `nil` where nobody has said.
    package let version: HAProxyVersion?
    package internal(set) var sections: [Section] = []
    package internal(set) var problems: [HAProxyProblem] = []
    /// The frontends, backends and listen sections, in their order.
    package internal(set) var proxies: [HAProxyProxy] = []
    /// The environment after the last line of `global` that changes it.
    package internal(set) var environment: HAProxyEnvironment

    package init(
        files: [HAProxyFile], version: HAProxyVersion? = nil,
        environment: HAProxyEnvironment = HAProxyEnvironment()
    ) {
        self.files = files
        self.version = version
        self.environment = environment
        var reader = HAProxyReader(environment: environment, version: version)
        for file in files { reader.read(file) }
        sections = reader.sections
        problems = reader.problems
        self.environment = reader.environment
        proxies = HAProxyProxy.all(in: sections)
    }

    /// One file, as with a single `-f`.
    package init(
        path: String, bytes: [UInt8], version: HAProxyVersion? = nil,
        environment: HAProxyEnvironment = HAProxyEnvironment()
    ) {
        self.init(
            files: [HAProxyFile(path: path, bytes: bytes)], version: version, environment: environment)
    }

    /// The same files, read for a release and with an environment.
    package func read(
        for version: HAProxyVersion?, environment: HAProxyEnvironment = HAProxyEnvironment()
    ) -> HAProxyConfiguration {
        HAProxyConfiguration(files: files, version: version, environment: environment)
    }

    /// The path of the first file.
    package var path: String { files.first?.path ?? "" }

    package func sections(_ keyword: String) -> [Section] { sections.filter { $0.keyword == keyword } }

    /// The lines of all `global` sections.
    package var global: [HAProxyStatement] { sections("global").flatMap(\.statements) }

    /// The last line of `global` with a setting, which is the one in force.
    package func global(_ setting: String) -> HAProxyStatement? { global.last { $0.setting == setting } }

    /// The names of the files of a directory that `-f` names: those that end in `.cfg` and are not hidden, in the order
    /// of their bytes (management.txt, 3: "in lexical order", haproxy.c sorts with the C locale).
    package static func fileNames(in directory: [String]) -> [String] {
        directory.filter { $0.hasSuffix(".cfg") && !$0.hasPrefix(".") }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

extension HAProxyConfiguration {
    /// A section as it counts: its header and the lines in force.
    package struct Section: Hashable, Sendable {
        package let header: HAProxyStatement
        package internal(set) var statements: [HAProxyStatement] = []

        /// `frontend`, `global`…
        package var keyword: String { header.words.first?.value ?? "" }
        /// Empty for a section without a name.
        package var name: String {
            let name = header.words.count > 1 ? header.words[1].value : ""
            // `defaults from base` has no name.
            return keyword == "defaults" && name == "from" && header.words.count == 3 ? "" : name
        }
        /// The header as written: `frontend web`.
        package var title: String { header.text }
        /// Whether it is a frontend, backend or listen section.
        package var isProxy: Bool { ["frontend", "backend", "listen"].contains(keyword) }
        /// The `defaults` section that the header names with `from`.
        package var from: String? { header.line.from }
        package var location: HAProxyFile.Location { header.location }
        /// Whether haproxy has such sections; others are kept as they are.
        package var isKnown: Bool { HAProxyFile.Section.keywords[keyword] != nil }
    }
}

/// What haproxy cannot read: a mistake of the language, for which it does not start.
package struct HAProxyProblem: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case flaw(HAProxyFile.Line.Flaw)
        /// The last line has no line feed, which is an error since 2.3.
        case missingLineEnd
        /// A word before the first section that begins none.
        case outsideSection
        /// `.elif`, `.else` or `.endif` without `.if`, or `.elif` and `.else` after `.else`.
        case lone
        /// `.if` without `.endif`.
        case openCondition
        case condition
        case unknownDirective
        case surplusArgument
        /// More than 64 words, of which the last are cut off.
        case tooManyWords
        /// A `.alert` that is reached.
        case alert
        /// `no` or `default` before a keyword that has neither.
        case modifier
    }

    package var kind: Kind
    /// The word that it is about.
    package var word: String
    package var location: HAProxyFile.Location
    /// Whether it depends on a condition that is not decided.
    package var isUndecided = false
}
