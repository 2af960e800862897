import Checks
import Keepalived

/// libFuzzer's entry: any bytes as a keepalived.conf and a haproxy.cfg, with a secret planted in them.
///
/// Nothing that lint says in any form, no diff and no reason of a change may have a part of the secret. What is planted
/// and where is told by the first bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSecrets(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard bytes.count >= 4 else { return 0 }
    let text = String(decoding: bytes[4...], as: UTF8.self)
    // A text that says it itself says it in the open.
    guard !text.contains(PlantedSecrets.secret.prefix(4)), !text.contains(PlantedSecrets.other.prefix(4))
    else {
        return 0
    }
    let half = text.split(separator: "\u{1}", maxSplits: 1).map(String.init)
    var planted = PlantedSecrets(in: half.first ?? "", way: Int(bytes[0]), place: Int(bytes[1]))
    if half.count > 1 { planted.addHAProxy(half[1], way: Int(bytes[2]), place: Int(bytes[1])) }
    let version = versions[Int(bytes[3]) % versions.count]
    do {
        let leaks = try planted.leaks(besides: bytes[3] < 128 ? plain : text, version: version)
        precondition(leaks.isEmpty, "\(leaks.joined(separator: "\n"))\n\(planted)")
    } catch {
        preconditionFailure("\(error)")
    }
    return 0
}

private let versions = ["1.2.13", "1.3.5", "2.0.10", "2.2.7", "2.4.0"].compactMap { KeepalivedVersion($0) }

private let plain = """
    vrrp_instance VI_1 {
        state BACKUP
        interface eth0
        virtual_router_id 51
        priority 100
        virtual_ipaddress {
            192.0.2.100/24
        }
    }
    """
