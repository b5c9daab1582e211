import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HeldLoop } from '../support/held-loop.ts';
import { configMap, mapsPath } from '../support/objects.ts';

/** Requests of which audit events say everything. */
export async function audited(loop: HeldLoop): Promise<void> {
  const { dataDir } = loop.server;
  const policy = join(dataDir, 'policy.yaml');
  writeFileSync(
    policy,
    'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n  - level: RequestResponse\n    omitStages: [RequestReceived]\n',
  );
  await loop.restart(`--audit-policy-file=${policy}`, `--audit-log-path=${join(dataDir, 'audit.log')}`);
  const wide = (name: string): object => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`key-${i}`, `value-${i}`])),
  });
  for (const round of ['', ', again']) {
    await loop.held(`audited creation of a config map of 20,000 members${round}`, () =>
      loop.post(mapsPath, wide(`wide${round === '' ? '' : '-again'}`)),
    );
  }
  await loop.fill(mapsPath, 5_000, (i) => configMap(`m-${i}`));
  for (const round of ['', ', again']) {
    await loop.held(`audited list of 5,000 config maps${round}`, () => loop.send('GET', mapsPath));
  }
}
