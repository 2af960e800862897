/// libFuzzer's entry: any bytes as a known_hosts. What must hold stands in the function that it calls, which the unit tests call too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzKnownHosts(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe TrustInput.readKnownHosts(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
