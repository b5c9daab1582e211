import type { Client } from '@coxswain/client';
import { createEventRecorder, createInformerFactory, createWorkQueue } from '@coxswain/controller';
import type { ControllerContext, ControllerSettings } from '@coxswain/controllers';
import { type Logger, systemClock } from '@coxswain/machinery';
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
  'node-startup-grace-period': { type: 'duration', default: '1m0s', help: 'The same for a node that starts' },
} as const satisfies FlagSpecs;

export function controllerSettings(flags: Flags): ControllerSettings {
  const clusterCidr = flags.string('cluster-cidr');
  return {
    ...(flags.bool('allocate-node-cidrs') && clusterCidr !== undefined ? { clusterCidr } : {}),
    nodeCidrMaskSize: flags.int('node-cidr-mask-size') as number,
    nodeLifecycleTimes: {
      monitorPeriodMs: flags.duration('node-monitor-period') as number,
      monitorGracePeriodMs: flags.duration('node-monitor-grace-period') as number,
      startupGracePeriodMs: flags.duration('node-startup-grace-period') as number,
    },
  };
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
