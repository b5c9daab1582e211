import { join } from 'node:path';
import { after } from 'node:test';
import { TestCluster, whyNotReal } from '../../e2e/support/cluster.ts';
import { withCluster } from '../../e2e/support/fixture.ts';
import { Api } from './api.ts';

/** How a suite of behaviours runs: those that do not touch each other at the same time. */
export const concurrent = { skip: whyNotReal ?? false, concurrency: 6 } as const;

/** Behaviours that change what others rely on (nodes, a whole resource) run alone. */
export const serial = { skip: whyNotReal ?? false, concurrency: 1 } as const;

/** What the behaviours of a suite share. */
export class Suite {
  readonly cluster: TestCluster;
  readonly api: Api;
  #namespaces = 0;

  constructor(cluster: TestCluster) {
    this.cluster = cluster;
    this.api = new Api(join(cluster.dir, 'server', 'admin.kubeconfig'));
  }

  /** A new namespace with its default service account in place, as behaviours expect it. */
  readonly namespace = async (prefix: string): Promise<string> => {
    this.#namespaces += 1;
    const { metadata } = await this.api.create('/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { generateName: `${prefix}-${this.#namespaces}-` },
    });
    const name: string = metadata.name;
    await this.api.until('a default service account', `/api/v1/namespaces/${name}/serviceaccounts`, (list) =>
      list.items.some((item: any) => item.metadata.name === 'default'),
    );
    return name;
  };
}

/**
 * A cluster of two real nodes for the file's behaviours. `COXSWAIN_CONFORMANCE_DIR` names the directory of one
 * that runs already (with the tool images loaded), which then is left as it is.
 */
export function conformanceSuite(name: string, ...serverArgs: readonly string[]): Suite {
  const running = process.env['COXSWAIN_CONFORMANCE_DIR'];
  const suite = new Suite(
    running === undefined ? withCluster(name, 2, ...serverArgs) : new TestCluster(name, running),
  );
  after(() => suite.api.close());
  return suite;
}
