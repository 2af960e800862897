import Keepalived

/// An advertisement interval that cannot be sent.
///
/// - Condition: `advert_int` has decimals in VRRP version 2, is longer than the version allows, or is not a number.
/// - Why: keepalived rounds it, caps it or uses 1 s; a peer with a different value refuses the adverts.
/// - Remedy: Use whole seconds in version 2, and at most 40.95 s in version 3.
struct AdvertInterval: NodeRule {
    static let id = "advert-int"

    func check(_ node: LintNode) -> [Finding] {
        node.problems(["advert_int"]).filter { $0.kind != .missingArgument }.map { problem in
            node.finding(
                Self.id, .warning, at: problem.location,
                "\(problem.owner): `advert_int` cannot be used as written", effect: problem.consequence,
                fix: "use whole seconds in VRRP version 2, hundredths up to 40.95 s in version 3")
        }
    }
}
