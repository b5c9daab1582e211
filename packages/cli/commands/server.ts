import { join } from 'node:path';
import type { ApiServer, ComponentCheck, UserInfo } from '@coxswain/apiserver';
import { Client, newKubeconfig, writeKubeconfig } from '@coxswain/client';
import { createEventRecorder, createInformerFactory } from '@coxswain/controller';
import { type Logger, systemClock } from '@coxswain/machinery';
import { serviceAccountKey } from '../access-set-up.ts';
import { apiserverFlags } from '../apiserver-flags.ts';
import { type RunningApiServer, startFromFlags } from '../apiserver-set-up.ts';
import { UsageError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { type Candidate, commonFlags, leaderFlags, wheneverLeading } from '../component.ts';
import {
  controllerContext,
  controllerFlags,
  controllerSettings,
  legacyTokenSigner,
  signingDuration,
} from '../controller-set-up.ts';
import type { Flags } from '../flags.ts';
import { createLogger } from '../logger.ts';
import { didYouMean } from '../nearest.ts';
import { untilAborted } from '../until-aborted.ts';

/** What `--disable` may name. */
const partNames = ['controllers', 'scheduler', 'dns'] as const;

/** There are two leases, so none can be named. */
const { 'leader-elect-resource-name': _, ...electionFlags } = leaderFlags;

export const server: Command = {
  usage: 'server --data-dir DIR',
  flags: {
    ...commonFlags,
    ...apiserverFlags,
    // Agents join a server with tokens: here they work unless told otherwise.
    'enable-bootstrap-token-auth': { ...apiserverFlags['enable-bootstrap-token-auth'], default: 'true' },
    // There is no service proxy beside a server that runs nothing but the control plane.
    'enable-aggregator-routing': { ...apiserverFlags['enable-aggregator-routing'], default: 'true' },
    ...controllerFlags,
    ...electionFlags,
    'leader-elect': {
      ...electionFlags['leader-elect'],
      default: 'false',
      help: 'Run controllers and scheduler only while holding their leases; true where servers share an etcd',
    },
    'cluster-dns': {
      type: 'string',
      help: 'Address of Service kube-dns; the tenth of the service range when absent',
    },
    disable: { type: 'strings', help: `Parts to leave out: ${partNames.join(', ')}` },
  },
  async run({ flags, signal }) {
    const disabled = disabledParts(flags);
    const logger = createLogger('server', flags.int('v') as number);
    const running = await startFromFlags(flags, { logger, signal, components: partsOfThisProcess(disabled) });
    await writeAdminKubeconfig(flags, running);
    logger.info('serving', { url: running.server.url });
    // The parts come after the first answer, so that loading them does not hold it up.
    const parts = new AbortController();
    const work = startParts(flags, running, disabled, logger, parts.signal);
    await untilAborted(AbortSignal.any([signal, work.failed]));
    parts.abort(new Error('the server stops'));
    await work.done;
    await running.close();
    return signal.aborted ? 0 : 1;
  },
};

function disabledParts(flags: Flags): ReadonlySet<string> {
  const names = flags.strings('disable');
  for (const name of names) {
    if ((partNames as readonly string[]).includes(name)) continue;
    throw new UsageError(
      `error: --disable: "${name}" is not one of ${partNames.join(', ')}${didYouMean(name, partNames)}`,
    );
  }
  return new Set(names);
}

/** They are well as long as there is a server: one that fails ends it. */
function partsOfThisProcess(disabled: ReadonlySet<string>): ReadonlyMap<string, ComponentCheck> {
  const checks = new Map<string, ComponentCheck>();
  const well = async () => ({ healthy: true, message: 'ok' });
  if (!disabled.has('controllers')) checks.set('controller-manager', well);
  if (!disabled.has('scheduler')) checks.set('scheduler', well);
  return checks;
}

async function writeAdminKubeconfig(
  flags: Flags,
  { server: api, pki, ca, servingCa }: RunningApiServer,
): Promise<void> {
  const admin = pki.leaf('admin', ca, {
    subject: { commonName: 'kubernetes-admin', organizations: ['system:masters'] },
    usages: ['client'],
  });
  const path = join(flags.string('data-dir') as string, 'admin.kubeconfig');
  const { certificate: cert, key } = admin;
  await writeKubeconfig(
    path,
    newKubeconfig({ name: 'coxswain', userName: 'admin', server: api.url, ca: servingCa, cert, key }),
  );
}

interface Parts {
  /** Aborts when a part ended by a fault. */
  readonly failed: AbortSignal;
  readonly done: Promise<unknown>;
}

function startParts(
  flags: Flags,
  running: RunningApiServer,
  disabled: ReadonlySet<string>,
  logger: Logger,
  signal: AbortSignal,
): Parts {
  const failed = new AbortController();
  const start = async (name: string, run: () => Promise<void>): Promise<void> => {
    if (disabled.has(name)) return;
    try {
      await run();
    } catch (error) {
      if (signal.aborted) return;
      logger.error('part of the server failed', {
        part: name,
        error: error instanceof Error ? error.stack : error,
      });
      failed.abort(error);
    }
  };
  const ensureRoles = async (): Promise<void> => {
    const { ensureSystemRoles } = await import('../system-roles.ts');
    const user = { name: 'system:apiserver', groups: ['system:masters', authenticated] };
    await ensureSystemRoles(new Client(running.server.loopback(user)));
  };
  const roles = start('roles', ensureRoles);
  const done = Promise.all([
    roles,
    start('controllers', () => runInProcessControllers(flags, running, logger, signal)),
    start('scheduler', () => runInProcessScheduler(flags, running.server, logger, signal)),
    // Its rights are among those roles.
    roles.then(() => start('dns', () => publishDns(flags, running.server, logger, signal))),
  ]);
  return { failed: failed.signal, done };
}

const authenticated = 'system:authenticated';

function clientOf(api: ApiServer, name: string, userAgent: string): Client {
  return new Client(api.loopback({ name, groups: [authenticated] }, userAgent));
}

function serviceAccountUser(name: string): UserInfo {
  return {
    name: `system:serviceaccount:kube-system:${name}`,
    groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', authenticated],
  };
}

async function runInProcessControllers(
  flags: Flags,
  { server: api, servingCa, pki, ca }: RunningApiServer,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { runControllers } = await import('@coxswain/controllers');
  const name = 'kube-controller-manager';
  const client = clientOf(api, `system:${name}`, name);
  const set = {
    list: flags.strings('controllers'),
    settings: {
      rootCa: servingCa,
      signLegacyToken: legacyTokenSigner(serviceAccountKey(flags, pki)),
      certificateSigning: { issuer: ca, durationMs: signingDuration(flags) },
      ...controllerSettings(flags),
    },
    clientFor: (account: string) => new Client(api.loopback(serviceAccountUser(account), name)),
  };
  await whileElected(flags, { client, name, logger, signal }, (leading) =>
    runControllers(controllerContext(client, logger), set, leading),
  );
}

async function runInProcessScheduler(
  flags: Flags,
  api: ApiServer,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { Scheduler } = await import('@coxswain/scheduler');
  const name = 'kube-scheduler';
  const client = clientOf(api, `system:${name}`, name);
  await whileElected(flags, { client, name, logger, signal }, (leading) => {
    const scheduler = new Scheduler({
      client,
      informers: createInformerFactory(client, { clock: systemClock, logger, random: Math.random }),
      recorder: createEventRecorder(client, { component: 'default-scheduler', clock: systemClock, logger }),
      clock: systemClock,
      logger,
      random: Math.random,
    });
    return scheduler.run(leading);
  });
}

/** Of servers that share an etcd one acts at a time; nobody else can write to an embedded store. */
async function whileElected(
  flags: Flags,
  candidate: Candidate,
  act: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const isShared = flags.strings('etcd-servers').length > 0;
  const elects = flags.has('leader-elect') ? flags.bool('leader-elect') : isShared;
  await (elects ? wheneverLeading(flags, candidate, act) : act(candidate.signal));
}

async function publishDns(flags: Flags, api: ApiServer, logger: Logger, signal: AbortSignal): Promise<void> {
  const { dnsPublisherUser } = await import('../system-roles.ts');
  const { startDnsPublisher } = await import('@coxswain/dns');
  const client = clientOf(api, dnsPublisherUser, 'dns-publisher');
  const informers = createInformerFactory(client, { clock: systemClock, logger, random: Math.random });
  startDnsPublisher({ client, informers, clusterDns: clusterDns(flags), signal, clock: systemClock, logger });
  informers.start(signal);
}

/** The tenth address of the service range, as kubeadm has it. */
function clusterDns(flags: Flags): string {
  const given = flags.string('cluster-dns');
  if (given !== undefined) return given;
  const [network = '', bits] = (flags.string('service-cluster-ip-range') as string)
    .split(',', 1)
    .join()
    .split('/');
  const size = 2 ** (32 - Number(bits));
  const number = network.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const address = Math.floor(number / size) * size + 10;
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
