import { runControllers } from '@coxswain/controllers';
import type { Command } from '../command.ts';
import { clientFlags, connect, leaderFlags, whileLeading } from '../component.ts';
import { controllerContext, controllerFlags, controllerSettings } from '../controller-set-up.ts';
import { fileOf } from '../flag-files.ts';
import { createLogger } from '../logger.ts';

export const controllerManager: Command = {
  usage: 'controller-manager --kubeconfig FILE',
  flags: {
    ...clientFlags,
    ...leaderFlags,
    ...controllerFlags,
    'root-ca-file': { type: 'string', help: "The CA of the API server's certificate, for every namespace" },
  },
  async run({ flags, signal }) {
    const logger = createLogger('controller-manager', flags.int('v') as number);
    const client = connect(flags, 'cox-controller-manager');
    const rootCa = fileOf(flags, 'root-ca-file');
    const settings = {
      ...controllerSettings(flags),
      ...(rootCa === undefined ? {} : { rootCa }),
    };
    const candidate = { client, name: 'kube-controller-manager', logger, signal };
    return await whileLeading(flags, candidate, (leading) =>
      runControllers(
        controllerContext(client, logger),
        { list: flags.strings('controllers'), settings },
        leading,
      ),
    );
  },
};
