import Facts
import HaopsTestSupport
import Remote
import Testing

/// What this machine says, broken in every way: no parser crashes, and a probe stays an answer of one machine to its facts.
/// `fuzz/run facts` and `fuzz/run probe` go further.
struct HostileAnswersTests {
    private static let target = SSHTarget(id: HostID("here"), host: "localhost")

    @Test(arguments: [1, 2] as [UInt64])
    func `no answer crashes a parser`(seed: UInt64) async throws {
        var random = HostileTexts(seed: seed)
        let scripts = FactInput.all.filter { $0.duration == 0 && !$0.waits }
        for fact in scripts {
            let command = Command(fact.script, operation: "test")
            let said = try await LocalTransport().ask(Self.target, command).get().stdout.prefix(16 << 10)
            let whole = Array("\(type(of: fact).name)\n".utf8) + said
            FactInput.parse(whole)
            for _ in 0..<30 { FactInput.parse(random.broken(whole)) }
        }
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `no answer to a probe is more than that`(seed: UInt64) {
        var random = HostileTexts(seed: seed)
        let names = [
            "system", "files", "pending", "sysctl", "neighbours", "services", "late", "over", "0", "x y", "",
        ]
        for _ in 0..<2000 {
            var text = ""
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                let name = names.randomElement(using: &random) ?? ""
                text +=
                    [
                        "\(FactInput.marker) \(name)\n", "\(FactInput.marker)\(name)\n", "\(name)=1\n",
                        "later 5 644 a:b 1 /a\n",
                        "contents\n", "\n", "\(FactInput.marker) late 9223372036854775808\n",
                        "\(FactInput.marker) 0\n",
                    ]
                    .randomElement(using: &random) ?? ""
            }
            FactInput.read(random.broken(Array(text.utf8)))
            FactInput.read(Array(text.utf8))
        }
    }
}
