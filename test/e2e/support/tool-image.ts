import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { machineArchitecture, writeOciArchive } from '@coxswain/cluster';

/** The image that the tests run: a shell, the usual tools and a web server, from this machine's own programs. */
export const toolImage = (version: number): string => `coxswain.example/tool:${version}`;

const programs = [
  'bash',
  'cat',
  'chmod',
  'cp',
  'cut',
  'date',
  'dash',
  'echo',
  'env',
  'getent',
  'grep',
  'head',
  'hostname',
  'id',
  'ls',
  'mkdir',
  'mv',
  'nproc',
  'perl',
  'printf',
  'ps',
  'readlink',
  'rm',
  'sed',
  'seq',
  'sleep',
  'sort',
  'stat',
  'stty',
  'tail',
  'tar',
  'test',
  'touch',
  'tr',
  'true',
  'false',
  'uname',
  'wc',
]; // prettier-ignore

/** Answers every request with the pod's name and the image's version; `/file/PATH` with a file. */
const webServer = `use strict;
use IO::Socket::INET;
$| = 1;
my $port = $ENV{PORT} || 8080;
my $server = IO::Socket::INET->new(LocalPort => $port, Listen => 128, ReuseAddr => 1) or die "port $port: $!";
$SIG{CHLD} = 'IGNORE';
my $stop = 0;
$SIG{TERM} = sub { $stop = 1 };
print "listening on $port\\n";
until ($stop) {
  my $client = $server->accept or next;
  if (my $pid = fork) { close $client; next }
  my $line = <$client> // '';
  while (my $header = <$client>) { last if $header =~ /^\\r?\\n$/ }
  my ($path) = $line =~ m{^\\S+ (\\S+)};
  my ($status, $body) = ('200 OK', ($ENV{HOSTNAME} || '') . " version $ENV{VERSION}\\n");
  if (defined $path && $path =~ m{^/file(/.*)}) {
    if (open my $file, '<', $1) { local $/; $body = <$file> } else { ($status, $body) = ('404 Not Found', '') }
  }
  print $client "HTTP/1.1 $status\\r\\nContent-Length: " . length($body) . "\\r\\nConnection: close\\r\\n\\r\\n$body";
  close $client;
  exit 0;
}
`;

/** Writes the image as an archive; \`version\` tells two of them apart. Gives the file's path. */
export async function writeToolImage(dir: string, version: number): Promise<string> {
  const staging = mkdtempSync(join(tmpdir(), 'tool-image-'));
  try {
    for (const folder of ['usr/bin', 'usr/lib', 'usr/lib64', 'etc', 'tmp', 'srv', 'root']) {
      mkdirSync(join(staging, folder), { recursive: true });
    }
    for (const link of ['bin', 'lib', 'lib64']) symlinkSync(`usr/${link}`, join(staging, link));
    for (const program of programs) copyProgram(staging, program);
    symlinkSync('dash', join(staging, 'usr/bin/sh'));
    copyPerlModules(staging);
    chmodSync(join(staging, 'tmp'), 0o1777);
    writeFileSync(
      join(staging, 'etc/passwd'),
      'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n',
    );
    writeFileSync(join(staging, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
    writeFileSync(join(staging, 'srv/web.pl'), webServer);
    const layer = join(dir, `tool-${version}.layer.tar`);
    execFileSync('tar', [
      '-C',
      staging,
      '--owner=0',
      '--group=0',
      '--mtime=@0',
      '--sort=name',
      '-cf',
      layer,
      '.',
    ]);
    const archive = join(dir, `tool-${version}.tar`);
    await writeOciArchive(
      {
        name: toolImage(version),
        architecture: machineArchitecture(),
        config: { Cmd: ['perl', '/srv/web.pl'], Env: ['PATH=/usr/bin', `VERSION=${version}`] },
        layers: [{ path: layer }],
      },
      archive,
    );
    rmSync(layer);
    return archive;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function copyProgram(staging: string, program: string): void {
  const found = ['/usr/bin', '/bin'].map((dir) => join(dir, program)).find((path) => existsSync(path));
  if (found === undefined) return;
  cpSync(realpathSync(found), join(staging, 'usr/bin', program), { dereference: true });
  for (const library of librariesOf(found)) copyLibrary(staging, library);
}

/** The shared libraries of a program and its loader, as ldd tells. */
function librariesOf(path: string): string[] {
  const text = execFileSync('ldd', [path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return text.split('\n').flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

function copyLibrary(staging: string, path: string): void {
  const place = path.startsWith('/usr') ? path : `/usr${path}`;
  const target = join(staging, place);
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  cpSync(realpathSync(path), target, { dereference: true });
}

/** What IO::Socket::INET needs, from perl's own folders. */
function copyPerlModules(staging: string): void {
  const folders = JSON.parse(
    execFileSync('perl', ['-e', 'print "[", join(",", map { "\\"$_\\"" } @INC), "]"'], { encoding: 'utf8' }),
  ) as string[];
  for (const folder of folders.filter((path) => basename(path) === 'perl-base')) {
    cpSync(folder, join(staging, folder), { recursive: true, dereference: true });
  }
}
