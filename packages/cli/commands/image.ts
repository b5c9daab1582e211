import { imageLoad } from '@coxswain/cluster';
import { UsageError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { clusterDir, localFlags } from '../local-cluster.ts';

export const image: Command = {
  usage: 'image load FILE...',
  flags: localFlags,
  takesArguments: true,
  async run({ flags, streams }) {
    const [verb, ...files] = flags.args;
    if (verb !== 'load' || files.length === 0) throw new UsageError('error: usage: cox image load FILE...');
    for (const file of files) {
      const names = await imageLoad(clusterDir(flags), file);
      for (const name of names) streams.out.write(`${name} loaded\n`);
    }
    return 0;
  },
};
