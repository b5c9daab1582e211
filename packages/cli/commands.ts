import type { Command } from './command.ts';

interface Entry {
  readonly group: string;
  readonly summary: string;
  /** Loads the command's code; nothing of it is loaded before. */
  readonly load: () => Promise<Command>;
}

const local = 'A local cluster';
const parts = 'Components';
const basic = 'Work with a cluster (as kubectl)';

/** Every command of `cox`. */
export const commands: Readonly<Record<string, Entry>> = {
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
  get: {
    group: basic,
    summary: 'Display one or many resources',
    load: async () => (await import('./kubectl/get.ts')).get,
  },
  create: {
    group: basic,
    summary: 'Create a resource from a file or from flags',
    load: async () => (await import('./kubectl/create.ts')).create,
  },
  apply: {
    group: basic,
    summary: 'Bring resources to what a file says',
    load: async () => (await import('./kubectl/apply.ts')).apply,
  },
  delete: {
    group: basic,
    summary: 'Delete resources by file, name or selector',
    load: async () => (await import('./kubectl/delete.ts')).deleteCommand,
  },
  scale: {
    group: basic,
    summary: 'Set a new size for a deployment, replica set or stateful set',
    load: async () => (await import('./kubectl/scale.ts')).scale,
  },
  describe: {
    group: basic,
    summary: 'Show details of resources, with their events',
    load: async () => (await import('./kubectl/describe.ts')).describe,
  },
  rollout: {
    group: basic,
    summary: 'Follow, undo, pause, resume or restart a rollout',
    load: async () => (await import('./kubectl/rollout.ts')).rollout,
  },
  logs: {
    group: basic,
    summary: 'Print the logs of containers',
    load: async () => (await import('./kubectl/logs.ts')).logs,
  },
  exec: {
    group: basic,
    summary: 'Execute a command in a container',
    load: async () => (await import('./kubectl/exec.ts')).exec,
  },
  attach: {
    group: basic,
    summary: 'Attach to a running container',
    load: async () => (await import('./kubectl/attach.ts')).attach,
  },
  'port-forward': {
    group: basic,
    summary: 'Forward local ports to a pod',
    load: async () => (await import('./kubectl/port-forward.ts')).portForward,
  },
  label: {
    group: basic,
    summary: 'Set and remove labels',
    load: async () => (await import('./kubectl/label.ts')).label,
  },
  annotate: {
    group: basic,
    summary: 'Set and remove annotations',
    load: async () => (await import('./kubectl/annotate.ts')).annotate,
  },
  patch: {
    group: basic,
    summary: 'Change fields of a resource',
    load: async () => (await import('./kubectl/patch.ts')).patch,
  },
  replace: {
    group: basic,
    summary: 'Replace a resource by a file',
    load: async () => (await import('./kubectl/replace.ts')).replace,
  },
  set: {
    group: basic,
    summary: 'Set images, variables and more of pod templates',
    load: async () => (await import('./kubectl/set.ts')).set,
  },
  run: {
    group: basic,
    summary: 'Run an image in a pod',
    load: async () => (await import('./kubectl/run.ts')).run,
  },
  expose: {
    group: basic,
    summary: 'Make a service for a resource',
    load: async () => (await import('./kubectl/expose.ts')).expose,
  },
  wait: {
    group: basic,
    summary: 'Wait for a condition of resources',
    load: async () => (await import('./kubectl/wait.ts')).wait,
  },
  cordon: {
    group: basic,
    summary: 'Close a node to new pods',
    load: async () => (await import('./kubectl/cordon.ts')).cordon,
  },
  uncordon: {
    group: basic,
    summary: 'Open a node to pods again',
    load: async () => (await import('./kubectl/cordon.ts')).uncordon,
  },
  drain: {
    group: basic,
    summary: 'Move the pods off a node',
    load: async () => (await import('./kubectl/drain.ts')).drain,
  },
  taint: {
    group: basic,
    summary: 'Set and remove taints of nodes',
    load: async () => (await import('./kubectl/taint.ts')).taint,
  },
  auth: {
    group: basic,
    summary: 'Ask what is allowed, and who one is',
    load: async () => (await import('./kubectl/auth.ts')).auth,
  },
  'api-resources': {
    group: basic,
    summary: 'Print the resources of the server',
    load: async () => (await import('./kubectl/cluster-verbs.ts')).apiResources,
  },
  'api-versions': {
    group: basic,
    summary: 'Print the API versions of the server',
    load: async () => (await import('./kubectl/cluster-verbs.ts')).apiVersions,
  },
  'cluster-info': {
    group: basic,
    summary: 'Print addresses of the control plane',
    load: async () => (await import('./kubectl/cluster-verbs.ts')).clusterInfo,
  },
  version: {
    group: basic,
    summary: 'Print the versions of client and server',
    load: async () => (await import('./kubectl/cluster-verbs.ts')).version,
  },
  config: {
    group: basic,
    summary: 'Show and change kubeconfig files',
    load: async () => (await import('./kubectl/config.ts')).config,
  },
  cp: {
    group: basic,
    summary: 'Copy files to and from containers',
    load: async () => (await import('./kubectl/cp.ts')).cp,
  },
  edit: {
    group: basic,
    summary: 'Edit a resource in an editor',
    load: async () => (await import('./kubectl/edit.ts')).edit,
  },
  events: {
    group: basic,
    summary: 'Show events',
    load: async () => (await import('./kubectl/events.ts')).events,
  },
  explain: {
    group: basic,
    summary: 'Explain the fields of a resource',
    load: async () => (await import('./kubectl/explain.ts')).explain,
  },
  autoscale: {
    group: basic,
    summary: 'Make an autoscaler for a workload',
    load: async () => (await import('./kubectl/autoscale.ts')).autoscale,
  },
};

export function commandNames(): string[] {
  return Object.keys(commands);
}
