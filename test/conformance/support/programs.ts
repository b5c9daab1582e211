import { container, type PodParts, podOf } from './pods.ts';

/**
 * Answers over HTTP (PORTS, comma-separated) and UDP (UDP_PORTS) as the well-known test server does: `/hostname`,
 * `/clientip`, `/echo?msg=`, `/healthz` (failing after HEALTHY_FOR seconds), `/redirect`; anything else echoes the
 * request. Every request line and its headers go to the log.
 */
const netexec = `use strict; use IO::Socket::INET; use IO::Select;
$| = 1; $SIG{CHLD} = 'IGNORE'; $SIG{TERM} = sub { exit 0 };
my $began = time; my $name = $ENV{HOSTNAME};
my %udp; my $all = IO::Select->new;
for my $port (split /,/, $ENV{PORTS} // '8080') {
  $all->add(IO::Socket::INET->new(LocalPort => $port, Listen => 128, ReuseAddr => 1) or die "port $port: $!");
}
for my $port (split /,/, $ENV{UDP_PORTS} // '') {
  my $s = IO::Socket::INET->new(LocalPort => $port, Proto => 'udp') or die "udp $port: $!";
  $udp{$s} = 1; $all->add($s);
}
print "serving\\n";
while (1) {
  for my $s ($all->can_read) {
    if ($udp{$s}) {
      my $from = $s->recv(my $said, 4096) or next; $said =~ s/\\s+$//;
      my ($port, $ip) = sockaddr_in($from);
      my $answer = $said eq 'hostname' ? $name : $said eq 'clientip' ? inet_ntoa($ip) : $said =~ /^echo (.*)/i ? $1 : '';
      $s->send($answer, 0, $from);
      next;
    }
    my $c = $s->accept or next;
    if (fork) { close $c; next }
    my $line = <$c> // ''; my %h; my $log = $line;
    while (my $l = <$c>) { last if $l =~ /^\\r?\\n$/; $log .= $l; $h{lc $1} = $2 if $l =~ /^([^:]+):\\s*(.*?)\\r?\\n/ }
    my $body = ''; read $c, $body, $h{'content-length'} if $h{'content-length'};
    print $log;
    my ($method, $path) = $line =~ m{^(\\S+) (\\S+)};
    my ($status, $answer, $more) = ('200 OK', '', '');
    if ($path =~ m{^/hostname}) { $answer = $name }
    elsif ($path =~ m{^/clientip}) { $answer = $c->peerhost . ':' . $c->peerport }
    elsif ($path =~ m{^/echo\\?msg=(.*)}) { $answer = $1 }
    elsif ($path =~ m{^/healthz}) { $status = '500 Internal Server Error' if $ENV{HEALTHY_FOR} && time - $began > $ENV{HEALTHY_FOR} }
    elsif ($path =~ m{^/redirect}) { ($status, $more) = ('301 Moved Permanently', "Location: /hostname\\r\\n") }
    else { $answer = "$method $path $body" }
    print $c "HTTP/1.1 $status\\r\\n\${more}Content-Length: " . length($answer) . "\\r\\nConnection: close\\r\\n\\r\\n";
    print $c $answer unless $method eq 'HEAD';
    close $c; exit 0;
  }
}`;

/** The command of a container that serves as `netexec` does. */
const netexecCommand = ['perl', '-e', netexec];

/** A pod that serves over HTTP and UDP, ready when it does. */
export function netexecPod(
  name: string,
  meta: PodParts = {},
  env: Readonly<Record<string, string>> = {},
  spec: object = {},
): any {
  const ports = (env['PORTS'] ?? '8080').split(',').map(Number);
  const main = container('main', {
    command: netexecCommand,
    env: Object.entries({ HOSTNAME: name, ...env }).map(([key, value]) => ({ name: key, value })),
    readinessProbe: { httpGet: { path: '/hostname', port: ports[0] }, periodSeconds: 1, timeoutSeconds: 5 },
  });
  return podOf(name, [main], spec, meta);
}

/** The command that asks `http://host:port/path` once and prints the answer's body; it fails without one. */
export function askHttp(host: string, port: number, path = '/hostname'): string[] {
  const script =
    'use IO::Socket::INET; my ($h, $p, $u) = @ARGV; alarm 5;' +
    ' my $s = IO::Socket::INET->new(PeerAddr => $h, PeerPort => $p, Timeout => 3) or die "$h:$p: $@\\n";' +
    ' print $s "GET $u HTTP/1.0\\r\\nHost: $h\\r\\n\\r\\n"; local $/; my ($head, $body) = split /\\r\\n\\r\\n/, <$s>, 2; print $body';
  return ['perl', '-e', script, host, String(port), path];
}

/** The command that asks over UDP, a few times as packets may be lost, and prints the answer. */
export function askUdp(host: string, port: number, text = 'hostname'): string[] {
  const script =
    'use IO::Socket::INET; use IO::Select; my ($h, $p, $t) = @ARGV;' +
    ' for (1 .. 3) { my $s = IO::Socket::INET->new(PeerAddr => $h, PeerPort => $p, Proto => "udp") or die $@;' +
    ' $s->send($t); if (IO::Select->new($s)->can_read(2)) { $s->recv(my $a, 4096) // next; print $a; exit 0 } } exit 1';
  return ['perl', '-e', script, host, String(port), text];
}

/**
 * The command that asks a DNS server (the pod's own unless given as `@ADDRESS`) for a record, as `dig +short`:
 * an answer a line. `tcp` in place of `udp` asks over TCP.
 */
export function dig(
  name: string,
  type: 'A' | 'SRV' | 'CNAME' | 'PTR',
  protocol: 'udp' | 'tcp' = 'udp',
  server = '',
): string[] {
  const script = `use IO::Socket::INET; use IO::Select; my ($n, $t, $proto, $at) = @ARGV;
unless ($at) { open my $f, '<', '/etc/resolv.conf'; while (<$f>) { $at ||= $1 if /^nameserver\\s+(\\S+)/ } }
my %types = (A => 1, SRV => 33, CNAME => 5, PTR => 12); my $q = pack('nnnnnn', 7, 0x100, 1, 0, 0, 0);
$q .= pack('C/a*', $_) for split /\\./, $n; $q .= pack('Cnn', 0, $types{$t}, 1);
my $r; for (1 .. 3) {
  my $s = IO::Socket::INET->new(PeerAddr => $at, PeerPort => 53, Proto => $proto, Timeout => 3) or die "$at: $@";
  print $s ($proto eq 'tcp' ? pack('n/a*', $q) : $q); $s->flush;
  IO::Select->new($s)->can_read(3) or next; sysread $s, $r, 65535; $r = substr $r, 2 if $proto eq 'tcp'; last }
die "no answer\\n" unless $r;
sub name { my ($p) = @_; my @l; my $end; while (my $c = unpack 'C', substr $r, $p, 1) {
  if ($c >= 192) { $end //= $p + 2; $p = unpack('n', substr $r, $p, 2) & 0x3fff; next }
  push @l, substr $r, $p + 1, $c; $p += $c + 1 } return (join('.', @l), $end // $p + 1) }
my ($id, $flags, $qd, $an) = unpack 'nnnn', $r; die 'rcode ' . ($flags & 15) . "\\n" if $flags & 15;
my $p = 12; (undef, $p) = name($p); $p += 4;
for (1 .. $an) { (undef, $p) = name($p); my ($type, undef, undef, $len) = unpack 'nnNn', substr $r, $p, 10; $p += 10;
  my $d = substr $r, $p, $len;
  print join('.', unpack 'C4', $d), "\\n" if $type == 1; print((name($p))[0], "\\n") if $type == 5 || $type == 12;
  print join(' ', (unpack 'nnn', $d)[2], (name($p + 6))[0]), "\\n" if $type == 33; $p += $len }`;
  return ['perl', '-e', script, name, type, protocol, server];
}
