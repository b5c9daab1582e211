import { Failure } from './error-text.ts';
import type { Session } from './session.ts';
import { selectorFlags } from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';

const verb: Verb = {
  usage: 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]',
  summary: 'Print the logs for a container in a pod or specified resource.',
  flags: {
    ...selectorFlags,
    'all-containers': { type: 'bool', default: 'false', help: 'All containers of the pods' },
    'all-pods': { type: 'bool', default: 'false', help: 'All pods of the resource' },
    container: { type: 'string', shorthand: 'c', help: 'The container' },
    follow: { type: 'bool', shorthand: 'f', default: 'false', help: 'Go on with what is written' },
    'ignore-errors': { type: 'bool', default: 'false', help: 'Go on with the others when one fails' },
    'insecure-skip-tls-verify-backend': {
      type: 'bool',
      default: 'false',
      help: "Do not check the kubelet's certificate",
    },
    'limit-bytes': { type: 'int', default: '0', help: 'At most so many bytes; 0: all' },
    'max-log-requests': { type: 'int', default: '5', help: 'Logs to follow at once' },
    'pod-running-timeout': { type: 'duration', default: '20s', help: 'Longest wait for a pod' },
    prefix: { type: 'bool', default: 'false', help: 'Name pod and container before each line' },
    previous: {
      type: 'bool',
      shorthand: 'p',
      default: 'false',
      help: 'The container before the last restart',
    },
    since: { type: 'duration', default: '0s', help: 'Lines that are not older' },
    'since-time': { type: 'string', help: 'Lines after this time (RFC 3339)' },
    tail: { type: 'int', default: '-1', help: 'The last lines alone; -1: all, 10 with a selector' },
    timestamps: { type: 'bool', default: 'false', help: 'The time before each line' },
  },
  run,
};

export const logs = kubectlCommand('logs', verb);

async function run(session: Session): Promise<number> {
  const { flags, args } = session;
  const selector = flags.string('selector') ?? '';
  if (args.length === 0 && selector === '') {
    throw session.usage(
      "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command",
    );
  }
  if (args.length > 2) {
    throw session.usage(
      "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command",
    );
  }
  if (args.length > 0 && selector !== '')
    throw session.usage('only a selector (-l) or a POD name is allowed');
  if (args.length === 2 && flags.has('container')) {
    throw session.usage('only one of -c or an inline [CONTAINER] arg is allowed');
  }
  const since = flags.duration('since') ?? 0;
  if (since > 0 && flags.string('since-time')) {
    throw new Failure('at most one of `sinceTime` or `sinceSeconds` may be specified');
  }
  if (since < 0) throw new Failure('--since must be greater than 0');
  const tail = flags.int('tail') ?? -1;
  if (tail < -1) throw new Failure('--tail must be greater than or equal to -1');
  if (flags.bool('all-containers') && (flags.has('container') || args.length === 2)) {
    throw new Failure(
      `--all-containers=true should not be specified with container name ${flags.string('container') ?? args[1]}`,
    );
  }
  const { printLogs } = await import('./print-logs.ts');
  return printLogs(session, {
    resource: args[0],
    container: flags.string('container') || args[1],
    query: {
      follow: flags.bool('follow') || undefined,
      previous: flags.bool('previous') || undefined,
      timestamps: flags.bool('timestamps') || undefined,
      sinceSeconds: since > 0 ? Math.ceil(since / 1_000) : undefined,
      sinceTime: flags.string('since-time'),
      tailLines: tail >= 0 ? tail : selector !== '' && !flags.has('tail') ? 10 : undefined,
      limitBytes: (flags.int('limit-bytes') ?? 0) > 0 ? flags.int('limit-bytes') : undefined,
      insecureSkipTLSVerifyBackend: flags.bool('insecure-skip-tls-verify-backend') || undefined,
    },
  });
}
