extension InventoryReader {
    static let secretKeys = InventoryShape.secret.keyNames

    mutating func readSecrets(_ entry: YAMLEntry?) {
        let example = "secrets: { vrrp: { env: HAOPS_VRRP_PASS } }"
        guard let entry, let entries = named(entry, what: "secret", example: example) else { return }
        for secret in entries {
            put(.secret(secret.key), at: secret.keyMark)
            declaredSecrets.append((secret.key, secret.keyMark))
            secrets[secret.key] = .some(readSource(secret))
        }
    }

    private mutating func readSource(_ entry: YAMLEntry) -> SecretSource? {
        let example = "\(entry.key): { env: HAOPS_VRRP_PASS }"
        guard entry.value.entries != nil else {
            // The value is probably the secret itself and must not be shown.
            error(
                entry.keyMark, "`\(entry.key.visible)` must say where the secret is, not the secret",
                remedy: "write `\(example)`, `{ file: PATH }` or `{ command: [pass, show, vrrp] }`")
            return nil
        }
        guard
            let fields = fields(
                entry, of: "secret `\(entry.key.visible)`", keys: Self.secretKeys, example: example)
        else { return nil }
        let given = Self.secretKeys.compactMap { fields[$0] }
        guard given.count == 1, let source = given.first else {
            error(
                entry.keyMark,
                "secret `\(entry.key.visible)` wants one source, `env`, `file` or `command`, not \(given.count)",
                remedy: "write `\(example)`")
            return nil
        }
        switch source.key {
        case "env":
            guard let name = line(source, example: "HAOPS_VRRP_PASS") else { return nil }
            guard !name.isEmpty, !name.contains("=") else {
                wrong(source, wants: "the name of an environment variable", example: example)
                return nil
            }
            return .environment(name)
        case "file":
            return path(source).map(SecretSource.file)
        default:
            return readCommand(source)
        }
    }

    private mutating func readCommand(_ entry: YAMLEntry) -> SecretSource? {
        let example = "command: [pass, show, vrrp]"
        guard case .sequence(let items) = entry.value.content else {
            wrong(
                entry, wants: "a list of the program and its arguments (no shell runs it)", example: example)
            return nil
        }
        let words = items.compactMap(\.scalar)
        guard words.count == items.count, let program = words.first, !program.isEmpty else {
            wrong(entry, wants: "a list of words", example: example)
            return nil
        }
        return .command(words)
    }

    /// Records a secret that a raw line names as `${secret:NAME}`.
    mutating func readTextSecret(_ name: String, at mark: Mark) {
        usedSecrets.insert(name)
        guard let source = secrets[name] else {
            let near = suggestion(for: name, among: secrets.keys)
            error(
                mark, "no secret \(quoted(name)) is among `secrets`",
                remedy: near.map { "did you mean `\($0)`?" }
                    ?? "add `\(name.visible): { env: HAOPS_\(name.visible.uppercased()) }` to `secrets` at the top"
            )
            return
        }
        if let source { textSecrets[name] = .reference(name: name, source: source) }
    }

    /// Reads `{ secret: NAME }`, or the secret itself, with a warning.
    mutating func readSecretValue(_ entry: YAMLEntry) -> SecretValue? {
        let example = "\(entry.key): { secret: vrrp }"
        if entry.value.entries != nil {
            guard
                let fields = fields(entry, of: "`\(entry.key)`", keys: ["secret"], example: example)
            else { return nil }
            guard let reference = fields["secret"], let name = string(reference, example: "vrrp") else {
                if fields["secret"] == nil { wrong(entry, wants: "`{ secret: NAME }`", example: example) }
                return nil
            }
            usedSecrets.insert(name)
            guard let source = secrets[name] else {
                let near = suggestion(for: name, among: secrets.keys)
                error(
                    reference.value.mark, "no secret \(quoted(name)) is among `secrets`",
                    remedy: near.map { "did you mean `\($0)`?" }
                        ?? "add `\(name.visible): { env: HAOPS_VRRP_PASS }` to `secrets` at the top")
                return nil
            }
            return source.map { .reference(name: name, source: $0) }
        }
        guard let text = entry.value.scalar, !entry.value.isNull else {
            wrong(entry, wants: "a secret", example: example)
            return nil
        }
        warning(
            entry.keyMark, "`\(entry.key)` is in the inventory itself, for everybody to read",
            remedy: "write `\(example)` and say under `secrets` where it is")
        return .literal(Secret(text))
    }
}
