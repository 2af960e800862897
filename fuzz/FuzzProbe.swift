/// libFuzzer's entry: any bytes as the answer of a machine to a probe. What must hold stands in the function that it calls, which the unit tests call too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzProbe(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe FactInput.read(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
