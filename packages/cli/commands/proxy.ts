import { createInformerFactory } from '@coxswain/controller';
import { systemClock } from '@coxswain/machinery';
import type { Command } from '../command.ts';
import { clientFlags, connect } from '../component.ts';
import { kubeletFlags } from '../kubelet-flags.ts';
import { nodeNameOf } from '../kubelet-set-up.ts';
import { createLogger } from '../logger.ts';
import { proxyFlags, startProxyFromFlags } from '../proxy-set-up.ts';
import { untilAborted } from '../until-aborted.ts';

export const proxy: Command = {
  usage: 'proxy --kubeconfig FILE',
  flags: {
    ...clientFlags,
    ...proxyFlags,
    'hostname-override': kubeletFlags['hostname-override'],
    'node-ip': kubeletFlags['node-ip'],
  },
  async run({ flags, signal }) {
    const logger = createLogger('proxy', flags.int('v') as number);
    const client = connect(flags, 'cox-proxy');
    const informers = createInformerFactory(client, { clock: systemClock, logger, random: Math.random });
    const running = await startProxyFromFlags(flags, informers, logger);
    informers.start(signal);
    logger.info('proxy runs', { node: nodeNameOf(flags) });
    await untilAborted(signal);
    await running.close();
    return 0;
  },
};
