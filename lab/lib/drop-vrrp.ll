; Drops IPv4 packets of protocol 112 at the hook xdp. lab/lib/drop-vrrp.o.gz.base64 is made of it:
;   llc -march=bpfel -filetype=obj drop-vrrp.ll -o - | gzip -9 | base64 >drop-vrrp.o.gz.base64
target datalayout = "e-m:e-p:64:64-i64:64-i128:128-n32:64-S128"
target triple = "bpf"
define dso_local i32 @drop(ptr nocapture readonly %ctx) #0 section "xdp" {
  %d32 = load i32, ptr %ctx, align 4
  %e.p = getelementptr i8, ptr %ctx, i64 4
  %e32 = load i32, ptr %e.p, align 4
  %d64 = zext i32 %d32 to i64
  %e64 = zext i32 %e32 to i64
  %d = inttoptr i64 %d64 to ptr
  %lim = add i64 %d64, 34
  %short = icmp ugt i64 %lim, %e64
  br i1 %short, label %pass, label %long
long:
  %p.p = getelementptr i8, ptr %d, i64 23
  %proto = load i8, ptr %p.p, align 1
  %is = icmp eq i8 %proto, 112
  br i1 %is, label %drop, label %pass
drop:
  ret i32 1
pass:
  ret i32 2
}
@_license = dso_local global [4 x i8] c"GPL\00", section "license", align 1
