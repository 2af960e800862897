import Addresses
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("203.0.113.5", "203.0.113.5"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
        ("::", "::"), ("::1", "::1"), ("2001:DB8::0:50", "2001:db8::50"),
        ("2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1"), ("fe80:0:0:0:1:0:0:1", "fe80::1:0:0:1"),
        ("::ffff:192.0.2.1", "::ffff:c000:201"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1::", "1::"), ("::8", "::8"),
    ])
    func `reads every form and prints the canonical one`(text: String, canonical: String) {
        #expect(IPAddress(text)?.description == canonical)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1.2.3.4/24", " 1.2.3.4", "a.b.c.d", ":", ":::",
        "1:2",
        "1::2::3", ":1::2", "1::2:", "1:2:3:4:5:6:7:8:9", "12345::", "::g", "1:2:3:4:5:6:7", "::1.2.3",
        "+1::", "-1.0.0.0",
        "1:2:3:4:5:6:7:8::",
    ])
    func `refuses what is no address`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `addresses are compared as addresses, never as text`() throws {
        let five = try #require(IPAddress("203.0.113.5"))
        let fifty = try #require(IPAddress("203.0.113.50"))
        #expect(five != fifty)
        #expect(five < fifty)
        #expect(IPAddress("2001:db8::1") == IPAddress("2001:0DB8:0:0:0:0:0:1"))
    }

    @Test(arguments: [
        ("203.0.113.0/24", "203.0.113.255", true), ("203.0.113.0/24", "203.0.112.255", false),
        ("0.0.0.0/0", "198.51.100.1", true), ("203.0.113.5", "203.0.113.50", false),
        ("2001:db8::/64", "2001:db8::ffff", true), ("2001:db8::/64", "2001:db8:0:1::", false),
        ("2001:db8::/96", "2001:db8::1:0:1", false), ("::/0", "203.0.113.1", false),
        ("::/0", "2001:db8::1", true),
    ])
    func `a network contains its own addresses only`(network: String, address: String, expected: Bool) throws
    {
        #expect(try #require(CIDR(network)).contains(#require(IPAddress(address))) == expected)
    }

    @Test(arguments: [
        "203.0.113.0/33", "203.0.113.0/", "203.0.113.0/a", "::/129", "1.2.3.4/2/4", "1.2.3.4/-1",
        "1.2.3.4/+1",
    ])
    func `refuses what is no network`(text: String) {
        #expect(CIDR(text) == nil)
    }

    @Test func `a link-layer address reads both spellings`() {
        #expect(MACAddress("00:0c:29:5e:bd:a6") == MACAddress("0:C:29:5e:bd:a6"))
        #expect(MACAddress("0:c:29:5e:bd:a6")?.description == "00:0c:29:5e:bd:a6")
        #expect(MACAddress("00:0c:29:5e:bd") == nil)
        #expect(MACAddress("(incomplete)") == nil)
    }
}
