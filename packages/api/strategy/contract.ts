import type { KubeObject } from '@coxswain/machinery';
import type { ExpressionFaults } from '../validation/expression-faults.ts';
import type { NameRule } from '../validation/names.ts';
import type { Errors, Json } from '../validation/values.ts';

/** How a kind, or one of its subresources, takes an update. Objects are changed in place before they are checked. */
export interface UpdateRules {
  /** Drops what the caller may not set and carries over what stays as it was. */
  readonly prepare?: (object: KubeObject, old: KubeObject, context: RequestContext) => void;
  /** Everything the update must satisfy beyond the metadata that every update is checked for. */
  readonly validate?: (errs: Errors, object: KubeObject, old: KubeObject, request: ValidationRequest) => void;
  /** Upstream also checks the update as if the object were new: faults then show twice. */
  readonly asNew?: boolean;
  /** Upstream's strategy leaves the metadata to the generic check, whose faults then show once. */
  readonly metaOnce?: boolean;
  /** Upstream's strategy checks the metadata as if the object were new, after the generic check of updates. */
  readonly metaAsNew?: boolean;
  /** As `metaAsNew`, and the check of updates as well. */
  readonly metaAsNewToo?: boolean;
  /** Upstream's check of the update ends with that of a new object, the metadata included. */
  readonly thenAsNew?: boolean;
}

/** What validation may know of the request. */
export interface ValidationRequest {
  /** The apiVersion of the request's path; objects are in the stored version. */
  readonly apiVersion: string;
  /** Absent where nobody has compiled the object's expressions. */
  readonly expressionFaults?: ExpressionFaults;
}

/** What a request brings to the preparation of its object. */
export interface RequestContext {
  /** The time of the request: RFC 3339, UTC, whole seconds. */
  readonly now: string;
}

/** All that is special in one kind; what is absent is as the generic strategy does it. */
export interface KindRules {
  /** The rule of `metadata.name`; a DNS subdomain where absent. */
  readonly name?: NameRule;
  /** False for groups that never had the core's unqualified finalizers. */
  readonly standardFinalizers?: boolean;
  /** Fills in what the caller left out, in place. */
  readonly defaults?: (object: Json) => void;
  readonly prepareForCreate?: (object: KubeObject, context: RequestContext) => void;
  /**
   * Checks the metadata too, where upstream's order needs it (`checksMeta`). The stored object comes where an update is
   * checked as if it were new: what that one was excused from is excused again.
   */
  readonly validate?: (
    errs: Errors,
    object: KubeObject,
    request: ValidationRequest,
    old?: KubeObject,
  ) => void;
  /** `validate` has checked the metadata already. */
  readonly checksMeta?: boolean;
  /**
   * Upstream's strategy lets names pass that no URL can say: they are left to the check of all new objects, which
   * comes when everything else is right.
   */
  readonly metaLast?: boolean;
  readonly update?: UpdateRules;
  readonly subresources?: Readonly<Record<string, UpdateRules>>;
  /** A creator may set the status; everywhere else it starts empty. */
  readonly keepsStatusOnCreate?: boolean;
  /** Whether `metadata.generation` counts changes of the desired state. */
  readonly generation?: boolean;
  /** PUT of a name that is not there creates it. */
  readonly allowCreateOnUpdate?: boolean;
  /** An update without resourceVersion is made against whatever is stored. */
  readonly allowUnconditionalUpdate?: boolean;
}
