import Testing

@testable import Inventory

@Suite struct YAMLReaderTests {
    @Test func `every value and every key knows its place`() throws {
        let text = "a:\n  - \"é x\": [1, { b: 'q' }]\n    plain: two words\n"
        let root = try #require(readYAML(Array(text.utf8)).root)
        let a = try #require(root.entries?.first)
        #expect(a.keyMark == Mark(line: 1, column: 1, length: 1))
        guard case .sequence(let items) = a.value.content else {
            Issue.record("not a list")
            return
        }
        let entries = try #require(items.first?.entries)
        #expect(entries.map(\.key) == ["é x", "plain"])
        #expect(
            entries.map(\.keyMark) == [
                Mark(line: 2, column: 5, length: 5), Mark(line: 3, column: 5, length: 5),
            ])
        #expect(entries[0].value.mark == Mark(line: 2, column: 12, length: 15))
        #expect(entries[1].value.mark == Mark(line: 3, column: 12, length: 9))
        #expect(entries[1].value.scalar == "two words")
    }

    @Test func `merge keys bring in what a mapping does not have itself, the first of a list winning`() throws
    {
        let text = """
            base: &base { a: 1, b: 1 }
            other: &other { b: 2, c: 2 }
            merged: { <<: [*base, *other], a: 3 }
            """
        let document = readYAML(Array(text.utf8))
        #expect(document.problems.isEmpty)
        let merged = try #require(document.root?.entries?.last?.value.entries)
        #expect(merged.map { "\($0.key)=\($0.value.scalar ?? "")" } == ["a=3", "b=1", "c=2"])
    }

    @Test func `an anchor stands for the same value with the place where it was written`() throws {
        let document = readYAML(Array("a: &x 51\nb: *x".utf8))
        let entries = try #require(document.root?.entries)
        #expect(entries.map { $0.value.scalar } == ["51", "51"])
        #expect(entries[1].value.mark.line == 1)
    }

    @Test func `words that other readers take for something else stay words`() throws {
        let root = try #require(readYAML(Array("{ no: 0x10, on: 1:30, y: 08, n: ~ }".utf8)).root)
        #expect(root.entries?.map(\.key) == ["no", "on", "y", "n"])
        #expect(root.entries?.map { $0.value.scalar } == ["0x10", "1:30", "08", "~"])
        #expect(root.entries?.last?.value.isNull == true)
    }

    @Test func `two mistakes of YAML are both reported`() {
        let document = readYAML(Array("a: 1\na: 2\nb: *nope\nc: !tag 3\n".utf8))
        #expect(document.problems.map(\.mark.line).sorted() == [2, 3, 4])
        #expect(document.root != nil)
    }
}
