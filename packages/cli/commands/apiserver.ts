import { apiserverFlags } from '../apiserver-flags.ts';
import { startFromFlags } from '../apiserver-set-up.ts';
import type { Command } from '../command.ts';
import { commonFlags } from '../component.ts';
import { createLogger } from '../logger.ts';
import { untilAborted } from '../until-aborted.ts';

export const apiserver: Command = {
  usage: 'apiserver --data-dir DIR',
  flags: { ...commonFlags, ...apiserverFlags },
  async run({ flags, signal }) {
    const logger = createLogger('apiserver', flags.int('v') as number);
    const running = await startFromFlags(flags, { logger, signal });
    logger.info('serving', { url: running.server.url });
    await untilAborted(signal);
    await running.close();
    return 0;
  },
};
