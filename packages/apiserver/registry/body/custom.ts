import type { CustomOpenApi } from '@coxswain/api';
import type { FieldError, KubeObject, Steps } from '@coxswain/machinery';
import type { Table } from '../tables/table.ts';

/** What decoding came to: the object, pruned and with its defaults, and what was unknown in it. */
export interface CoercedObject {
  readonly object: KubeObject;
  /** `unknown field "spec.x"`, sorted. */
  readonly unknownFields: readonly string[];
}

/**
 * How a resource that is not built in behaves where built-in ones are driven by the API facts. One of it
 * belongs to one version of one definition as it was at one time.
 */
export interface CustomBehaviour {
  /** Prunes and defaults a parsed object of the version of the request. Takes the value over. */
  coerce(value: Record<string, unknown>): CoercedObject;
  /** The same in steps. @param applied keeps the nulls that the schema does not allow */
  coerceInSteps(value: Record<string, unknown>, applied: boolean): Steps<CoercedObject>;
  /**
   * Converts stored objects that conversion takes time for, so that `fromStored` can show them.
   * Undefined where they can already.
   */
  prepare(stored: readonly KubeObject[]): Promise<void> | undefined;
  /** The same for many, which are looked at in turns, or not at all. */
  prepareAll(stored: Iterable<KubeObject>): Promise<void> | undefined;
  /** What is stored, whatever version it was stored in, as this version shows it. Shared: never change it. */
  fromStored(stored: KubeObject): KubeObject;
  /** The same in steps. */
  fromStoredInSteps(stored: KubeObject): Steps<KubeObject>;
  /** An object of this version in the version that is stored. */
  toStored(object: KubeObject): KubeObject | Promise<KubeObject>;
  prepareForCreate(object: KubeObject): void;
  prepareForUpdate(object: KubeObject, old: KubeObject): void;
  prepareForStatusUpdate(object: KubeObject, old: KubeObject): void;
  validateCreate(object: KubeObject): FieldError[];
  /** @param warn gets what was broken before and stays allowed */
  validateUpdate(object: KubeObject, old: KubeObject, warn: (text: string) => void): FieldError[];
  validateStatusUpdate(object: KubeObject, old: KubeObject, warn: (text: string) => void): FieldError[];
  /** Throws when the resource takes no new objects, of which this would be one. */
  checkCreate(name: string): void;
  readonly table: Table;
  /** What discovery says can be done with its objects. */
  readonly shownVerbs: readonly string[];
  /** Reads a selectable field; undefined where there is none of that name. */
  fieldReader(label: string): ((object: KubeObject) => string) | undefined;
  /** What OpenAPI tells of it. */
  readonly published: Omit<CustomOpenApi, 'resource'>;
  /** What every request is warned of; '' for nothing. */
  readonly deprecation: string;
}
