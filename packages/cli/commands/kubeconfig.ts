import { readFileSync } from 'node:fs';
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { adminKubeconfigPath, clusterDir, localFlags } from '../local-cluster.ts';

export const kubeconfig: Command = {
  usage: 'kubeconfig',
  flags: { ...localFlags, path: { type: 'bool', help: 'Print the path of the file instead' } },
  async run({ flags, streams }) {
    const path = adminKubeconfigPath(clusterDir(flags));
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (cause) {
      throw new CliError(`error: there is no kubeconfig at "${path}"; start a cluster with "cox up"`, 1, {
        cause,
      });
    }
    streams.out.write(flags.bool('path') ? `${path}\n` : text);
    return 0;
  },
};
