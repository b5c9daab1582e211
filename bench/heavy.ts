/**
 * One heavy request of each sort after another, and for how long each holds the event loop at most:
 * `node bench/heavy.ts [quick] [group...]`. Nothing else loads the server meanwhile.
 */
import { access } from './heavy/access.ts';
import { audited } from './heavy/audited.ts';
import { connectionsAtOnce } from './heavy/connections.ts';
import { controllers } from './heavy/controllers.ts';
import { customResources } from './heavy/custom-resources.ts';
import { largeBodies } from './heavy/large-bodies.ts';
import { largeLists } from './heavy/large-lists.ts';
import { policies } from './heavy/policies.ts';
import { wideWrites } from './heavy/wide-writes.ts';
import { type BenchOptions, runAlone } from './support/figure.ts';
import { HeldLoop } from './support/held-loop.ts';
import { ServerProcess } from './support/server-process.ts';

interface Group {
  readonly run: (loop: HeldLoop, quick: boolean) => Promise<void>;
  readonly flags: readonly string[];
}

const alone = ['--disable=controllers,scheduler,dns', '--disable-admission-plugins=ServiceAccount'];

/** Each has a server of its own. */
const groups: Readonly<Record<string, Group>> = {
  wideWrites: { run: wideWrites, flags: alone },
  largeBodies: { run: largeBodies, flags: alone },
  customResources: { run: customResources, flags: alone },
  policies: { run: policies, flags: alone },
  access: { run: access, flags: alone },
  audited: { run: audited, flags: alone },
  controllers: { run: controllers, flags: ['--disable=scheduler,dns'] },
  connectionsAtOnce: { run: connectionsAtOnce, flags: alone },
  largeLists: { run: largeLists, flags: alone },
};

export async function heavy({ quick, collect }: BenchOptions): Promise<void> {
  const named = process.argv.filter((argument) => argument in groups);
  for (const name of named.length > 0 ? named : Object.keys(groups)) {
    const { run, flags } = groups[name] as Group;
    const server = new ServerProcess(16_550, undefined, true);
    const loop = await HeldLoop.start(server, flags, collect);
    await run(loop, quick);
    await loop.stop();
    server.remove();
  }
}

if (import.meta.main) await runAlone(heavy);
