/// The name of a machine in an inventory or on the command line.
///
/// Names are unique within a fleet; ``SSHTarget`` has the address.
package struct HostID: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    package let name: String

    package init(_ name: String) { self.name = name }
    package init(stringLiteral name: String) { self.name = name }

    package var description: String { name }

    package static func < (left: HostID, right: HostID) -> Bool {
        left.name.isOrderedNaturally(before: right.name)
    }
}

extension String {
    /// Orders digit runs by value, so that `lb2` comes before `lb10`.
    package func isOrderedNaturally(before other: String) -> Bool {
        var left = self[...].utf8
        var right = other[...].utf8
        while let l = left.first, let r = right.first {
            if l.isDigit, r.isDigit {
                let leftRun = left.prefix(while: \.isDigit)
                let rightRun = right.prefix(while: \.isDigit)
                let leftValue = leftRun.drop { $0 == UInt8(ascii: "0") }
                let rightValue = rightRun.drop { $0 == UInt8(ascii: "0") }
                if leftValue.count != rightValue.count { return leftValue.count < rightValue.count }
                if !leftValue.elementsEqual(rightValue) {
                    return leftValue.lexicographicallyPrecedes(rightValue)
                }
                left = left.dropFirst(leftRun.count)
                right = right.dropFirst(rightRun.count)
            } else if l != r {
                return l < r
            } else {
                left = left.dropFirst()
                right = right.dropFirst()
            }
        }
        if left.isEmpty != right.isEmpty { return left.isEmpty }
        return self < other  // `lb1` and `lb01` differ only by zeros: fall back to a total order
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}
