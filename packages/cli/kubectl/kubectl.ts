import type { Command } from '../command.ts';
import { dispatchCommand } from '../dispatch.ts';
import { kubectlVerbs } from './catalogue.ts';

/** All of kubectl's verbs under one command, where no command of `cox` itself takes a name from them. */
export const kubectl: Command = {
  usage: 'kubectl VERB',
  flags: {},
  run: () => Promise.reject(new Error('kubectl parses its own command line')),
  dispatch: async (argv, streams, signal) => {
    const [name] = argv;
    if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
      streams.out.write(overview());
      return 0;
    }
    return dispatchCommand('cox kubectl', kubectlVerbs, argv, streams, signal);
  },
};

function overview(): string {
  const lines = Object.entries(kubectlVerbs)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { summary }]) => `  ${name.padEnd(20)} ${summary}\n`);
  return `cox kubectl controls a Kubernetes cluster.\n\nCommands:\n${lines.join('')}\nUse "cox kubectl <command> --help" for the flags of a command.\n`;
}
