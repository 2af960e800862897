import Concealment
import Testing

/// The one mechanism by which secrets are hidden: values wherever they stand, and what sentences quote.
@Suite struct SecretValuesTests {
    private func hidden(_ text: String, certain: [String] = [], found: [String] = []) -> String {
        var values = SecretValues()
        for value in found { values.insert(Array(value.utf8)) }
        var others = SecretValues()
        for value in certain { others.insert(certain: Array(value.utf8)) }
        values.insert(others)
        return values.hiding(in: text)
    }

    @Test func `what was found is hidden as a word, what is certain within words too`() {
        #expect(hidden("master keepalived-masters", found: ["master"]) == "(secret) keepalived-masters")
        #expect(hidden("master keepalived-masters", certain: ["master"]) == "(secret) keepalived-(secret)s")
        #expect(hidden("a master", certain: ["master"], found: ["master"]) == "a (secret)")
    }

    @Test func `haops' own words are hidden where they are certain to be secrets`() {
        #expect(hidden("haproxy runs", found: ["haproxy"]) == "haproxy runs")
        #expect(hidden("haproxy runs", certain: ["haproxy"]) == "(secret) runs")
        #expect(hidden("a pin 123", certain: ["123"]) == "a pin 123", "too short to be replaced everywhere")
    }

    @Test func `a secret within a secret leaves no remains`() {
        #expect(hidden("hunter22x", certain: ["hunter22", "hunter22x"]) == "(secret)")
        #expect(hidden("abcdefgh", certain: ["abcde", "defgh"]) == "(secret)")
    }

    @Test(arguments: [
        ("a `b` c", "a `B` c"), ("`b``c`", "`B``C`"), ("a `b", "a `b"), ("a `b` `c", "a `B` `c"), ("", ""),
    ])
    func `what stands between backticks is quoted`(text: String, expected: String) {
        #expect(text.mappingQuotations { $0.uppercased() } == expected)
        #expect("x `y` z".mappingQuotations({ _ in "1" }, rest: { _ in "2" }) == "2`1`2")
    }
}
