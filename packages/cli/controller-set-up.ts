import type { Client } from '@coxswain/client';
import { createEventRecorder, createInformerFactory, createWorkQueue } from '@coxswain/controller';
import type { ControllerContext, ControllerSettings } from '@coxswain/controllers';
import { type Logger, systemClock } from '@coxswain/machinery';
import { JwtSigner, loadIssuer, signLegacyToken } from '@coxswain/pki';
import { fileOf, pairFromFiles } from './flag-files.ts';
import type { FlagSpecs, Flags } from './flags.ts';

/** Flags that say which controllers run and how; upstream's names. */
export const controllerFlags = {
  controllers: {
    type: 'strings',
    default: '*',
    help: "Controllers to run: '*' all, 'foo' foo, '-foo' not foo",
  },
  'allocate-node-cidrs': { type: 'bool', default: 'false', help: 'Give every node a range of pod addresses' },
  'cluster-cidr': { type: 'string', help: 'Range of all pod addresses' },
  'node-cidr-mask-size': { type: 'int', default: '24', help: "Prefix length of a node's range" },
  'node-monitor-period': { type: 'duration', default: '5s', help: 'Time between looks at the nodes' },
  'node-monitor-grace-period': {
    type: 'duration',
    default: '50s',
    help: 'A silent node is unhealthy after this',
  },
  'cluster-signing-cert-file': {
    type: 'string',
    help: 'The CA that signs certificates on request; with cox server its own when absent',
  },
  'cluster-signing-key-file': { type: 'string', help: 'Its key' },
  'cluster-signing-duration': {
    type: 'duration',
    default: '8760h0m0s',
    help: 'The longest life of certificates it signs',
  },
  'service-account-private-key-file': {
    type: 'string',
    help: "Key that signs tokens in Secrets; with cox server the API server's when absent",
  },
  'node-startup-grace-period': { type: 'duration', default: '1m0s', help: 'The same for a node that starts' },
} as const satisfies FlagSpecs;

export function controllerSettings(flags: Flags): ControllerSettings {
  const clusterCidr = flags.string('cluster-cidr');
  return {
    ...(flags.bool('allocate-node-cidrs') && clusterCidr !== undefined ? { clusterCidr } : {}),
    ...signingSettings(flags),
    nodeCidrMaskSize: flags.int('node-cidr-mask-size') as number,
    nodeLifecycleTimes: {
      monitorPeriodMs: flags.duration('node-monitor-period') as number,
      monitorGracePeriodMs: flags.duration('node-monitor-grace-period') as number,
      startupGracePeriodMs: flags.duration('node-startup-grace-period') as number,
    },
  };
}

function signingSettings(flags: Flags): Pick<ControllerSettings, 'certificateSigning' | 'signLegacyToken'> {
  const pair = pairFromFiles(flags, 'cluster-signing-cert-file', 'cluster-signing-key-file');
  const tokenKey = fileOf(flags, 'service-account-private-key-file');
  return {
    ...(pair === undefined
      ? {}
      : {
          certificateSigning: {
            issuer: loadIssuer({ certificate: pair.cert, key: pair.key }),
            durationMs: signingDuration(flags),
          },
        }),
    ...(tokenKey === undefined ? {} : { signLegacyToken: legacyTokenSigner(tokenKey) }),
  };
}

/** The longest life of a certificate that the controllers sign, ms. */
export function signingDuration(flags: Flags): number {
  return flags.duration('cluster-signing-duration') as number;
}

/** Signs tokens of Secrets with this key, PEM. */
export function legacyTokenSigner(key: string): NonNullable<ControllerSettings['signLegacyToken']> {
  const signer = new JwtSigner(key);
  return (subject) => signLegacyToken(signer, subject);
}

export function controllerContext(client: Client, logger: Logger): ControllerContext {
  return {
    client,
    informers: createInformerFactory(client, { clock: systemClock, logger, random: Math.random }),
    clock: systemClock,
    logger,
    random: Math.random,
    queue: (name) => createWorkQueue({ name, clock: systemClock, logger }),
    recorder: (component) => createEventRecorder(client, { component, clock: systemClock, logger }),
  };
}
