import { clusterDown } from '@coxswain/cluster';
import type { Command } from '../command.ts';
import { clusterDir, localFlags } from '../local-cluster.ts';
import { terminalProgress } from '../terminal-progress.ts';

export const down: Command = {
  usage: 'down',
  flags: localFlags,
  async run({ flags, streams }) {
    const dir = clusterDir(flags);
    const there = await clusterDown({ dir, progress: terminalProgress(streams) });
    streams.out.write(there ? 'The cluster is down.\n' : `There is no cluster in ${dir}.\n`);
    return 0;
  },
};
