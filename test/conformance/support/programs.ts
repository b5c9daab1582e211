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
export const netexecCommand = ['perl', '-e', netexec];

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
