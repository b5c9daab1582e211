/** What kind of value a field holds; drives every walker (decode, prune, default, patch, apply, protobuf). */
export type ValueFact =
  | { readonly kind: 'string' | 'bool' | 'int32' | 'int64' | 'float64' | 'bytes' }
  /** `time` has whole seconds, `microtime` six decimals; both are RFC 3339 strings in JSON. */
  | { readonly kind: 'time' | 'microtime' | 'duration' | 'quantity' | 'intOrString' }
  /**
   * Any JSON: RawExtension, JSON, FieldsV1. With `schemaOr`: a JSONSchemaProps, or else a list of them, a bool
   * or a list of strings.
   */
  | { readonly kind: 'any'; readonly schemaOr?: 'array' | 'bool' | 'strings' }
  | { readonly kind: 'object'; readonly type: TypeFact }
  | { readonly kind: 'map'; readonly values: ValueFact }
  | { readonly kind: 'array'; readonly items: ValueFact };

/** One field of an API type. */
export interface FieldFact {
  /** JSON name. */
  readonly name: string;
  readonly value: ValueFact;
  /** Protobuf field number; 0 where the message does not have it. */
  readonly number: number;
  readonly required: boolean;
  /** The schema's own default, absent where there is none. */
  readonly default?: unknown;
  readonly enum?: readonly string[];
  /** x-kubernetes-list-type; `atomic` where the schema is silent. Only for arrays. */
  readonly listType: 'atomic' | 'set' | 'map';
  /** x-kubernetes-list-map-keys; empty unless `listType` is `map`. */
  readonly mapKeys: readonly string[];
  /**
   * x-kubernetes-map-type `atomic`, of the field or else of its type: applied and owned as one value. Only for
   * objects and maps. A field may say `granular` of an atomic type, so this one counts, not the type's.
   */
  readonly atomic: boolean;
  /** Strategic merge patch: the parts of x-kubernetes-patch-strategy. */
  readonly patchStrategy: readonly ('merge' | 'replace' | 'retainKeys')[];
  /** Strategic merge patch: x-kubernetes-patch-merge-key; '' where there is none. */
  readonly patchMergeKey: string;
  /** Go holds it by pointer: a zero value is kept apart from an absent one. */
  readonly pointer: boolean;
  /** Written even when empty (no `omitempty`): nil lists and maps show as null, zero scalars as zero. */
  readonly keepEmpty: boolean;
  /** Left out when the whole value is zero, also for structs and times (`omitzero`). */
  readonly omitZero: boolean;
  /** Go type as decode errors print it, such as `v1.RestartPolicy`. */
  readonly goType: string;
  /** Protobuf numbers of the embedded messages around the field, outermost first; mostly empty. */
  readonly within: readonly number[];
  /** Go names of the embedded structs around the field, as decode errors print them. */
  readonly embeddedIn: readonly string[];
}

/** One API type of one version. */
export interface TypeFact {
  /** Definition name, such as `io.k8s.api.core.v1.PodSpec`. */
  readonly name: string;
  /** Go's type name, such as `PodSpec`: decode errors name it. */
  readonly goName: string;
  readonly fields: ReadonlyMap<string, FieldFact>;
  /** The fields of the message itself (`within` is empty) by protobuf number. */
  readonly byNumber: ReadonlyMap<number, FieldFact>;
  /** Fields in the order of the Go struct as far as the descriptors tell (ascending protobuf number). */
  readonly ordered: readonly FieldFact[];
  /** The full protobuf message name, '' where there is none. */
  readonly message: string;
  /** x-kubernetes-map-type `atomic` on the type itself. */
  readonly atomic: boolean;
  /** x-kubernetes-preserve-unknown-fields: fields that are not declared are kept. Custom resources only. */
  readonly preserveUnknown?: boolean;
}

/** A subresource that discovery lists. */
export interface SubresourceFact {
  /** Such as `status`, `scale`, `log`. */
  readonly name: string;
  readonly verbs: readonly string[];
  /** The kind that it takes and gives, such as autoscaling/v1 Scale. */
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
}

/** A resource of one group and version, as discovery lists it. */
export interface ResourceFact {
  readonly group: string;
  readonly version: string;
  /** Plural. */
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: ReadonlyMap<string, SubresourceFact>;
  readonly type: TypeFact;
  /** What discovery shows as `storageVersionHash`; '' where it shows none. */
  readonly storageVersionHash: string;
  /** DELETE of one object answers with the object, not with a Status. */
  readonly returnsDeleted: boolean;
}
