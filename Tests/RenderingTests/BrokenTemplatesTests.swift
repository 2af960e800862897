import HaopsTestSupport
import Testing

/// Templates that are broken in every way; `fuzz/run template` goes further.
struct BrokenTemplatesTests {
    private static let whole = """
        {{! a comment }}
        {{#list}}
          {{a}} {{.}} {{{a}}} {{o.x}}
          {{> p}}
        {{/list}}
        {{^c}}{{#o}}{{x}}{{#o}}{{x}}{{/o}}{{/o}}{{/c}}
        {{=<% %>=}}<%a%><%={{ }}=%>
        {{s}} {{bad}} {{nothing}}
        """

    @Test(arguments: [1, 2] as [UInt64])
    func `any bytes are rendered or refused, and secrets are told of`(seed: UInt64) {
        var random = HostileTexts(seed: seed)
        let whole = Array(Self.whole.utf8) + [0] + Array("{{> q}} {{s}}\n".utf8)
        TemplateInput.render(whole)
        for _ in 0..<60 { TemplateInput.render(random.broken(whole)) }
    }
}
