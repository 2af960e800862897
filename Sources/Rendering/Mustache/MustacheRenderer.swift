import Inventory

/// Fills templates with values, and collects problems so that all are reported at once.
struct MustacheRenderer {
    /// The greatest nesting of partials.
    static let maximumPartialDepth = 16
    /// The most nodes visited for one file, which bounds recursive partials.
    static let maximumSteps = 200_000

    private let templates: TemplateSet
    private var parsed: [String: MustacheTemplate] = [:]
    private var steps = 0
    private var output: [UInt8] = []
    private(set) var problems: [RenderingError.Problem] = []
    private var reported: Set<RenderingError.Problem> = []
    private var usedSecrets: Set<Secret> = []
    /// The templates and partials that were used.
    private(set) var usedTemplates: Set<String> = []

    /// A rendered file, and the secrets in it.
    struct Result {
        var contents: [UInt8]
        var secrets: Set<Secret>
    }

    init(_ templates: TemplateSet) {
        self.templates = templates
    }

    /// Renders one template; problems are added to ``problems``.
    mutating func render(_ name: String, _ context: [String: MustacheValue]) -> Result {
        begin()
        if let template = template(named: name, indentation: [], at: nil) {
            render(template.nodes, [.object(context)], partialDepth: 0)
        }
        return Result(contents: output, secrets: usedSecrets)
    }

    /// The same for a template outside the set, which may use the set's partials.
    ///
    /// - `name`: what errors call it.
    mutating func render(source: [UInt8], name: String, _ context: [String: MustacheValue]) -> Result {
        begin()
        do throws(RenderingError) {
            let template = try MustacheTemplate(source, name: name, indentation: [])
            render(template.nodes, [.object(context)], partialDepth: 0)
        } catch {
            error.problems.forEach { report($0) }
        }
        return Result(contents: output, secrets: usedSecrets)
    }

    private mutating func begin() {
        output = []
        usedSecrets = []
        steps = 0
    }

    private mutating func template(
        named name: String, indentation: [UInt8], at tag: MustacheTemplate.Tag?
    ) -> MustacheTemplate? {
        usedTemplates.insert(name)
        let key = name + "\n" + String(decoding: indentation, as: UTF8.self)
        if let known = parsed[key] { return known }
        guard let source = templates[name] else {
            report(
                .missingTemplate(
                    name, at: tag?.location, suggestion: suggestion(for: name, among: templates.names)))
            return nil
        }
        do throws(RenderingError) {
            let template = try MustacheTemplate(
                source, name: templates.displayName(name), indentation: indentation)
            parsed[key] = template
            return template
        } catch {
            error.problems.forEach { report($0) }
            return nil
        }
    }

    private mutating func render(
        _ nodes: [MustacheTemplate.Node], _ stack: [MustacheValue], partialDepth: Int
    ) {
        for node in nodes {
            steps += 1
            guard steps <= Self.maximumSteps else {
                if steps == Self.maximumSteps + 1 { report(.endlessTemplate(tag(of: node)?.location)) }
                return
            }
            switch node {
            case .text(let bytes):
                output += bytes
            case .variable(let tag):
                if let value = lookUp(tag, stack) { print(value, tag) }
            case .section(let tag, let inverted, let children):
                guard let value = lookUp(tag, stack) else { continue }
                if inverted {
                    if !value.isTruthy { render(children, stack, partialDepth: partialDepth) }
                } else if case .list(let items) = value {
                    for item in items { render(children, stack + [item], partialDepth: partialDepth) }
                } else if value.isTruthy {
                    render(children, stack + [value], partialDepth: partialDepth)
                }
            case .partial(let tag, let indentation):
                guard partialDepth < Self.maximumPartialDepth else {
                    report(.endlessTemplate(tag.location))
                    continue
                }
                let name = tag.path.joined(separator: ".") + TemplateSet.suffix
                if let partial = template(named: name, indentation: indentation, at: tag) {
                    render(partial.nodes, stack, partialDepth: partialDepth + 1)
                }
            }
        }
    }

    private mutating func print(_ value: MustacheValue, _ tag: MustacheTemplate.Tag) {
        let text: String
        switch value {
        case .text(let plain):
            text = plain
        case .secret(let secret):
            usedSecrets.insert(secret)
            text = secret.revealed
        case .flag, .list, .object:
            report(.noText(tag.location, tag: tag.text, kind: value.kind))
            return
        }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            report(.controlCharacter(tag.location, tag: tag.text))
            return
        }
        output += Array(text.utf8)
    }

    /// The value that a tag names. The first part is looked up from the innermost section outwards, the rest
    /// within the found value.
    private mutating func lookUp(_ tag: MustacheTemplate.Tag, _ stack: [MustacheValue]) -> MustacheValue? {
        guard let first = tag.path.first else { return stack.last }
        for frame in stack.reversed() {
            guard case .object(let members) = frame, var value = members[first] else { continue }
            for part in tag.path.dropFirst() {
                guard case .object(let inner) = value, let next = inner[part] else {
                    report(
                        .unknownTag(
                            tag.location, tag: tag.text, suggestion: suggestion(for: part, among: keys(value))
                        ))
                    return nil
                }
                value = next
            }
            return value
        }
        report(
            .unknownTag(
                tag.location, tag: tag.text, suggestion: suggestion(for: first, among: stack.flatMap(keys))))
        return nil
    }

    private func keys(_ value: MustacheValue) -> [String] {
        if case .object(let members) = value { Array(members.keys) } else { [] }
    }

    private func tag(of node: MustacheTemplate.Node) -> MustacheTemplate.Tag? {
        switch node {
        case .text: nil
        case .variable(let tag), .section(let tag, _, _), .partial(let tag, _): tag
        }
    }

    /// Reports a problem once, even for a tag in a loop.
    private mutating func report(_ problem: RenderingError.Problem) {
        if reported.insert(problem).inserted { problems.append(problem) }
    }
}
