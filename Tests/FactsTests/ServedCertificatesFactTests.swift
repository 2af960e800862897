import Events
import Remote
import Testing

@testable import Facts

/// What haproxy 2.6.12 answers to `show ssl cert`.
struct ServedCertificatesFactTests {
    private let answer = """
        now=1796150292

        Filename: /etc/haproxy/tls/mixed.pem
        Status: Used
        Serial: 23ADF3136EBD8F2FF74ADBCB55A31DA29EF2756D
        notBefore: Dec  1 18:37:06 2026 GMT
        notAfter: Sep 27 18:37:06 2027 GMT
        Subject Alternative Name:
        Algorithm: RSA2048
        SHA1 FingerPrint: 22BF33329DCB8AB20B8E881D2FFDFE74271701EC
        Subject: /CN=good.example
        Issuer: /CN=Example Root
        Chain Subject: /CN=Other Root
        Chain Issuer: /CN=Other Root
        OCSP Response Key:

        Filename: /etc/haproxy/tls/soon.pem
        Status: Unused
        notBefore: Dec  1 18:37:07 2026 GMT
        notAfter: Dec 10 18:37:07 2026 GMT
        Subject: /CN=soon.example: with a colon
        Issuer: /CN=Example Root

        Can't display the certificate: Not found or the certificate is a bundle!
        """

    @Test func `dates, names and chains are read`() throws {
        let read = try #require(try ServedCertificatesFact().parse(SectionOutput(answer)))
        #expect(read.now == 1_796_150_292)
        #expect(
            read.certificates == [
                .init(
                    path: "/etc/haproxy/tls/mixed.pem", begins: 1_796_150_226,
                    ends: 1_822_070_226, subject: "/CN=good.example",
                    issuer: "/CN=Example Root",
                    chain: [.init(subject: "/CN=Other Root", issuer: "/CN=Other Root")]),
                .init(
                    path: "/etc/haproxy/tls/soon.pem", begins: 1_796_150_227,
                    ends: 1_796_927_827, subject: "/CN=soon.example: with a colon",
                    issuer: "/CN=Example Root", isUsed: false),
            ])
    }

    @Test func `without a clock or a socket nothing is known`() throws {
        #expect(try ServedCertificatesFact().parse(SectionOutput("")) == nil)
        #expect(try ServedCertificatesFact().parse(SectionOutput("now=1796150292\n"))?.certificates == [])
        #expect(
            try ServedCertificatesFact().parse(SectionOutput("now=99999999999999999\nFilename: /a")) == nil)
    }

    @Test(arguments: [
        "", "Dec", "Dec  1 18:37:06 2026", "Dec 32 18:37:06 2026 GMT", "Xyz  1 18:37:06 2026 GMT",
    ])
    func `what is no time is none`(text: String) {
        #expect(UTCTime(openSSL: text) == nil)
    }

    @Test func `no more certificates are kept than are asked for`() throws {
        let many = "now=1\n" + (0..<500).map { "Filename: /c\($0)\n" }.joined()
        #expect(
            try ServedCertificatesFact().parse(SectionOutput(many))?.certificates.count
                == ServedCertificatesFact.most)
    }
}
