import type { Transport } from '@coxswain/client';
import type { KubeObject } from '@coxswain/machinery';

/** Resolves when a CustomResourceDefinition is established: from then on its resources are served. */
export async function untilEstablished(transport: Transport, name: string): Promise<void> {
  const established = new AbortController();
  await transport.watch({
    group: 'apiextensions.k8s.io',
    version: 'v1',
    resource: 'customresourcedefinitions',
    signal: established.signal,
    onEvent: ({ object }) => {
      const { metadata, status } = object as KubeObject;
      const conditions = status?.conditions as KubeObject[] | undefined;
      const isEstablished = conditions?.some((c) => c['type'] === 'Established' && c['status'] === 'True');
      if (metadata.name === name && isEstablished === true) established.abort();
    },
  });
}
