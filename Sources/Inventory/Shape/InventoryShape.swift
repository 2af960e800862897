/// What a value of the inventory may be: the keys, types and ranges by which ``readFleet(yaml:file:directory:)`` reads it,
/// and from which the inventory's JSON Schema and haops-inventory(5) are made.
///
/// Whatever else must hold, between parts of an inventory, is known to the reader and to `Rules/` alone.
package indirect enum InventoryShape: Sendable {
    /// One value. Numbers and booleans are text as well; a `pattern` (the common part of JavaScript's and Swift's) is for
    /// the rest.
    case text(pattern: String? = nil)
    /// A whole number in decimal digits, also between quotes.
    case integer(ClosedRange<Int>)
    /// A number, with a fraction or not.
    case seconds
    /// `true` and `false`, `yes` and `no`, `on` and `off`.
    case boolean
    case choice([String])
    /// The inventory's own keys. Of `oneOf`, where it is not empty, exactly one stands there.
    case mapping([Key], oneOf: [String] = [])
    /// Keys that the operator chooses; `known` ones have a meaning besides.
    case named(pattern: String, InventoryShape, known: [Key] = [], mayBeEmpty: Bool = false)
    /// A list, or one value instead of a list with one.
    case list(InventoryShape, isUnique: Bool = false, mayBeEmpty: Bool = true)
    /// A list and nothing else, with at least one item.
    case sequence(InventoryShape)
    case either([InventoryShape])
    /// Nothing behind the colon.
    case nothing

    /// A key of a mapping.
    package struct Key: Sendable {
        package var name: String
        package var shape: InventoryShape
        /// What it means, for the operator.
        package var about: String
        package var isRequired: Bool

        init(_ name: String, _ shape: InventoryShape, _ about: String, isRequired: Bool = false) {
            self.name = name
            self.shape = shape
            self.about = about
            self.isRequired = isRequired
        }
    }

    /// The keys of a mapping, in their order.
    package var keys: [Key] {
        switch self {
        case .mapping(let keys, _): keys
        default: []
        }
    }

    var keyNames: [String] { keys.map(\.name) }
}

// MARK: - Values that several keys have

extension InventoryShape {
    /// ``isPlainWord(_:)``.
    static let plainWord = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,252}$"
    /// A name, or many: `lb[01-20]`.
    static let names = "^[A-Za-z0-9\\[]"
    static let interface = text(pattern: "^[A-Za-z0-9_.:@-]{1,15}$")
    static let interfaces = list(interface, isUnique: true)
    static let priority = integer(priorities)
    static let port = integer(ports)
    /// An absolute path on the nodes.
    static let nodePath = text(pattern: "^/.")

    // The ranges, for the reader and the schema.

    /// 0 is sent by a resigning MASTER, and 255 belongs to the address owner (RFC 5798, 5.2.4).
    static let priorities = 1...254
    static let ports = 1...65535
    static let routerIDs = 1...255
    static let versions = 2...3
    static let scriptSeconds = 1...3600
    static let scriptCounts = 1...1000
    static let weights = -253...253
    static let notifySeconds = 1...3600
}
