import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Client, HttpTransport, inClusterConfig, loadKubeconfig } from '@coxswain/client';
import { LeaderElector } from '@coxswain/controller';
import { type Logger, systemClock } from '@coxswain/machinery';
import { CliError } from './cli-error.ts';
import type { FlagSpecs, Flags } from './flags.ts';

/** Flags of every component. */
export const commonFlags = {
  version: { type: 'bool', default: 'false', help: 'Print the version and end' },
  v: { type: 'int', shorthand: 'v', default: '2', help: 'How much to log: 2 what happens, 4 and more why' },
} as const satisfies FlagSpecs;

/** Flags of every component that is a client of an API server. */
export const clientFlags = {
  ...commonFlags,
  kubeconfig: { type: 'string', help: 'Kubeconfig that says where the API server is and who this is' },
  master: { type: 'string', help: 'Address of the API server; overrides the kubeconfig' },
} as const satisfies FlagSpecs;

/** Flags of components of which one at a time may act. */
export const leaderFlags = {
  'leader-elect': { type: 'bool', default: 'true', help: 'Act only while holding the lease' },
  'leader-elect-lease-duration': { type: 'duration', default: '15s', help: 'Others take over after so long' },
  'leader-elect-renew-deadline': {
    type: 'duration',
    default: '10s',
    help: 'Stop acting when not renewed for so long',
  },
  'leader-elect-retry-period': { type: 'duration', default: '2s', help: 'Time between tries' },
  'leader-elect-resource-name': { type: 'string', help: 'Name of the lease' },
  'leader-elect-resource-namespace': {
    type: 'string',
    default: 'kube-system',
    help: 'Namespace of the lease',
  },
} as const satisfies FlagSpecs;

/** A client for the API server that the flags name, or that of the cluster this runs in. */
export function connect(flags: Flags, userAgent: string): Client {
  const path = flags.string('kubeconfig');
  const server = flags.string('master');
  const resolved =
    path === undefined ? inClusterConfig() : loadKubeconfig(path, server === undefined ? {} : { server });
  if (!resolved) throw new CliError('error: --kubeconfig is missing: it says where the API server is', 2);
  return new Client(new HttpTransport({ ...resolved, userAgent }));
}

/** Who wants to lead. */
export interface Candidate {
  readonly client: Client;
  /** Of the lease. */
  readonly name: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Runs `act` while this process leads; ends the process's work when it no longer does. */
export async function whileLeading(
  flags: Flags,
  candidate: Candidate,
  act: (signal: AbortSignal) => Promise<void>,
): Promise<number> {
  const { signal } = candidate;
  if (!flags.bool('leader-elect')) {
    await act(signal);
    return 0;
  }
  const name = flags.string('leader-elect-resource-name') ?? candidate.name;
  await leadOnce(flags, { ...candidate, name }, act);
  if (signal.aborted) return 0;
  throw new CliError(`error: lost the lease ${name}; another ${name} leads now`);
}

/** Runs `act` whenever this process leads, until the signal aborts. */
export async function wheneverLeading(
  flags: Flags,
  candidate: Candidate,
  act: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { name, logger, signal } = candidate;
  while (!signal.aborted) {
    await leadOnce(flags, candidate, act);
    if (!signal.aborted) logger.warn('lost the lease, and wants it again', { lease: name });
  }
}

/** Resolves when this process has led and leads no more, or the signal aborts. */
async function leadOnce(
  flags: Flags,
  { client, name, logger, signal }: Candidate,
  act: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  let failure: unknown;
  const elector = new LeaderElector({
    client,
    namespace: flags.string('leader-elect-resource-namespace') as string,
    name,
    identity: `${hostname()}_${randomUUID()}`,
    clock: systemClock,
    logger,
    leaseDurationMs: flags.duration('leader-elect-lease-duration') as number,
    renewDeadlineMs: flags.duration('leader-elect-renew-deadline') as number,
    retryPeriodMs: flags.duration('leader-elect-retry-period') as number,
    releaseOnCancel: true,
    random: Math.random,
    onStartedLeading: async (leading) => {
      try {
        await act(leading);
      } catch (error) {
        failure = error;
      }
    },
  });
  await elector.run(signal);
  if (failure !== undefined) throw failure;
}
