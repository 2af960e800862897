/// libFuzzer's entry: any bytes as the answer to one fact, which its first line names. What must hold stands in the function that it calls, which the unit tests call too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFacts(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe FactInput.parse(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
