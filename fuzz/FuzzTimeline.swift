/// libFuzzer's entry: any bytes as the logs of two nodes. What must hold stands in the function that it calls, which the unit tests call too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTimeline(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe LogInput.read(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
