import { kubectlCommand } from '../verb.ts';
import { completionScripts } from './scripts.ts';

export const completion = kubectlCommand('completion', {
  usage: 'completion SHELL',
  summary: 'Output shell completion code for the specified shell (bash, zsh, fish).',
  run: async (session) => {
    const [shell, ...more] = session.args;
    if (shell === undefined) throw session.usage('Shell not specified.');
    if (more.length > 0) throw session.usage('Too many arguments. Expected only the shell type.');
    const script = Object.hasOwn(completionScripts, shell) ? completionScripts[shell] : undefined;
    if (script === undefined) throw session.usage(`Unsupported shell type "${shell}".`);
    session.out(script);
    return 0;
  },
});
