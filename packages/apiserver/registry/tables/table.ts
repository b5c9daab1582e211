import type { KubeObject } from '@coxswain/machinery';

/** metav1.TableColumnDefinition. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0 is always shown, 1 only by `-o wide`. */
  readonly priority: number;
}

/** metav1.TableRowCondition. */
export interface RowCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** How objects of a resource show as a table. */
export interface Table {
  readonly columns: readonly ColumnDefinition[];
  /** One value a column. @param now milliseconds since 1970 */
  cells(object: KubeObject, now: number): unknown[];
  /** Present where rows may say more of themselves. */
  conditions?(object: KubeObject): readonly RowCondition[] | undefined;
  /** Present where the rows of a list are not in the order of names. */
  compare?(a: KubeObject, b: KubeObject): number;
}

/** Gives the description of a field of a type, such as `io.k8s.api.core.v1.PodStatus` and `podIP`; '' if unknown. */
export type Describe = (definition: string, field: string) => string;

/** A column before its description is looked up. */
export interface ColumnSketch {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly priority: number;
  /** A text, or the field of the API whose description is shown. */
  readonly about: string | FieldReference;
}

export interface FieldReference {
  readonly definition: string;
  readonly field: string;
}

export interface TableSketch {
  readonly columns: readonly ColumnSketch[];
  cells(object: KubeObject, now: number): unknown[];
  conditions?(object: KubeObject): readonly RowCondition[] | undefined;
  compare?(a: KubeObject, b: KubeObject): number;
}

/** Refers to a field: `field('core.v1.PodStatus', 'podIP')`. */
export function field(type: string, name: string): FieldReference {
  return { definition: `io.k8s.api.${type}`, field: name };
}

export function metaField(name: string): FieldReference {
  return { definition: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', field: name };
}

/** A column that is always shown; a string unless said otherwise. */
export function column(name: string, about: string | FieldReference, type = 'string'): ColumnSketch {
  return { name, type, format: '', priority: 0, about };
}

/** A column that only wide output shows. */
export function wide(name: string, about: string | FieldReference): ColumnSketch {
  return { ...column(name, about), priority: 1 };
}

export const nameColumn: ColumnSketch = { ...column('Name', metaField('name')), format: 'name' };
export const ageColumn: ColumnSketch = column('Age', metaField('creationTimestamp'));
export const createdColumn: ColumnSketch = column('Created At', metaField('creationTimestamp'), 'date');

/** Looks the descriptions up. */
export function describeTable(sketch: TableSketch, describe: Describe): Table {
  return {
    columns: sketch.columns.map(({ about, name, type, format, priority }) => ({
      name,
      type,
      format,
      description: typeof about === 'string' ? about : describe(about.definition, about.field),
      priority,
    })),
    cells: sketch.cells,
    ...(sketch.conditions === undefined ? {} : { conditions: sketch.conditions }),
    ...(sketch.compare === undefined ? {} : { compare: sketch.compare }),
  };
}
