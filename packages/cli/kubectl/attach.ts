import { Failure } from './error-text.ts';
import { usableTerminal } from './exec.ts';
import { containersOf, defaultContainer, podOfResource } from './pods-of.ts';
import { pathOf } from './rest.ts';
import type { Session } from './session.ts';
import { kubectlCommand, type Verb } from './verb.ts';

const verb: Verb = {
  usage: 'attach (POD | TYPE/NAME) -c CONTAINER',
  summary: 'Attach to a process that is already running inside an existing container.',
  flags: {
    container: { type: 'string', shorthand: 'c', help: 'The container' },
    'detach-keys': { type: 'string', default: 'ctrl-p,ctrl-q', help: 'Accepted for compatibility' },
    'pod-running-timeout': { type: 'duration', default: '1m0s', help: 'Longest wait for a pod' },
    quiet: { type: 'bool', shorthand: 'q', default: 'false', help: "Print the process's output alone" },
    stdin: { type: 'bool', shorthand: 'i', default: 'false', help: 'Pass standard input on' },
    tty: { type: 'bool', shorthand: 't', default: 'false', help: 'Stdin is a terminal' },
  },
  run,
};

export const attach = kubectlCommand('attach', verb);

async function run(session: Session): Promise<number> {
  const { flags, args } = session;
  const [resource] = args;
  if (resource === undefined) throw session.usage('at least 1 argument is required for attach');
  if (args.length > 2) {
    throw session.usage(
      `expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ${args.length}: [${args.join(' ')}]`,
    );
  }
  const named = args.length === 2 ? `${resource}/${args[1]}` : resource;
  const pod = await podOfResource(session, named, flags.duration('pod-running-timeout') ?? 0);
  await attachTo(session, pod, {
    container: flags.string('container'),
    stdin: flags.bool('stdin'),
    tty: flags.bool('tty'),
    quiet: flags.bool('quiet'),
  });
  return 0;
}

/** Attaches the session's streams to a container of a pod that runs. */
export async function attachTo(
  session: Session,
  pod: any,
  wanted: { container: string | undefined; stdin: boolean; tty: boolean; quiet: boolean },
): Promise<void> {
  const { phase } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') {
    throw new Failure(`cannot attach a container in a completed pod; current phase is ${phase}`);
  }
  const { quiet, stdin } = wanted;
  const name = wanted.container || defaultContainer(pod, (text) => !quiet && session.err(text));
  const container = containersOf(pod).find((each) => each.name === name);
  if (container === undefined) throw new Failure(`container not found (${name})`);
  let tty = wanted.tty;
  if (tty && !container.tty) {
    tty = false;
    if (!quiet) session.err(`error: Unable to use a TTY - container ${name} did not allocate one\n`);
  } else if (!tty && container.tty) tty = true;
  tty = tty && usableTerminal(session, stdin, quiet);
  if (stdin && !quiet) session.err("If you don't see a command prompt, try pressing enter.\n");
  const query = {
    container: name,
    stdin: stdin || undefined,
    stdout: true,
    ...(tty ? { tty } : { stderr: true }),
  };
  const mapping = { group: '', version: 'v1', resource: 'pods' };
  const { namespace } = pod.metadata;
  const path = pathOf({ mapping, namespace, name: pod.metadata.name, subresource: 'attach' }, query);
  const { remoteCommand } = await import('./remote-command.ts');
  await remoteCommand(session, path, { stdin, tty });
}
