import type { Command } from './command.ts';
import { kubectlVerbs } from './kubectl/catalogue.ts';

interface Entry {
  readonly group: string;
  readonly summary: string;
  /** Loads the command's code; nothing of it is loaded before. */
  readonly load: () => Promise<Command>;
}

const local = 'A local cluster';
const parts = 'Components';
const basic = 'Work with a cluster (as kubectl)';

const own: Readonly<Record<string, Entry>> = {
  up: {
    group: local,
    summary: 'Start a cluster on this machine, or mend it',
    load: async () => (await import('./commands/up.ts')).up,
  },
  down: {
    group: local,
    summary: 'Take the cluster down and leave nothing behind',
    load: async () => (await import('./commands/down.ts')).down,
  },
  status: {
    group: local,
    summary: 'Show what of the cluster runs',
    load: async () => (await import('./commands/status.ts')).status,
  },
  kubeconfig: {
    group: local,
    summary: "Print the administrator's kubeconfig",
    load: async () => (await import('./commands/kubeconfig.ts')).kubeconfig,
  },
  image: {
    group: local,
    summary: 'Bring images into the nodes',
    load: async () => (await import('./commands/image.ts')).image,
  },
  token: {
    group: parts,
    summary: 'Make, list and delete tokens that nodes join with',
    load: async () => (await import('./commands/token.ts')).token,
  },
  snapshot: {
    group: parts,
    summary: "Save a server's state to a file while it runs, check the file, restore it",
    load: async () => (await import('./commands/snapshot.ts')).snapshot,
  },
  server: {
    group: parts,
    summary: 'Run API server, controllers and scheduler in one process',
    load: async () => (await import('./commands/server.ts')).server,
  },
  agent: {
    group: parts,
    summary: 'Run kubelet, proxy and node DNS in one process',
    load: async () => (await import('./commands/agent.ts')).agent,
  },
  apiserver: {
    group: parts,
    summary: 'Run the API server alone',
    load: async () => (await import('./commands/apiserver.ts')).apiserver,
  },
  'controller-manager': {
    group: parts,
    summary: 'Run the controllers alone',
    load: async () => (await import('./commands/controller-manager.ts')).controllerManager,
  },
  scheduler: {
    group: parts,
    summary: 'Run the scheduler alone',
    load: async () => (await import('./commands/scheduler.ts')).scheduler,
  },
  simulate: {
    group: parts,
    summary: 'Run simulated nodes, many in one process',
    load: async () => (await import('./commands/simulate.ts')).simulate,
  },
  kubelet: {
    group: parts,
    summary: 'Run the kubelet alone',
    load: async () => (await import('./commands/kubelet.ts')).kubelet,
  },
  proxy: {
    group: parts,
    summary: 'Run the service proxy alone',
    load: async () => (await import('./commands/proxy.ts')).proxy,
  },
  kubectl: {
    group: basic,
    summary: 'Run a verb of kubectl, also one whose name means something else here (proxy)',
    load: async () => (await import('./kubectl/kubectl.ts')).kubectl,
  },
};

/** Commands for programs: no list of commands shows them. */
export const hiddenCommands = {
  __complete: {
    load: async () => (await import('./kubectl/completion/complete.ts')).completeCommand(() => commands),
  },
};

/** Every command of `cox`; of kubectl's verbs those whose names are not taken by commands of its own. */
export const commands: Readonly<Record<string, Entry>> = {
  ...Object.fromEntries(
    Object.entries(kubectlVerbs).map(([name, verb]) => [name, { group: basic, ...verb }]),
  ),
  ...own,
};
