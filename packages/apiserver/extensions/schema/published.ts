import { describeType } from '@coxswain/api';
import type { Schema } from './schema.ts';

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** A structural schema as OpenAPI publishes it: with what every resource has. */
export function publishedSchema(schema: Schema): Record<string, unknown> {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true && schema.properties === undefined) {
    return withResourceFields({ ...schema, type: 'object' } as Record<string, unknown>, {});
  }
  return withResourceFields({ ...schema } as Record<string, unknown>, schema.properties ?? {});
}

function withResourceFields(
  schema: Record<string, unknown>,
  properties: Readonly<Record<string, Schema>>,
): Record<string, unknown> {
  const described = (field: string): Record<string, unknown> => {
    const description = describeType('io.k8s.api.core.v1.Pod', field);
    return description === undefined || description === '' ? {} : { description };
  };
  const all: Record<string, unknown> = {
    ...properties,
    apiVersion: { ...described('apiVersion'), type: 'string' },
    kind: { ...described('kind'), type: 'string' },
    metadata: { ...described('metadata'), allOf: [{ $ref: `#/components/schemas/${meta}.ObjectMeta` }] },
  };
  const sorted = Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...schema, properties: Object.fromEntries(sorted) };
}
