import {
  applyJsonPatch,
  copyJson,
  decodeJsonPatch,
  type KubeObject,
  newInternalError,
} from '@coxswain/machinery';
import type { AdmissionAttributes, AdmissionPlugin, ObjectReader } from '../../access/contract.ts';
import { isExempt } from './matcher.ts';
import { normalized, replaceMembers } from './patched-object.ts';
import { type Webhook, WebhookCaller, type WebhookSources, webhooksOf } from './webhook.ts';

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
    return this.#admit(webhooks, a);
  }

  async #admit(webhooks: readonly Webhook[], a: AdmissionAttributes): Promise<void> {
    const again: Webhook[] = [];
    let lastChange = -1;
    for (const [i, webhook] of webhooks.entries()) {
      if (!this.#caller.concerns(webhook, a)) continue;
      if (await this.#mutate(webhook, a)) lastChange = i;
      if (webhook.reinvocationPolicy === 'IfNeeded') again.push(webhook);
    }
    // Those that were asked before the last change are asked once more, if they want to be.
    for (const webhook of again) {
      if (webhooks.indexOf(webhook) >= lastChange) continue;
      if (this.#caller.concerns(webhook, a)) await this.#mutate(webhook, a);
    }
  }

  /** True when the object is another afterwards. */
  async #mutate(webhook: Webhook, a: AdmissionAttributes): Promise<boolean> {
    const response = await this.#caller.ask(webhook, a);
    const { object } = a;
    if (response?.patch === undefined || response.patch === '' || object === undefined) return false;
    const before = JSON.stringify(object);
    let patched: KubeObject;
    try {
      const operations = decodeJsonPatch(JSON.parse(Buffer.from(response.patch, 'base64').toString('utf8')));
      patched = normalized(applyJsonPatch(copyJson(object), operations) as KubeObject, a);
    } catch (error) {
      throw newInternalError(`${(error as Error).message}`);
    }
    replaceMembers(object, patched);
    return JSON.stringify(object) !== before;
  }
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
    const asked = webhooks.filter((webhook) => this.#caller.concerns(webhook, a));
    if (asked.length > 0) return this.#ask(asked, a);
  }

  async #ask(webhooks: readonly Webhook[], a: AdmissionAttributes): Promise<void> {
    const answers = await Promise.allSettled(webhooks.map((webhook) => this.#caller.ask(webhook, a)));
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
  }
}
