/// libFuzzer's entry: any bytes as an inventory. What must hold stands in the function that it calls, which the unit tests call too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzInventory(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe InventoryInput.read(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
