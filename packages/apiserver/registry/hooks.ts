import type { ExpressionFaults } from '@coxswain/api';
import type { FieldError, Int64, KubeObject } from '@coxswain/machinery';
import type { ApiRequest, Outcome, RegistryContext } from './context.ts';
import type { DeletionOptions } from './deletion/delete-options.ts';

/** What a resource does beyond the generic store. Each is absent where there is nothing special. */
export interface ResourceHooks {
  /** Before preparation and validation of a creation: takes what the object needs. Gives what puts it back on failure. */
  beginCreate?(
    context: RegistryContext,
    request: ApiRequest,
    object: KubeObject,
    dryRun: boolean,
  ): Promise<(() => void | Promise<void>) | undefined>;
  /** Before preparation of an update of the object itself, with the same meaning as `beginCreate`. */
  beginUpdate?(
    context: RegistryContext,
    request: ApiRequest,
    object: KubeObject,
    old: KubeObject,
    dryRun: boolean,
  ): Promise<(() => void | Promise<void>) | undefined>;
  /** What is wrong with the expressions of a new state, which the rules of its kind report where they stand. */
  expressionFaults?(object: KubeObject, old?: KubeObject): ExpressionFaults;
  /** What is wrong with a new state beyond what the rules of its kind say; `old` is absent for a creation. */
  validate?(object: KubeObject, old?: KubeObject): readonly FieldError[];
  /** What the writer may not put into a valid new state, of subresources too; `old` is absent for a creation. */
  permit?(
    context: RegistryContext,
    request: ApiRequest,
    object: KubeObject,
    old?: KubeObject,
  ): Promise<readonly FieldError[]>;
  /** What the writer of a new state is warned of beyond the warnings of its kind. */
  warnings?(object: KubeObject, old?: KubeObject): readonly string[];
  /** After the write: gives back what the old state held. */
  afterUpdate?(context: RegistryContext, object: KubeObject, old: KubeObject): void | Promise<void>;
  afterDelete?(context: RegistryContext, object: KubeObject): void | Promise<void>;
  /** An update that leaves this state may delete the object, if the generic rule says so too. */
  mayDeleteOnUpdate?(object: KubeObject): boolean;
  /** Replaces the generic deletion; gives undefined to let it go on. */
  deleteFirst?(
    context: RegistryContext,
    request: ApiRequest,
    object: KubeObject,
  ): Promise<Outcome | undefined>;
  /** What a deletion with these options is warned of. */
  deletionWarning?(options: DeletionOptions): string | undefined;
  /** Graceful deletion: the seconds to wait, for resources that support it. */
  gracePeriod?(object: KubeObject, asked: Int64 | undefined): Int64;
}
