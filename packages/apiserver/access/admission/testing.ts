import type { KubeObject, ObjectMeta } from '@coxswain/machinery';
import { StatusError } from '@coxswain/machinery';
import type { AdmissionAttributes, AdmissionPlugin, UserInfo } from '../contract.ts';

/** An object as tests write it. */
export interface LooseObject {
  readonly metadata: ObjectMeta;
  readonly [field: string]: any;
}

/** A request as tests write it: what is left out is a pod's creation in `ns` by a plain user. */
export interface LooseAttributes {
  readonly operation?: AdmissionAttributes['operation'];
  /** `plural` or `plural.group`. */
  readonly resource?: string;
  readonly kind?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly user?: UserInfo;
  readonly object?: LooseObject;
  readonly oldObject?: LooseObject;
  readonly dryRun?: boolean;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly warn?: (text: string) => void;
}

/** Full attributes from a few. */
export function attributesOf(loose: LooseAttributes): AdmissionAttributes {
  const [resource = '', ...group] = (loose.resource ?? 'pods').split('.');
  const at = { group: group.join('.'), version: 'v1' };
  return {
    operation: loose.operation ?? 'CREATE',
    kind: { ...at, kind: loose.kind ?? 'Pod' },
    resource: { ...at, resource },
    subresource: loose.subresource ?? '',
    namespace: loose.namespace ?? 'ns',
    name: loose.name ?? loose.object?.metadata.name ?? '',
    user: loose.user ?? { name: 'someone', groups: ['system:authenticated'] },
    dryRun: loose.dryRun ?? false,
    object: loose.object as KubeObject | undefined,
    oldObject: loose.oldObject as KubeObject | undefined,
    options: loose.options ?? {},
    warn: loose.warn ?? (() => {}),
  };
}

/** Runs both phases of a plugin and gives the text of its refusal, or `''`. */
export async function run(plugin: AdmissionPlugin, loose: LooseAttributes): Promise<string> {
  const attributes = attributesOf(loose);
  try {
    if (!plugin.handles(attributes.operation)) return '';
    await plugin.admit?.(attributes);
    await plugin.validate?.(attributes);
    return '';
  } catch (error) {
    if (error instanceof StatusError) return error.message;
    throw error;
  }
}
