import Checks
import FoundationEssentials
import Keepalived
import Testing

@testable import HaopsCommands

/// No output of lint and no diff has a part of a secret, wherever it stands in a configuration.
@Suite struct PlantedSecretsTests {
    private static let corpus =
        "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Corpus/"

    private static func texts(_ folder: String, _ suffix: String) throws -> [(name: String, text: String)] {
        let names = try FileManager.default.contentsOfDirectory(atPath: corpus + folder)
        return try names.filter { $0.hasSuffix(suffix) }.sorted().map { name in
            let data = try Data(contentsOf: URL(filePath: corpus + folder + "/" + name))
            return (name, String(decoding: data, as: UTF8.self))
        }
    }

    private static let plain = """
        vrrp_instance VI_1 {
            state BACKUP
            interface eth0
            virtual_router_id 51
            priority 100
            authentication {
                auth_type PASS
                auth_pass other
            }
            virtual_ipaddress {
                192.0.2.100/24
            }
        }
        """

    private static let proxy = """
        global
            chroot /var/lib/haproxy
        defaults
            mode http
        frontend web
            bind 192.0.2.100:80
            default_backend web
        backend web
            server a 192.0.2.1:80 check
        """

    private static let versions = ["1.2.13", "2.0.10", "2.2.7", "2.4.0"].compactMap { KeepalivedVersion($0) }

    @Test(arguments: 0..<PlantedSecrets.ways)
    func `every way to write a secret, at every level of a configuration`(way: Int) throws {
        // In the instance, and in its `authentication`; outermost, and behind everything, it stands in other tests.
        for place in [3, 7] {
            let planted = PlantedSecrets(in: Self.plain, way: way, place: place)
            let version = Self.versions[(way + place) % Self.versions.count]
            let leaks = try planted.leaks(besides: Self.plain, version: version)
            #expect(leaks.isEmpty, "\(leaks.joined(separator: "\n"))\n\(planted.keepalived)")
        }
    }

    @Test(arguments: 0..<PlantedSecrets.haproxyWays)
    func `every way to write one in haproxy's`(way: Int) throws {
        for place in [2, 6] {
            var planted = PlantedSecrets(in: Self.plain, way: 0, place: 0)
            planted.addHAProxy(Self.proxy, way: way, place: place)
            let leaks = try planted.leaks(besides: Self.plain, version: .assumed)
            #expect(leaks.isEmpty, "\(leaks.joined(separator: "\n"))\n\(planted.haproxy ?? "")")
        }
    }

    @Test func `every mistake that lint knows, with a secret in the midst of it`() throws {
        let cases = try Self.texts("cases", ".conf") + Self.texts("documents", ".conf")
        #expect(cases.count >= 200)
        // The same sequence at every run, so that a failure can be looked at.
        var random: UInt64 = 42
        func next() -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33)
        }
        for (index, item) in cases.enumerated() {
            for way in index % 4 == 0 ? [index, next()] : [index] {
                let planted = PlantedSecrets(in: item.text, way: way, place: next())
                let version = Self.versions[next() % Self.versions.count]
                let leaks = try planted.leaks(besides: Self.plain, version: version, facts: NodeFacts())
                #expect(
                    leaks.isEmpty,
                    "\(item.name), \(way): \(leaks.joined(separator: "\n"))\n\(planted.keepalived)")
            }
        }
    }

    @Test func `the search finds what is there`() throws {
        let planted = PlantedSecrets(
            in: Self.plain.replacing("192.0.2.100/24", with: "\(PlantedSecrets.secret)/x"), way: 0, place: 0)
        var open = planted
        open.keepalived = Self.plain.replacing("192.0.2.100/24", with: "\(PlantedSecrets.secret)/x")
        #expect(try !open.leaks(besides: Self.plain, version: .assumed).isEmpty)
        #expect(try planted.leaks(besides: Self.plain, version: .assumed).isEmpty)
    }
}
