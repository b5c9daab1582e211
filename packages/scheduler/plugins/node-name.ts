import { type Plugin, refuse } from '../framework.ts';

/** Keeps a pod that names its node to that node. */
export const nodeName: Plugin = {
  name: 'NodeName',
  filter(cycle, node) {
    const wanted = cycle.pod['spec'].nodeName;
    if (!wanted || wanted === node.name) return undefined;
    return refuse('NodeName', "node(s) didn't match the requested node name", false);
  },
  wakes: ['node-add'],
};
