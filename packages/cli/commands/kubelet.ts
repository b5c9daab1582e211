import type { Command } from '../command.ts';
import { clientFlags, connect } from '../component.ts';
import { kubeletFlags } from '../kubelet-flags.ts';
import { nodeNameOf, startKubeletFromFlags } from '../kubelet-set-up.ts';
import { createLogger } from '../logger.ts';
import { untilAborted } from '../until-aborted.ts';

export const kubelet: Command = {
  usage: 'kubelet --kubeconfig FILE',
  flags: { ...clientFlags, ...kubeletFlags },
  async run({ flags, signal }) {
    const logger = createLogger('kubelet', flags.int('v') as number);
    const running = await startKubeletFromFlags(flags, connect(flags, 'cox-kubelet'), logger);
    logger.info('node runs', { node: nodeNameOf(flags) });
    await untilAborted(signal);
    await running.close();
    return 0;
  },
};
