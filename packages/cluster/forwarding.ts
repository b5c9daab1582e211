import { type RunOptions, run, tryRun } from './run.ts';

/**
 * Docker, and many a firewall, has the machine forward nothing that it does not know, and with bridge filtering on,
 * that holds for frames between the nodes too. A chain that drops has the last word in the kernel, so what lets the
 * cluster's traffic through must stand in that chain. Where the machine forwards by default, nothing is added.
 */
export async function allowForwarding(bridge: string, where: RunOptions = {}): Promise<void> {
  if (!(await forwardDrops(where))) return;
  for (const rule of rules(bridge)) {
    if ((await tryRun(['iptables', '-w', '-C', 'FORWARD', ...rule], where)).status === 0) continue;
    await run(['iptables', '-w', '-I', 'FORWARD', '1', ...rule], where);
  }
}

/** Takes out what `allowForwarding` put in; does nothing where it put in nothing. */
export async function disallowForwarding(bridge: string, where: RunOptions = {}): Promise<void> {
  if (!(await hasIptables(where))) return;
  for (const rule of rules(bridge)) {
    while ((await tryRun(['iptables', '-w', '-C', 'FORWARD', ...rule], where)).status === 0) {
      await run(['iptables', '-w', '-D', 'FORWARD', ...rule], where);
    }
  }
}

function rules(bridge: string): readonly (readonly string[])[] {
  const comment = ['-m', 'comment', '--comment', 'coxswain', '-j', 'ACCEPT'];
  return [
    ['-i', bridge, ...comment],
    ['-o', bridge, ...comment],
  ];
}

async function forwardDrops(where: RunOptions): Promise<boolean> {
  if (!(await hasIptables(where))) return false;
  const { stdout } = await tryRun(['iptables', '-w', '-S', 'FORWARD'], where);
  return stdout.startsWith('-P FORWARD DROP');
}

/** Listing makes no table where there is none, so that a machine without iptables rules stays one. */
async function hasIptables(where: RunOptions): Promise<boolean> {
  return (await tryRun(['sh', '-c', 'command -v iptables'], where)).status === 0;
}
