import {
  applyJsonPatch,
  copyJson,
  goQuote,
  type JsonPatchOperation,
  type KubeObject,
  newInternalError,
} from '@coxswain/machinery';
import type { AdmissionAttributes, AdmissionPlugin, ObjectReader } from '../../access/contract.ts';
import { Invocations } from './invocations.ts';
import { isExempt } from './matcher.ts';
import { normalized, readBack, replaceMembers } from './patched-object.ts';
import {
  type ConfiguredWebhook,
  type Webhook,
  WebhookCaller,
  type WebhookSources,
  webhooksOf,
} from './webhook.ts';

/** Asks the webhooks of MutatingWebhookConfigurations, one after the other, and applies their patches. */
export class MutatingAdmissionWebhook implements AdmissionPlugin {
  readonly name = 'MutatingAdmissionWebhook';
  readonly #reader: ObjectReader;
  readonly #caller: WebhookCaller;

  constructor(sources: WebhookSources) {
    this.#reader = sources.reader;
    this.#caller = new WebhookCaller(sources);
  }

  handles(): boolean {
    return true;
  }

  admit(a: AdmissionAttributes): void | Promise<void> {
    const webhooks = webhooksOf(this.#reader, 'mutating');
    if (webhooks.length === 0 || isExempt(a)) return;
    if (!webhooks.some(({ webhook }) => this.#caller.matches(webhook, a) !== undefined)) return;
    return this.#admit(webhooks, a);
  }

  async #admit(webhooks: readonly ConfiguredWebhook[], a: AdmissionAttributes): Promise<void> {
    const invocations = Invocations.of(a, this.name);
    invocations.begin(a.object);
    for (const configured of webhooks) {
      const { webhook, configuration } = configured;
      const shown = await this.#caller.concerned(webhook, a);
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
    const apply = async (patch: readonly JsonPatchOperation[]): Promise<void> => {
      changed = await applyPatch(patch, webhook, shown, a);
      a.audit?.annotateRequest(`patch.webhook.admission.k8s.io/${suffix}`, () =>
        JSON.stringify({ configuration, webhook: webhook.name, patch, patchType: 'JSONPatch' }),
      );
    };
    try {
      await this.#caller.ask({ webhook, kind: 'mutating', shown, suffix, apply });
      return changed;
    } finally {
      a.audit?.annotate(
        `mutation.webhook.admission.k8s.io/${suffix}`,
        JSON.stringify({ configuration, webhook: webhook.name, mutated: changed }),
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
  const before = JSON.stringify(object);
  let patched: KubeObject;
  try {
    const made = applyJsonPatch(copyJson(shown.object), operations) as KubeObject;
    patched = normalized(shown.requested === undefined ? made : await readBack(shown, a, made), a);
  } catch (error) {
    throw newInternalError(`${(error as Error).message}`);
  }
  replaceMembers(object, patched);
  return JSON.stringify(object) !== before;
}

/** Asks the webhooks of ValidatingWebhookConfigurations, all at once; the first in order that refuses is told. */
export class ValidatingAdmissionWebhook implements AdmissionPlugin {
  readonly name = 'ValidatingAdmissionWebhook';
  readonly #reader: ObjectReader;
  readonly #caller: WebhookCaller;

  constructor(sources: WebhookSources) {
    this.#reader = sources.reader;
    this.#caller = new WebhookCaller(sources);
  }

  handles(): boolean {
    return true;
  }

  validate(a: AdmissionAttributes): void | Promise<void> {
    const webhooks = webhooksOf(this.#reader, 'validating');
    if (webhooks.length === 0 || isExempt(a)) return;
    if (!webhooks.some(({ webhook }) => this.#caller.matches(webhook, a) !== undefined)) return;
    return this.#ask(webhooks, a);
  }

  async #ask(webhooks: readonly ConfiguredWebhook[], a: AdmissionAttributes): Promise<void> {
    const asked: { configured: ConfiguredWebhook; shown: AdmissionAttributes }[] = [];
    for (const configured of webhooks) {
      const shown = await this.#caller.concerned(configured.webhook, a);
      if (shown !== undefined) asked.push({ configured, shown });
    }
    const answers = await Promise.allSettled(
      asked.map(({ configured: { webhook, index }, shown }) =>
        this.#caller.ask({ webhook, kind: 'validating', shown, suffix: `round_0_index_${index}` }),
      ),
    );
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
  }
}
