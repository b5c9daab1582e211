import { helpText } from '../command.ts';
import { globalFlags } from './global-flags.ts';
import { kubectlCommand } from './verb.ts';

export const options = kubectlCommand('options', {
  usage: 'options',
  summary: 'Print the list of flags inherited by all commands.',
  run: async (session) => {
    const text = helpText('', globalFlags);
    session.out(text.replace(/^[\s\S]*?Flags:\n/, 'The following options can be passed to any command:\n\n'));
    return 0;
  },
});
