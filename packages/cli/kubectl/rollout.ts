import { kubectlCommand, type Verb } from './verb.ts';

const verb: Verb = {
  usage: 'rollout SUBCOMMAND',
  summary:
    'Manage the rollout of one or many resources.\n\nValid resource types include:\n\n  *  deployments\n  *  daemonsets\n  *  statefulsets',
  subcommands: {
    history: async () => (await import('./rollout/history.ts')).history,
    pause: async () => (await import('./rollout/patching.ts')).pause,
    restart: async () => (await import('./rollout/patching.ts')).restart,
    resume: async () => (await import('./rollout/patching.ts')).resume,
    status: async () => (await import('./rollout/status.ts')).status,
    undo: async () => (await import('./rollout/undo.ts')).undo,
  },
};

export const rollout = kubectlCommand('rollout', verb);
