import type { UserInfo } from '../access/contract.ts';
import type { RequestInfo } from '../http/request-info.ts';
import type { Flow, Schema } from './flow.ts';
import { matches } from './matches.ts';
import { hashFlow } from './shuffle-shard.ts';

/** Kinds of requests that are remembered for a user before they are looked at anew. */
const rememberedKinds = 1024;

/** What a user asks of one resource in one namespace, or of one path. */
interface Kind {
  readonly verb: string;
  readonly group: string;
  readonly subresource: string;
  readonly flow: Flow;
}

/** Kinds of a user's requests by namespace and resource; paths are kept as resources in no namespace. */
interface Kinds {
  count: number;
  readonly namespaces: Map<string, Map<string, Kind[]>>;
}

/** Tells the flow of requests by the schemas of one configuration. */
export class FlowClassifier {
  readonly #schemas: readonly Schema[];
  readonly #known = new WeakMap<UserInfo, Kinds>();

  /** @param schemas in the order in which they are asked */
  constructor(schemas: readonly Schema[]) {
    this.#schemas = schemas;
  }

  classify(user: UserInfo, info: RequestInfo): Flow {
    let kinds = this.#known.get(user);
    if (kinds === undefined || kinds.count >= rememberedKinds) {
      kinds = { count: 0, namespaces: new Map() };
      this.#known.set(user, kinds);
    }
    const { verb, group, subresource, namespace } = info;
    let resources = kinds.namespaces.get(namespace);
    if (resources === undefined) {
      resources = new Map();
      kinds.namespaces.set(namespace, resources);
    }
    const resource = info.resourceRequest ? info.resource : info.path;
    let known = resources.get(resource);
    if (known === undefined) {
      known = [];
      resources.set(resource, known);
    }
    for (const kind of known) {
      if (kind.verb === verb && kind.group === group && kind.subresource === subresource) return kind.flow;
    }
    const flow = this.#match(user, info);
    known.push({ verb, group, subresource, flow });
    kinds.count++;
    return flow;
  }

  #match(user: UserInfo, info: RequestInfo): Flow {
    const schema =
      this.#schemas.find(({ config }) => matches(config, user, info)) ??
      this.#schemas.find(({ config }) => config.name === 'catch-all');
    if (schema === undefined) throw new Error('classifying a request: there is no catch-all flow schema');
    const { config, level } = schema;
    // With one queue or none there is nothing to tell flows apart for.
    if (level.config.queues <= 1) return { schema, distinguisher: '', hand: level.queues.handOf(0n) };
    const { distinguisher: by, name } = config;
    const distinguisher = by === 'ByUser' ? user.name : by === 'ByNamespace' ? info.namespace : '';
    return { schema, distinguisher, hand: level.queues.handOf(hashFlow(name, distinguisher)) };
  }
}
