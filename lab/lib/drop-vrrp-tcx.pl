# Attaches a program that drops VRRP to an interface at the hook tcx, and holds it until it is ended:
# perl - INDEX FILE. FILE gets its process id once the program is attached. iproute2 cannot do it before 6.6.
use strict;
use warnings;

my ($index, $file) = @ARGV;
my %numbers = (x86_64 => 321, aarch64 => 280);
chomp(my $machine = `uname -m`);
my $number = $numbers{$machine} or die "drop-vrrp-tcx: the number of bpf(2) on $machine is not known\n";

sub bpf {
    my ($command, $attributes) = @_;
    $attributes .= "\0" x (128 - length $attributes);
    my $result = syscall($number, $command, $attributes, length $attributes);
    die "drop-vrrp-tcx: bpf($command): $!\n" if $result < 0;
    return $result;
}

sub address { return unpack 'Q', pack 'P', $_[0] }

# Code, registers, offset of a jump, value.
my $program = join '', map { pack 'CCsl', @$_ } (
    [0xbf, 0x16, 0, 0],         #  0 r6 = r1: the packet
    [0x28, 0, 0, 12],           #  1 r0 = its ethertype
    [0x15, 0, 2, 0x0800],       #  2 IPv4: 5
    [0x15, 0, 4, 0x86dd],       #  3 IPv6: 8
    [0x05, 0, 5, 0],            #  4 else: 10
    [0x30, 0, 0, 23],           #  5 r0 = the protocol of IPv4
    [0x15, 0, 5, 112],          #  6 VRRP: 12
    [0x05, 0, 2, 0],            #  7 else: 10
    [0x30, 0, 0, 20],           #  8 r0 = the protocol of IPv6
    [0x15, 0, 2, 112],          #  9 VRRP: 12
    [0xb7, 0, 0, -1],           # 10 the next program decides
    [0x95, 0, 0, 0],
    [0xb7, 0, 0, 2],            # 12 dropped
    [0x95, 0, 0, 0],
);
my $license = "GPL\0";
# BPF_PROG_LOAD of BPF_PROG_TYPE_SCHED_CLS, then BPF_LINK_CREATE of BPF_TCX_INGRESS.
my $loaded = bpf(5, pack 'LLQQ', 3, length($program) / 8, address($program), address($license));
bpf(28, pack 'LLLL', $loaded, $index, 46, 0);
open my $handle, '>', $file or die "drop-vrrp-tcx: $file: $!\n";
print $handle "$$\n";
close $handle;
sleep;
