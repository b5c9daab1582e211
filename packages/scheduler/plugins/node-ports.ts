import { type Plugin, refuse } from '../framework.ts';
import type { HostPort } from '../node-info.ts';

const anyAddress = '0.0.0.0';

function collide(a: HostPort, b: HostPort): boolean {
  return (
    a.port === b.port &&
    a.protocol === b.protocol &&
    (a.ip === b.ip || a.ip === anyAddress || b.ip === anyAddress)
  );
}

/** Keeps two pods from wanting one host port. */
export const nodePorts: Plugin = {
  name: 'NodePorts',
  preFilter: (cycle) => (cycle.info.hostPorts.length === 0 ? { skip: true } : {}),
  filter(cycle, node) {
    for (const other of node.pods.values()) {
      for (const taken of other.hostPorts) {
        if (cycle.info.hostPorts.some((wanted) => collide(wanted, taken))) {
          return refuse('NodePorts', "node(s) didn't have free ports for the requested pod ports");
        }
      }
    }
    return undefined;
  },
  wakes: ['node-add', 'pod-delete', 'pod-update'],
};
