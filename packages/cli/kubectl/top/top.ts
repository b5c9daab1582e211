import { kubectlCommand } from '../verb.ts';

const node = async () => (await import('./top-node.ts')).topNode;
const pod = async () => (await import('./top-pod.ts')).topPod;

export const top = kubectlCommand('top', {
  usage: 'top',
  summary: 'Display resource (CPU/memory) usage.',
  subcommands: { node, nodes: node, no: node, pod, pods: pod, po: pod },
});
