import { deepEqual, type GroupResource, isNotFound, type ResourceFact } from '@coxswain/machinery';
import type { ObjectReader } from '../access/contract.ts';
import type { RegistryContext } from '../registry/context.ts';
import { Lifetime } from '../registry/lifetime.ts';
import type { ServedResource } from '../registry/resource-registry.ts';
import { approvalCondition } from './api-approval-condition.ts';
import { CustomResource } from './custom-resource.ts';
import {
  cleanupFinalizer,
  conditionOf,
  type Definition,
  factOf,
  isSameCondition,
  isTrue,
  storageVersion,
} from './definition.ts';
import { type StatusChange, updateDefinitionStatus } from './definition-status.ts';
import {
  definitionHooks,
  deleteInstances,
  deletionInProgress,
  instancesDeleted,
  neverEstablished,
  releaseDefinition,
} from './deletion.ts';
import { establish } from './establishing.ts';
import { acceptNames } from './naming.ts';
import { compileRules } from './rules.ts';
import { customScale } from './scale.ts';
import type { ScalePaths } from './scale-paths.ts';
import type { ConversionMetrics } from './webhook/conversion-metrics.ts';
import { type ConversionWebhook, type Converter, WebhookConverter } from './webhook/converter.ts';

/** How long a definition waits after a failure. */
const retryMs = 1000;

interface Served {
  /** As of which watchers were promised what they see. */
  readonly spec: unknown;
  readonly acceptedNames: unknown;
  /** Ends when what is served changes. */
  readonly lifetime: Lifetime;
  readonly facts: readonly ResourceFact[];
  readonly resource: GroupResource;
  /** Ends the wait for objects that go. */
  stopWaiting?: () => void;
}

/**
 * Keeps the resources of the server in step with the stored CustomResourceDefinitions: gives them their names,
 * serves them from the moment they are established, and empties those that are deleted.
 */
export class Definitions {
  readonly #context: RegistryContext;
  readonly #resource: ServedResource;
  readonly #reader: ObjectReader;
  readonly #conversions: ConversionMetrics | undefined;
  readonly #served = new Map<string, Served>();
  readonly #queue = new Set<string>();
  /** What was said of the approvals of definitions, by uid. */
  readonly #approvals = new Map<string, string>();
  #working = false;
  #stop: (() => void) | undefined;

  /** @param conversions absent: they are not counted */
  constructor(context: RegistryContext, reader: ObjectReader, conversions?: ConversionMetrics) {
    this.#reader = reader;
    this.#conversions = conversions;
    const resource = context.resources.find('apiextensions.k8s.io/v1', 'customresourcedefinitions');
    if (resource === undefined) throw new Error('serving custom resources: there are no definitions');
    this.#context = context;
    this.#resource = resource;
    context.specials.setHooks('customresourcedefinitions.apiextensions.k8s.io', definitionHooks);
  }

  /** Serves what is established already and follows changes from then on. */
  start(): void {
    const { cache } = this.#resource;
    for (const entry of cache.index.values(cache.prefix)) {
      this.#serve(entry.object as Definition);
      this.#enqueue(cache.nameOf(entry.key));
    }
    this.#stop = cache.subscribe({ namespace: '' }, (event) => {
      const name = cache.nameOf(event.entry.key);
      if (event.type === 'delete') {
        this.#withdraw(name);
        this.#approvals.delete(event.entry.object.metadata.uid as string);
        this.#requeueGroup((event.entry.object as Definition).spec.group);
      } else {
        this.#serve(event.entry.object as Definition);
        this.#enqueue(name);
      }
    });
  }

  close(): void {
    this.#stop?.();
    for (const served of this.#served.values()) served.stopWaiting?.();
    this.#queue.clear();
  }

  #definition(name: string): Definition | undefined {
    return this.#resource.cache.index.get(this.#resource.cache.prefix + name)?.object as
      | Definition
      | undefined;
  }

  /** Registers the versions of an established definition, in place of what was registered before. */
  #serve(definition: Definition): void {
    const name = definition.metadata.name as string;
    if (!isTrue(definition, 'Established')) {
      this.#withdraw(name);
      return;
    }
    const { resources, specials } = this.#context;
    const stored = storageVersion(definition);
    if (stored === undefined) return;
    const before = this.#served.get(name);
    const { spec } = definition;
    const acceptedNames = definition.status?.acceptedNames;
    const same =
      before !== undefined && deepEqual(before.spec, spec) && deepEqual(before.acceptedNames, acceptedNames);
    const lifetime = same ? before.lifetime : new Lifetime();
    const storedFact = factOf(definition, stored);
    const converter = this.#converter(definition);
    const versions = new Map<string, CustomResource>();
    const scales = new Map<string, ScalePaths>();
    const facts: ResourceFact[] = [];
    for (const version of spec.versions) {
      const apiVersion = `${spec.group}/${version.name}`;
      const custom = new CustomResource(definition, version, versions, compileRules(version), converter);
      versions.set(apiVersion, custom);
      const scale = version.subresources?.scale;
      if (scale !== undefined) scales.set(apiVersion, scale);
      if (!version.served) continue;
      const fact = version === stored ? storedFact : factOf(definition, version);
      resources.add(fact, storedFact, custom, lifetime);
      facts.push(fact);
    }
    if (scales.size > 0) {
      specials.setSubresource(`${storedFact.resource}.${storedFact.group}`, 'scale', customScale(scales));
    }
    for (const fact of before?.facts ?? []) {
      if (!facts.some((now) => now.version === fact.version && now.resource === fact.resource))
        resources.remove(fact);
    }
    const resource = { group: storedFact.group, resource: storedFact.resource };
    const stopWaiting = before?.stopWaiting;
    this.#served.set(name, {
      spec,
      acceptedNames,
      lifetime,
      facts,
      resource,
      ...(stopWaiting === undefined ? {} : { stopWaiting }),
    });
    // Those who watch see the old definition's objects: they begin again and see the new one's.
    if (!same) before?.lifetime.end();
  }

  #converter({ metadata, spec }: Definition): Converter | undefined {
    const webhook = spec.conversion?.webhook as ConversionWebhook | undefined;
    if (spec.conversion?.strategy !== 'Webhook' || webhook === undefined) return undefined;
    const { clock, uid, random } = this.#context;
    const definition = metadata.name as string;
    const metrics = this.#conversions;
    return new WebhookConverter(webhook, { definition, metrics, reader: this.#reader, clock, uid, random });
  }

  #withdraw(name: string): void {
    const served = this.#served.get(name);
    if (served === undefined) return;
    served.stopWaiting?.();
    for (const fact of served.facts) this.#context.resources.remove(fact);
    served.lifetime.end();
    this.#served.delete(name);
  }

  /** Others may get the names that became free. */
  #requeueGroup(group: string): void {
    for (const { metadata } of this.#group(group)) this.#enqueue(metadata.name as string);
  }

  #enqueue(name: string): void {
    this.#queue.add(name);
    if (this.#working) return;
    this.#working = true;
    void this.#work();
  }

  async #work(): Promise<void> {
    for (const name of this.#queue) {
      this.#queue.delete(name);
      try {
        await this.#reconcile(name);
      } catch (error) {
        if (isNotFound(error)) continue;
        const { logger, clock } = this.#context;
        logger.error('keeping a custom resource definition failed', { name, error: String(error) });
        clock.after(retryMs, () => this.#enqueue(name));
      }
    }
    this.#working = false;
  }

  async #reconcile(name: string): Promise<void> {
    const definition = this.#definition(name);
    if (definition === undefined) return;
    const { metadata } = definition;
    if (
      metadata.deletionTimestamp !== undefined &&
      metadata.finalizers?.includes(cleanupFinalizer) === true
    ) {
      await this.#cleanUp(name, definition);
      return;
    }
    const named = acceptNames(definition, this.#group(definition.spec.group));
    // One thing at a time, as upstream's controllers do: each change comes back here.
    const change = named ?? establish(definition) ?? this.#approve(definition);
    if (change === undefined) return;
    await updateDefinitionStatus(this.#context, this.#resource, name, change);
    if (named !== undefined) this.#requeueGroup(definition.spec.group);
  }

  /** What is to be said of the approval; once said, it is said again only when another is claimed. */
  #approve(definition: Definition): StatusChange | undefined {
    const condition = approvalCondition(definition);
    if (condition === undefined) return undefined;
    const uid = definition.metadata.uid as string;
    const { message = '' } = condition;
    if (this.#approvals.get(uid) === message) return undefined;
    this.#approvals.set(uid, message);
    const isKnown = isSameCondition(conditionOf(definition, condition.type), condition);
    return isKnown ? undefined : { conditions: [condition] };
  }

  #group(group: string): Definition[] {
    const found: Definition[] = [];
    for (const entry of this.#resource.cache.index.values('')) {
      const definition = entry.object as Definition;
      if (definition.spec.group === group) found.push(definition);
    }
    return found;
  }

  async #cleanUp(name: string, definition: Definition): Promise<void> {
    if (!isSameCondition(conditionOf(definition, 'Terminating'), deletionInProgress)) {
      const change = { conditions: [deletionInProgress] };
      await updateDefinitionStatus(this.#context, this.#resource, name, change);
      // What this brings about comes back here.
      return;
    }
    if (!isTrue(definition, 'Established')) {
      await releaseDefinition(this.#context, this.#resource, name, neverEstablished);
      return;
    }
    const served = this.#served.get(name);
    const instances = served === undefined ? undefined : this.#context.resources.findStored(served.resource);
    if (instances !== undefined && served !== undefined) {
      served.stopWaiting ??= instances.cache.subscribe({ namespace: '' }, (event) => {
        if (event.type === 'delete') this.#enqueue(name);
      });
      if ((await deleteInstances(this.#context, instances)) > 0) return;
    }
    await releaseDefinition(this.#context, this.#resource, name, instancesDeleted);
  }
}
