import { type CelType, celTypeOf, type TypedSchema } from '@coxswain/cel';
import type { Transport } from '@coxswain/client';
import { isNotFound } from '@coxswain/machinery';
import type { KnownKind } from './type-checker.ts';

interface PublishedSchema extends TypedSchema {
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

/** The kinds of a version as the API server describes them; none where it does not serve the version. */
export async function publishedKinds(
  transport: Transport,
  group: string,
  version: string,
): Promise<readonly KnownKind[]> {
  const read = async (path: string): Promise<any> => JSON.parse(await transport.raw(path));
  try {
    const { resources } = await read(`/apis/${group}/${version}`);
    const { components } = await read(`/openapi/v3/apis/${group}/${version}`);
    const schemas = Object.values((components?.schemas ?? {}) as Record<string, PublishedSchema>);
    const typeOf = (kind: string): CelType | undefined => {
      const schema = schemas.find((one) =>
        one['x-kubernetes-group-version-kind']?.some(
          (gvk) => gvk.group === group && gvk.version === version && gvk.kind === kind,
        ),
      );
      return schema === undefined ? undefined : celTypeOf(schema, true);
    };
    return (resources as { name: string; kind: string }[])
      .filter(({ name }) => !name.includes('/'))
      .map(({ name, kind }) => ({ group, version, kind, resource: name, type: typeOf(kind) }));
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}
