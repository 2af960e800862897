import FoundationEssentials

/// What real daemons printed; see Fixtures/.
func fixture(_ name: String, file: String = #filePath) throws -> [UInt8] {
    let folder = file.split(separator: "/").dropLast().joined(separator: "/")
    return Array(try Data(contentsOf: URL(filePath: "/\(folder)/Fixtures/\(name)")))
}

func fixtureText(_ name: String) throws -> String { String(decoding: try fixture(name), as: UTF8.self) }
