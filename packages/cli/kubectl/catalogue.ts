import type { KubectlCommand } from './verb.ts';

/** A verb of kubectl. */
export interface VerbEntry {
  readonly summary: string;
  /** Loads the verb's code; nothing of it is loaded before. */
  readonly load: () => Promise<KubectlCommand>;
}

/** Every verb of kubectl, by its name. */
export const kubectlVerbs: Readonly<Record<string, VerbEntry>> = {
  get: {
    summary: 'Display one or many resources',
    load: async () => (await import('./get.ts')).get,
  },
  create: {
    summary: 'Create a resource from a file or from flags',
    load: async () => (await import('./create.ts')).create,
  },
  apply: {
    summary: 'Bring resources to what a file says',
    load: async () => (await import('./apply.ts')).apply,
  },
  delete: {
    summary: 'Delete resources by file, name or selector',
    load: async () => (await import('./delete.ts')).deleteCommand,
  },
  diff: {
    summary: 'Show what an apply would change',
    load: async () => (await import('./diff.ts')).diff,
  },
  scale: {
    summary: 'Set a new size for a deployment, replica set or stateful set',
    load: async () => (await import('./scale.ts')).scale,
  },
  describe: {
    summary: 'Show details of resources, with their events',
    load: async () => (await import('./describe.ts')).describe,
  },
  rollout: {
    summary: 'Follow, undo, pause, resume or restart a rollout',
    load: async () => (await import('./rollout.ts')).rollout,
  },
  logs: {
    summary: 'Print the logs of containers',
    load: async () => (await import('./logs.ts')).logs,
  },
  exec: {
    summary: 'Execute a command in a container',
    load: async () => (await import('./exec.ts')).exec,
  },
  attach: {
    summary: 'Attach to a running container',
    load: async () => (await import('./attach.ts')).attach,
  },
  'port-forward': {
    summary: 'Forward local ports to a pod',
    load: async () => (await import('./port-forward.ts')).portForward,
  },
  label: {
    summary: 'Set and remove labels',
    load: async () => (await import('./label.ts')).label,
  },
  annotate: {
    summary: 'Set and remove annotations',
    load: async () => (await import('./annotate.ts')).annotate,
  },
  patch: {
    summary: 'Change fields of a resource',
    load: async () => (await import('./patch.ts')).patch,
  },
  replace: {
    summary: 'Replace a resource by a file',
    load: async () => (await import('./replace.ts')).replace,
  },
  set: {
    summary: 'Set images, variables and more of pod templates',
    load: async () => (await import('./set.ts')).set,
  },
  run: {
    summary: 'Run an image in a pod',
    load: async () => (await import('./run.ts')).run,
  },
  expose: {
    summary: 'Make a service for a resource',
    load: async () => (await import('./expose.ts')).expose,
  },
  wait: {
    summary: 'Wait for a condition of resources',
    load: async () => (await import('./wait.ts')).wait,
  },
  cordon: {
    summary: 'Close a node to new pods',
    load: async () => (await import('./cordon.ts')).cordon,
  },
  uncordon: {
    summary: 'Open a node to pods again',
    load: async () => (await import('./cordon.ts')).uncordon,
  },
  drain: {
    summary: 'Move the pods off a node',
    load: async () => (await import('./drain.ts')).drain,
  },
  taint: {
    summary: 'Set and remove taints of nodes',
    load: async () => (await import('./taint.ts')).taint,
  },
  auth: {
    summary: 'Ask what is allowed, and who one is',
    load: async () => (await import('./auth.ts')).auth,
  },
  'api-resources': {
    summary: 'Print the resources of the server',
    load: async () => (await import('./cluster-verbs.ts')).apiResources,
  },
  'api-versions': {
    summary: 'Print the API versions of the server',
    load: async () => (await import('./cluster-verbs.ts')).apiVersions,
  },
  'cluster-info': {
    summary: 'Print addresses of the control plane',
    load: async () => (await import('./cluster-verbs.ts')).clusterInfo,
  },
  version: {
    summary: 'Print the versions of client and server',
    load: async () => (await import('./cluster-verbs.ts')).version,
  },
  config: {
    summary: 'Show and change kubeconfig files',
    load: async () => (await import('./config/config.ts')).config,
  },
  cp: {
    summary: 'Copy files to and from containers',
    load: async () => (await import('./cp.ts')).cp,
  },
  edit: {
    summary: 'Edit a resource in an editor',
    load: async () => (await import('./edit/edit.ts')).edit,
  },
  events: {
    summary: 'Show events',
    load: async () => (await import('./events.ts')).events,
  },
  explain: {
    summary: 'Explain the fields of a resource',
    load: async () => (await import('./explain.ts')).explain,
  },
  autoscale: {
    summary: 'Make an autoscaler for a workload',
    load: async () => (await import('./autoscale.ts')).autoscale,
  },
  certificate: {
    summary: 'Approve or deny certificate signing requests',
    load: async () => (await import('./certificate.ts')).certificate,
  },
  plugin: {
    summary: 'List plugins on the PATH',
    load: async () => (await import('./plugin/plugin.ts')).plugin,
  },
  kustomize: {
    summary: 'Print the objects of a kustomization',
    load: async () => (await import('./kustomize/kustomize.ts')).kustomize,
  },
  proxy: {
    summary: 'Serve the API without credentials to this machine',
    load: async () => (await import('./proxy/proxy.ts')).proxy,
  },
  top: {
    summary: 'Show what nodes and pods use, where metrics are served',
    load: async () => (await import('./top/top.ts')).top,
  },
  debug: {
    summary: 'Debug pods and nodes with containers of their own',
    load: async () => (await import('./debug/debug.ts')).debug,
  },
  completion: {
    summary: 'Print what a shell completes command lines with',
    load: async () => (await import('./completion/completion.ts')).completion,
  },
  options: {
    summary: 'List the flags that every verb takes',
    load: async () => (await import('./options.ts')).options,
  },
};
