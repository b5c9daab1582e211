import { Client, type Transport } from '@coxswain/client';
import type { KubeObject } from '@coxswain/machinery';
import { untilObject } from '../testing-objects.ts';

export const definitionsResource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  resource: 'customresourcedefinitions',
};

/** Whether a definition is there and has a condition that is true. */
export const isTrue =
  (type: string) =>
  (definition: KubeObject | undefined): boolean =>
    definition?.['status']?.conditions?.some(
      (condition: KubeObject) => condition['type'] === type && condition['status'] === 'True',
    ) === true;

/** Resolves when a CustomResourceDefinition is established: from then on its resources are served. */
export async function untilEstablished(transport: Transport, name: string): Promise<void> {
  await untilObject(new Client(transport).resource(definitionsResource), name, isTrue('Established'));
}

/** Creates a CustomResourceDefinition; resolves when its resources are served. */
export async function establish(client: Client, definition: KubeObject): Promise<void> {
  const { metadata } = await client.resource(definitionsResource).create(definition);
  await untilEstablished(client.transport, metadata.name as string);
}
