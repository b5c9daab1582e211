import { createEventRecorder, createInformerFactory } from '@coxswain/controller';
import { systemClock } from '@coxswain/machinery';
import { Scheduler } from '@coxswain/scheduler';
import type { Command } from '../command.ts';
import { clientFlags, connect, leaderFlags, whileLeading } from '../component.ts';
import { createLogger } from '../logger.ts';

export const scheduler: Command = {
  usage: 'scheduler --kubeconfig FILE',
  flags: {
    ...clientFlags,
    ...leaderFlags,
    'scheduler-name': {
      type: 'string',
      default: 'default-scheduler',
      help: 'Place the pods whose spec.schedulerName is this',
    },
  },
  async run({ flags, signal }) {
    const logger = createLogger('scheduler', flags.int('v') as number);
    const client = connect(flags, 'cox-scheduler');
    const schedulerName = flags.string('scheduler-name') as string;
    const lease = schedulerName === 'default-scheduler' ? 'kube-scheduler' : schedulerName;
    return await whileLeading(flags, { client, name: lease, logger, signal }, async (leading) => {
      const informers = createInformerFactory(client, { clock: systemClock, logger, random: Math.random });
      const recorder = createEventRecorder(client, { component: schedulerName, clock: systemClock, logger });
      const work = new Scheduler({
        client,
        informers,
        recorder,
        clock: systemClock,
        logger,
        schedulerName,
        random: Math.random,
      });
      await work.run(leading);
    });
  },
};
