import type { Document } from './merge-openapi.ts';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];
const definitions = '#/definitions/';
const schemas = '#/components/schemas/';
/** What a parameter says of its value, which version 3 says in a schema. */
const valueFacts = [
  'type',
  'format',
  'default',
  'enum',
  'items',
  'minimum',
  'maximum',
  'pattern',
  'uniqueItems',
];

/** A document of Swagger 2 as OpenAPI 3, for servers that know no better. Pure. */
export function swaggerToV3(document: Document): Document {
  const { info = {}, paths = {} } = document;
  const components: Document = {};
  if (document['definitions'] !== undefined)
    components['schemas'] = mapped(document['definitions'], referring);
  if (document['securityDefinitions'] !== undefined) {
    components['securitySchemes'] = document['securityDefinitions'];
  }
  return {
    openapi: '3.0.0',
    info,
    paths: mapped(paths, (item) => toPathItem(item, document)),
    ...(Object.keys(components).length === 0 ? {} : { components }),
  };
}

function mapped(members: Document, change: (value: Document) => unknown): Document {
  return Object.fromEntries(Object.entries<Document>(members).map(([name, value]) => [name, change(value)]));
}

function toPathItem(item: Document, document: Document): Document {
  const made: Document = extensionsOf(item);
  for (const method of methods) {
    if (item[method] !== undefined) made[method] = toOperation(item[method], document);
  }
  const { parameters } = toParameters(item['parameters'], document);
  return parameters.length === 0 ? made : { ...made, parameters };
}

function toOperation(operation: Document, document: Document): Document {
  const { consumes, produces, schemes: _, parameters: given, responses = {}, ...rest } = operation;
  const { parameters, body } = toParameters(given, document);
  const asked: readonly string[] = consumes ?? document['consumes'] ?? ['application/json'];
  const told: readonly string[] = produces ?? document['produces'] ?? ['application/json'];
  return {
    ...rest,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: toRequestBody(body, asked) }),
    responses: mapped(responses, ({ schema, ...response }) => ({
      ...response,
      ...(schema === undefined ? {} : { content: contentOf(told, schema) }),
    })),
  };
}

function toParameters(
  given: readonly Document[] | undefined,
  document: Document,
): { readonly parameters: readonly Document[]; readonly body: Document | undefined } {
  const all = (given ?? []).map((one) => {
    const name = /^#\/parameters\/(.*)$/.exec(one['$ref'] ?? '')?.[1];
    return name === undefined ? one : ((document['parameters']?.[name] ?? {}) as Document);
  });
  return {
    parameters: all.filter((one) => one['in'] !== 'body').map(toParameter),
    body: all.find((one) => one['in'] === 'body'),
  };
}

function toParameter(parameter: Document): Document {
  const made: Document = {};
  const schema: Document = {};
  for (const [name, value] of Object.entries(parameter)) {
    if (valueFacts.includes(name)) schema[name] = referring(value);
    else made[name] = value;
  }
  return { ...made, schema };
}

function toRequestBody({ description, required, schema }: Document, types: readonly string[]): Document {
  return {
    ...(description === undefined ? {} : { description }),
    content: contentOf(types, schema),
    ...(required === undefined ? {} : { required }),
  };
}

function contentOf(types: readonly string[], schema: unknown): Document {
  return Object.fromEntries(types.map((type) => [type, { schema: referring(schema) }]));
}

function extensionsOf(owner: Document): Document {
  return Object.fromEntries(Object.entries(owner).filter(([name]) => name.startsWith('x-')));
}

/** The same with references to where version 3 keeps schemas. */
function referring(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(referring);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === '$ref' && typeof member === 'string' && member.startsWith(definitions)
        ? schemas + member.slice(definitions.length)
        : referring(member),
    ]),
  );
}
