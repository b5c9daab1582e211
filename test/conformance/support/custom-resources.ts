import { randomBytes } from 'node:crypto';
import type { Scope } from './scope.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** A schema that takes anything. */
export const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

export interface VersionSketch {
  readonly name?: string;
  readonly schema?: object;
  readonly storage?: boolean;
  readonly served?: boolean;
  readonly more?: object;
}

/** A definition of a random group and kind. @param more members of its spec */
export function sketch(versions: readonly VersionSketch[] = [{}], more: object = {}, group?: string): any {
  const mark = randomBytes(4).toString('hex');
  const [plural, kind] = [`e2e-tests-${mark}s`, `E2eTest${mark}`];
  const own = group ?? `${mark}.example.com`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${own}` },
    spec: {
      group: own,
      scope: 'Namespaced',
      names: { plural, singular: `e2e-test-${mark}`, kind, listKind: `${kind}List` },
      versions: versions.map((version, i) => ({
        name: version.name ?? 'v1',
        served: version.served ?? true,
        storage: version.storage ?? i === 0,
        schema: { openAPIV3Schema: version.schema ?? anything },
        ...version.more,
      })),
      ...more,
    },
  };
}

/** A definition that is served. */
export class CustomResources {
  readonly #s: Scope;
  readonly definition: any;

  private constructor(s: Scope, definition: any) {
    this.#s = s;
    this.definition = definition;
  }

  /** Creates a definition and waits until it is established. */
  static async define(s: Scope, definition: any): Promise<CustomResources> {
    await s.api.create(definitions, definition);
    const made = new CustomResources(s, definition);
    await s.api.until('the definition is established', made.path, (found) =>
      found.status?.conditions?.some((c: any) => c.type === 'Established' && c.status === 'True'),
    );
    return made;
  }

  /** Of the definition itself. */
  get path(): string {
    return `${definitions}/${this.definition.metadata.name}`;
  }

  /** Of its objects, or of one. */
  of(name?: string, version = 'v1'): string {
    const { group, names } = this.definition.spec;
    const all = `/apis/${group}/${version}/namespaces/${this.#s.namespace}/${names.plural}`;
    return name === undefined ? all : `${all}/${name}`;
  }

  make(name: string, more: object = {}, version = 'v1'): any {
    const { group, names } = this.definition.spec;
    return { apiVersion: `${group}/${version}`, kind: names.kind, metadata: { name }, ...more };
  }

  create(name: string, more: object = {}, version = 'v1'): Promise<any> {
    return this.#s.api.create(this.of(undefined, version), this.make(name, more, version));
  }

  async remove(): Promise<void> {
    await this.#s.api.delete(this.path);
    await this.#s.api.gone(this.path);
  }
}
