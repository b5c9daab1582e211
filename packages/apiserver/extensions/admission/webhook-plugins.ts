import {
  applyJsonPatch,
  copyJson,
  deepEqual,
  goJson,
  goQuote,
  type JsonPatchOperation,
  type KubeObject,
  newInternalError,
  StatusError,
} from '@coxswain/machinery';
import type { AdmissionAttributes, AdmissionPlugin, ObjectReader } from '../../access/contract.ts';
import { type ConfiguredWebhook, type Webhook, webhooksOf } from './configured-webhooks.ts';
import { Invocations } from './invocations.ts';
import { isExempt } from './matcher.ts';
import { normalized, readBack, readUnstructured, replaceMembers } from './patched-object.ts';
import { WebhookCaller, type WebhookSources } from './webhook.ts';
import { patchAnnotation } from './webhook-patch.ts';

const none: readonly ConfiguredWebhook[] = [];

/** What both plugins have: who is configured, and how they are asked. */
abstract class WebhookPlugin {
  protected readonly caller: WebhookCaller;
  readonly #reader: ObjectReader;
  readonly #kind: 'mutating' | 'validating';

  constructor(sources: WebhookSources, kind: 'mutating' | 'validating') {
    this.caller = new WebhookCaller(sources);
    this.#reader = sources.reader;
    this.#kind = kind;
  }

  handles(): boolean {
    return true;
  }

  /** All that are configured, where the rules of one match the request; none otherwise. */
  protected concerning(a: AdmissionAttributes): readonly ConfiguredWebhook[] {
    const webhooks = webhooksOf(this.#reader, this.#kind);
    if (webhooks.length === 0 || isExempt(a)) return none;
    return webhooks.some(({ webhook }) => this.caller.matches(webhook, a) !== undefined) ? webhooks : none;
  }
}

/** Asks the webhooks of MutatingWebhookConfigurations, one after the other, and applies their patches. */
export class MutatingAdmissionWebhook extends WebhookPlugin implements AdmissionPlugin {
  readonly name = 'MutatingAdmissionWebhook';

  constructor(sources: WebhookSources) {
    super(sources, 'mutating');
  }

  admit(a: AdmissionAttributes): void | Promise<void> {
    const webhooks = this.concerning(a);
    if (webhooks.length > 0) return this.#admit(webhooks, a);
  }

  async #admit(webhooks: readonly ConfiguredWebhook[], a: AdmissionAttributes): Promise<void> {
    const invocations = Invocations.of(a, this.name);
    invocations.begin(a.object);
    for (const configured of webhooks) {
      const { webhook, configuration } = configured;
      const shown = await this.caller.concerned(webhook, 'mutating', a);
      const key = `${configuration}/${webhook.name}`;
      if (shown === undefined || !invocations.concerns(key)) continue;
      const changed = await this.#mutate(configured, shown, a, invocations.round);
      invocations.asked(key, changed, webhook.reinvocationPolicy === 'IfNeeded');
    }
    invocations.end(a.object);
  }

  /** True when the object is another afterwards. @param shown the request as the webhook is asked about it */
  async #mutate(
    { webhook, configuration, index }: ConfiguredWebhook,
    shown: AdmissionAttributes,
    a: AdmissionAttributes,
    round: number,
  ): Promise<boolean> {
    const suffix = `round_${round}_index_${index}`;
    let changed = false;
    const apply = async (patch: readonly JsonPatchOperation[], text: string): Promise<void> => {
      changed = await applyPatch(patch, webhook, shown, a);
      a.audit?.annotateRequest(`patch.webhook.admission.k8s.io/${suffix}`, () =>
        patchAnnotation(configuration, webhook.name, text),
      );
    };
    try {
      await this.caller.ask({ webhook, kind: 'mutating', shown, suffix, apply });
      return changed;
    } finally {
      a.audit?.annotate(
        `mutation.webhook.admission.k8s.io/${suffix}`,
        goJson({ configuration, webhook: webhook.name, mutated: changed }),
      );
    }
  }
}

/** Makes the changes of a patch to the object of a request. True when it is another afterwards. */
async function applyPatch(
  operations: readonly JsonPatchOperation[],
  webhook: Webhook,
  shown: AdmissionAttributes,
  a: AdmissionAttributes,
): Promise<boolean> {
  const { object } = a;
  if (shown.object === undefined || object === undefined) {
    throw newInternalError(
      `admission webhook ${goQuote(webhook.name)} attempted to modify the object, which is not supported for this operation`,
    );
  }
  const isCustom = a.normalize !== undefined;
  let made: KubeObject;
  let patched: KubeObject;
  try {
    made = applyJsonPatch(copyJson(shown.object), operations) as KubeObject;
    const own = shown.requested === undefined;
    const read = !own ? readBack(shown, a, made) : isCustom ? readUnstructured(made, a) : made;
    patched = normalized(await read, a);
  } catch (error) {
    throw error instanceof StatusError ? error : newInternalError(`${(error as Error).message}`);
  }
  const changed =
    isTimedAnew(a) || !deepEqual(shown.object, isCustom || shown.requested !== undefined ? made : patched);
  replaceMembers(object, patched);
  return changed;
}

/**
 * Whether an object changes by being written as JSON and read back: the first time, where this request noted who wrote
 * it. Upstream's clock is finer than the times of JSON; custom objects have these from the beginning.
 */
function isTimedAnew({ object, oldObject, normalize, reinvocation }: AdmissionAttributes): boolean {
  if (reinvocation === undefined || reinvocation.isReadBack === true) return false;
  reinvocation.isReadBack = true;
  const before = oldObject?.metadata.managedFields ?? [];
  const known = new Set(before.map((entry) => JSON.stringify(entry)));
  const entries = object?.metadata.managedFields ?? [];
  return normalize === undefined && entries.some((entry) => !known.has(JSON.stringify(entry)));
}

/** Asks the webhooks of ValidatingWebhookConfigurations, all at once; the first one that refuses is told. */
export class ValidatingAdmissionWebhook extends WebhookPlugin implements AdmissionPlugin {
  readonly name = 'ValidatingAdmissionWebhook';

  constructor(sources: WebhookSources) {
    super(sources, 'validating');
  }

  validate(a: AdmissionAttributes): void | Promise<void> {
    const webhooks = this.concerning(a);
    if (webhooks.length > 0) return this.#ask(webhooks, a);
  }

  async #ask(webhooks: readonly ConfiguredWebhook[], a: AdmissionAttributes): Promise<void> {
    const asked: Asked[] = [];
    for (const configured of webhooks) {
      const shown = await this.caller.concerned(configured.webhook, 'validating', a);
      if (shown !== undefined) asked.push({ configured, shown });
    }
    let refusal: { readonly error: unknown } | undefined;
    const ask = async ({ configured: { webhook }, shown }: Asked, index: number): Promise<void> => {
      try {
        await this.caller.ask({ webhook, kind: 'validating', shown, suffix: `round_0_index_${index}` });
      } catch (error) {
        refusal ??= { error };
      }
    };
    await Promise.all(asked.map(ask));
    if (refusal !== undefined) throw refusal.error;
  }
}

interface Asked {
  readonly configured: ConfiguredWebhook;
  readonly shown: AdmissionAttributes;
}
