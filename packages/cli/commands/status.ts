import { clusterStatus, type ProgramStatus } from '@coxswain/cluster';
import type { Command } from '../command.ts';
import { adminKubeconfigPath, clusterDir, localFlags } from '../local-cluster.ts';

/** Exit code 0: everything runs; 3: something does not, or there is no cluster (as LSB's status actions). */
export const status: Command = {
  usage: 'status',
  flags: localFlags,
  async run({ flags, streams }) {
    const dir = clusterDir(flags);
    const found = await clusterStatus(dir);
    if (!found) {
      streams.out.write(`There is no cluster in ${dir}.\n`);
      return 3;
    }
    const rows = [['PART', 'KIND', 'ADDRESS', 'STATE']];
    const { plan, server, nodes } = found;
    rows.push(['server', 'control plane', `${plan.gateway}:${plan.serverPort}`, text(server)]);
    for (const node of nodes) {
      const runtime = node.containerd && !node.containerd.running ? ', containerd stopped' : '';
      rows.push([node.name, `${node.kind} node`, node.address, `${text(node.agent)}${runtime}`]);
    }
    const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => (row[i] as string).length))) ?? [];
    for (const row of rows) {
      streams.out.write(
        `${row
          .map((cell, i) => cell.padEnd((widths[i] as number) + 3))
          .join('')
          .trimEnd()}\n`,
      );
    }
    streams.out.write(`\nkubeconfig: ${adminKubeconfigPath(dir)}\n`);
    const whole = server.running && nodes.every((n) => n.agent.running && n.containerd?.running !== false);
    return whole ? 0 : 3;
  },
};

function text(program: ProgramStatus): string {
  return program.running ? `running (${program.pid})` : 'stopped';
}
