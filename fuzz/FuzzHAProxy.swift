/// libFuzzer's entry: any bytes as a haproxy.cfg. What must hold stands in the function that it calls, which the unit tests call too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHAProxy(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe HAProxyInput.read(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
