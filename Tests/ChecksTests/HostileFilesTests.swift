import HaopsTestSupport
import Keepalived
import Testing

@testable import Checks

/// Configurations that a node made up: what lint does with them grows with their length, and not with its square.
@Suite(.serialized) struct HostileFilesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// The number-th piece of the file.
        var piece: @Sendable (Int) -> String
    }

    private static let files: [Case] = [
        Case(testDescription: "a finding and a comment that excuses it on each line") {
            "nonsense\($0) # haops-ignore: syntax-unknown-keyword -- it is not read\n"
        },
        Case(testDescription: "comments that excuse nothing") {
            "# haops-ignore: x\($0) -- reason\nnonsense\n"
        },
        Case(testDescription: "comments without a reason") { _ in "# haops-ignore: x\n" },
        Case(testDescription: "a secret that is not defined on each line") {
            "vrrp_instance A\($0) {\nauthentication {\nauth_pass $Secret\($0)\n}\n}\n"
        },
        Case(testDescription: "one line of undefined names") { "$Secret\($0) " },
        Case(testDescription: "one line of secrets that are not defined") { number in
            (number == 0 ? "auth_pass " : "") + "$Secret\(number) "
        },
        Case(testDescription: "one line of braces") { _ in "{ a } " },
        Case(testDescription: "unknown blocks") { "nonsense\($0) {\na b\n}\n" },
        Case(testDescription: "instances") {
            "vrrp_instance V\($0) {\ninterface eth0\nvirtual_router_id \($0 % 255 + 1)\npriority 100\n}\n"
        },
        Case(testDescription: "addresses") { number in
            (number == 0 ? "vrrp_instance V {\nvirtual_ipaddress {\n" : "")
                + "203.0.\(number / 256 % 256).\(number % 256)\n"
        },
        Case(testDescription: "scripts") {
            "vrrp_script S\($0) {\nscript \"/bin/x --password=Secret\($0)\"\n}\n"
        },
    ]

    @Test(arguments: files)
    func `lint is linear`(_ file: Case) async {
        #expect(
            await Growth.isLinear(from: 64, to: 2048) { count in
                Array((0..<count).map(file.piece).joined().utf8)
            } work: { bytes in
                let path = "/etc/keepalived/keepalived.conf"
                _ = Linter().run([
                    LintNode(name: "lb1", path: path, files: FileSet([path: ConfigurationFile(bytes)]))
                ])
            })
    }
}
