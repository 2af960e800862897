/// libFuzzer's entry: any bytes as a ssh_config. What must hold stands in the function that it calls, which the unit tests call too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSSHConfig(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe TrustInput.scan(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
