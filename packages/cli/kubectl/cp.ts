import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { text as textOfStream } from 'node:stream/consumers';
import { ExitWith, Failure } from './error-text.ts';
import { defaultContainer, podOfResource } from './pods-of.ts';
import { remoteCommand } from './remote-command.ts';
import { pathOf } from './rest.ts';
import { Session } from './session.ts';
import { kubectlCommand, type Verb } from './verb.ts';

const verb: Verb = {
  usage: 'cp <file-spec-src> <file-spec-dest>',
  summary: 'Copy files and directories to and from containers. Needs tar in the container.',
  flags: {
    container: { type: 'string', shorthand: 'c', help: 'The container' },
    'no-preserve': { type: 'bool', default: 'false', help: 'Do not keep owner and mode' },
    retries: { type: 'int', default: '0', help: 'Accepted for compatibility' },
  },
  run,
};

export const cp = kubectlCommand('cp', verb);

interface FileSpec {
  readonly namespace: string | undefined;
  /** Absent: on this machine. */
  readonly pod: string | undefined;
  readonly path: string;
}

async function run(session: Session): Promise<number> {
  const { args } = session;
  if (args.length !== 2) throw new Failure('source and destination are required');
  const [from, to] = args.map(parseSpec) as [FileSpec, FileSpec];
  if (from.pod !== undefined && to.pod !== undefined)
    throw new Failure('one of src or dest must be a local file specification');
  if (from.path === '' || to.path === '') throw new Failure('filepath can not be empty');
  if (from.pod !== undefined) await copyOut(session, from, to.path);
  else if (to.pod !== undefined) await copyIn(session, from.path, to);
  else throw new Failure('one of src or dest must be a remote file specification');
  return 0;
}

/** Reads `pod:path`, `namespace/pod:path` and local paths. Throws `Failure`. */
export function parseSpec(text: string): FileSpec {
  const colon = text.indexOf(':');
  if (colon === 0) throw new Failure('filespec must match the canonical format: [[namespace/]pod:]file/path');
  if (colon < 0) return { namespace: undefined, pod: undefined, path: text };
  const place = text.slice(0, colon).split('/');
  const path = text.slice(colon + 1);
  if (place.length === 1) return { namespace: undefined, pod: place[0], path };
  if (place.length === 2) return { namespace: place[0], pod: place[1], path };
  throw new Failure('filespec must match the canonical format: [[namespace/]pod:]file/path');
}

async function copyIn(session: Session, local: string, remote: FileSpec): Promise<void> {
  if (!existsSync(local)) throw new Failure(`${local} doesn't exist in local filesystem`);
  const directory = await isDirectory(session, remote);
  const target = directory ? join(remote.path, basename(resolve(local))) : remote.path.replace(/\/$/, '');
  const packed = spawn(
    'tar',
    [
      '-cf',
      '-',
      '-C',
      dirname(resolve(local)),
      `--transform=s,^${escaped(basename(resolve(local)))},${basename(target).replaceAll(/[\\,&]/g, '\\$&')},`,
      basename(resolve(local)),
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const own = session.flags.bool('no-preserve') ? ['--no-same-permissions', '--no-same-owner'] : [];
  await runIn(
    session,
    remote,
    ['tar', '-xmf', '-', ...own, '-C', dirname(target) || '.'],
    // Somebody must read from the start: what nobody reads is lost when the child ends.
    packed.stdout.pipe(new PassThrough()),
    session.streams.out,
  );
}

async function copyOut(session: Session, remote: FileSpec, local: string): Promise<void> {
  const target =
    existsSync(local) && statSync(local).isDirectory() ? join(local, basename(remote.path)) : local;
  mkdirSync(dirname(resolve(target)), { recursive: true });
  const staging = mkdtempSync(join(tmpdir(), 'cox-cp-'));
  try {
    const unpack = spawn('tar', ['-xf', '-', '-C', staging, '--no-same-owner'], {
      stdio: ['pipe', 'inherit', 'pipe'],
    });
    // Told when there was something to unpack: that nothing came is said better by whoever sent nothing.
    const told = textOfStream(unpack.stderr);
    const done = new Promise<number>((resolveCode) => unpack.once('close', (code) => resolveCode(code ?? 1)));
    unpack.stdin.on('error', () => undefined);
    const command = ['tar', 'cf', '-', '-C', dirname(remote.path) || '.', basename(remote.path)];
    try {
      await runIn(session, remote, command, undefined, unpack.stdin);
    } finally {
      unpack.stdin.end();
    }
    const text = await told;
    if ((await done) !== 0) {
      throw new Failure(`tar could not unpack what came from the container: ${text.trim()}`);
    }
    session.err(text);
    const [only] = readdirSync(staging);
    if (only === undefined) throw new Failure(`${remote.path} was not found in the container`);
    moveInto(join(staging, only), target);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Directories that are there are filled, everything else is put in place. */
function moveInto(source: string, target: string): void {
  if (statSync(source).isDirectory() && existsSync(target)) {
    for (const entry of readdirSync(source)) moveInto(join(source, entry), join(target, entry));
    return;
  }
  try {
    renameSync(source, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    process.getBuiltinModule('node:fs').cpSync(source, target, { recursive: true });
  }
}

async function isDirectory(session: Session, remote: FileSpec): Promise<boolean> {
  const quiet = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    await runIn(session, remote, ['test', '-d', remote.path], undefined, quiet, quiet);
    return true;
  } catch (error) {
    if (error instanceof ExitWith) return false;
    throw error;
  }
}

/** Runs a command in the pod's container with the given streams. */
async function runIn(
  session: Session,
  remote: FileSpec,
  command: readonly string[],
  input: NodeJS.ReadableStream | undefined,
  out: NodeJS.WritableStream,
  err: NodeJS.WritableStream = session.streams.err,
): Promise<void> {
  const { flags, signal, path } = session;
  const own = new Session({
    path,
    flags,
    signal,
    streams: { in: input ?? new PassThrough(), out, err },
    clock: session.clock,
  });
  const namespace = remote.namespace ?? (await session.namespace());
  const mapping = { group: '', version: 'v1', resource: 'pods' };
  const pod =
    remote.namespace === undefined
      ? await podOfResource(session, remote.pod as string, 0)
      : await (await session.rest()).get({ mapping, namespace, name: remote.pod as string });
  const container = flags.string('container') || defaultContainer(pod, (text) => session.err(text));
  const query = new URLSearchParams([
    ...command.map((word) => ['command', word] as [string, string]),
    ['container', container],
    ...(input === undefined ? [] : ([['stdin', 'true']] as [string, string][])),
    ['stdout', 'true'],
    ['stderr', 'true'],
  ]);
  try {
    const target = pathOf({ mapping, namespace, name: remote.pod as string, subresource: 'exec' });
    await remoteCommand(own, `${target}?${query}`, { stdin: input !== undefined, tty: false });
  } finally {
    own.close();
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\,&.*[\]^$]/g, '\\$&');
}
