/// Templates by file name: haops' own, which an operator's files override one by one.
package struct TemplateSet: Sendable {
    static let suffix = ".mustache"

    private var sources: [String: [UInt8]]
    /// The paths of the operator's files, for errors.
    private var origins: [String: String] = [:]

    init(_ sources: [String: [UInt8]]) {
        self.sources = sources
    }

    /// The templates in the binary: the files of `templates/`.
    package static let shipped = TemplateSet([
        "check_haproxy.sh.mustache": PackageResources.check_haproxy_sh_mustache,
        "haops-notify.sh.mustache": PackageResources.haops_notify_sh_mustache,
        "haproxy.cfg.mustache": PackageResources.haproxy_cfg_mustache,
        "keepalived.conf.mustache": PackageResources.keepalived_conf_mustache,
        "keepalived.default.mustache": PackageResources.keepalived_default_mustache,
        "keepalived.service.mustache": PackageResources.keepalived_service_mustache,
        "keepalived.sysconfig.mustache": PackageResources.keepalived_sysconfig_mustache,
        "sysctl.conf.mustache": PackageResources.sysctl_conf_mustache,
        "virtual_address.mustache": PackageResources.virtual_address_mustache,
    ])

    /// The file names, sorted.
    package var names: [String] { sources.keys.sorted() }

    package subscript(name: String) -> [UInt8]? { sources[name] }

    /// The same set, with an operator's files taking precedence.
    ///
    /// - Parameters:
    ///   - files: By file name; a name that ends in `.mustache` and is not shipped is a new partial, or a check
    ///     script (`check_web.sh.mustache` becomes `/etc/keepalived/check_web.sh`, where a script runs it).
    ///   - directory: The prefix of file names in errors.
    /// - Returns: A set in which the operator's files come first.
    package func overridden(by files: [String: [UInt8]], in directory: String) -> TemplateSet {
        var result = self
        for (name, source) in files where name.hasSuffix(Self.suffix) {
            result.sources[name] = source
            result.origins[name] = directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
        }
        return result
    }

    /// The same set, with all templates of a directory taking precedence. The caller passes the functions that
    /// read the directory.
    ///
    /// - Parameters:
    ///   - directory: The directory's name in errors.
    ///   - list: The names in a directory; `nil` when it cannot be read.
    ///   - read: A file, whole; `nil` when it cannot be read.
    /// - Returns: A set in which the directory's files come first.
    /// - Throws: One problem for each file that cannot be read, or one for the directory.
    package func overridden(
        byDirectory directory: String, list: (String) -> [String]?, read: (String) -> [UInt8]?
    ) throws(RenderingError) -> TemplateSet {
        guard let names = list(directory) else { throw RenderingError([.unreadableTemplate(directory)]) }
        var files: [String: [UInt8]] = [:]
        var problems: [RenderingError.Problem] = []
        for name in names.sorted() where name.hasSuffix(Self.suffix) && !name.hasPrefix(".") {
            let path = "\(directory)/\(name)"
            if let source = read(path) {
                files[name] = source
            } else {
                problems.append(.unreadableTemplate(path))
            }
        }
        guard problems.isEmpty else { throw RenderingError(problems) }
        return overridden(by: files, in: directory)
    }

    /// The operator's files that do not override a shipped template.
    var added: [String] { origins.keys.filter { Self.shipped[$0] == nil }.sorted() }

    func displayName(_ name: String) -> String { origins[name] ?? "templates/\(name)" }
}
