import Concealment

/// A value with the place where it was set; a default has no place.
///
/// Two settings are equal when their values are; the place does not count.
package struct Setting<Value: Sendable>: Sendable {
    package var value: Value
    package var location: ConfigurationLocation?

    package init(_ value: Value, at location: ConfigurationLocation? = nil) {
        self.value = value
        self.location = location
    }

    /// Whether the configuration does not mention it.
    package var isDefault: Bool { location == nil }
}

extension Setting: Equatable where Value: Equatable {
    package static func == (left: Self, right: Self) -> Bool { left.value == right.value }
}

extension Setting: Hashable where Value: Hashable {
    package func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

extension Setting: CustomStringConvertible {
    package var description: String { "\(value)" }
}

/// A password as the configuration holds it; it never prints.
package struct Secret: Hashable, Sendable {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { secretMark }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
