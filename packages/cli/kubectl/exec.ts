import { Failure } from './error-text.ts';
import { containersOf, defaultContainer, podOfResource } from './pods-of.ts';
import { pathOf } from './rest.ts';
import type { Session } from './session.ts';
import { kubectlCommand, type Verb } from './verb.ts';

const verb: Verb = {
  usage: 'exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]',
  summary: 'Execute a command in a container.',
  flags: {
    container: { type: 'string', shorthand: 'c', help: 'The container' },
    filename: { type: 'strings', shorthand: 'f', help: 'File that names the resource' },
    'pod-running-timeout': { type: 'duration', default: '1m0s', help: 'Longest wait for a pod' },
    quiet: { type: 'bool', shorthand: 'q', default: 'false', help: "Print the command's output alone" },
    stdin: { type: 'bool', shorthand: 'i', default: 'false', help: 'Pass standard input on' },
    tty: { type: 'bool', shorthand: 't', default: 'false', help: 'Give the command a terminal' },
  },
  run,
};

export const exec = kubectlCommand('exec', verb);

async function run(session: Session): Promise<number> {
  const { flags, args } = session;
  const command = flags.afterDashes ?? [];
  const [resource] = args;
  if (resource === undefined) throw new Failure('pod, type/name or --filename must be specified');
  if (args.length > 1) {
    throw session.usage('exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead');
  }
  if (command.length === 0) throw new Failure('you must specify at least one command for the container');
  const pod = await podOfResource(session, resource, flags.duration('pod-running-timeout') ?? 0);
  const phase = pod['status']?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') {
    throw new Failure(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  }
  const quiet = flags.bool('quiet');
  const container = flags.string('container') || defaultContainer(pod, (text) => !quiet && session.err(text));
  if (!containersOf(pod).some(({ name }) => name === container)) {
    throw new Failure(`container ${container} is not valid for pod ${pod.metadata.name}`);
  }
  const stdin = flags.bool('stdin');
  const tty = flags.bool('tty') && usableTerminal(session, stdin, quiet);
  const { name = '', namespace } = pod.metadata;
  const query = new URLSearchParams([
    ...command.map((word) => ['command', word]),
    ['container', container],
    ...(stdin ? [['stdin', 'true']] : []),
    ['stdout', 'true'],
    tty ? ['tty', 'true'] : ['stderr', 'true'],
  ] as [string, string][]);
  const mapping = { group: '', version: 'v1', resource: 'pods' };
  const path = `${pathOf({ mapping, namespace, name, subresource: 'exec' })}?${query}`;
  const { remoteCommand } = await import('./remote-command.ts');
  await remoteCommand(session, path, { stdin, tty });
  return 0;
}

/** Whether `-t` can be had; says so when input is no terminal. */
export function usableTerminal(session: Session, stdin: boolean, quiet: boolean): boolean {
  if (!stdin || session.streams.in.isTTY) return true;
  if (!quiet) session.err('Unable to use a TTY - input is not a terminal or the right kind of file\n');
  return false;
}
