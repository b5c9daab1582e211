import { documentNames, type OpenApiOptions, openApiV3Document } from './document.ts';
import type { Schema } from './schema.ts';

const integerOrString = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

const built = new Map<string, Buffer>();

/** The document of `/openapi/v2` as JSON, built at its first request. */
export function openApiV2(options: OpenApiOptions = {}): Buffer {
  const names = documentNames(options);
  const key = `${options.version ?? ''} ${names.join(' ')} ${options.custom?.revision ?? ''}`;
  let bytes = built.get(key);
  if (bytes === undefined) {
    bytes = Buffer.from(JSON.stringify(openApiV2Document(options)), 'utf8');
    // Of those with custom resources only the newest is asked for again.
    if (options.custom !== undefined) built.clear();
    built.set(key, bytes);
  }
  return bytes;
}

/** The same document as an object of its own: all groups in one, in the terms of Swagger 2. */
export function openApiV2Document(options: OpenApiOptions = {}): Schema {
  const definitions: Record<string, Schema> = {};
  const paths: Record<string, Schema> = {};
  for (const name of documentNames(options)) {
    const document = openApiV3Document(name, options);
    for (const [definition, schema] of Object.entries<Schema>(document['components'].schemas ?? {})) {
      definitions[definition] = mergeKinds(definitions[definition], toDefinition(definition, schema));
    }
    for (const [path, item] of Object.entries<Schema>(document['paths'])) paths[path] = toPathItem(item);
  }
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: options.version ?? 'unversioned' },
    paths: sorted(paths),
    definitions: sorted(definitions),
    securityDefinitions: {
      BearerToken: {
        description: 'Bearer Token authentication',
        type: 'apiKey',
        name: 'authorization',
        in: 'header',
      },
    },
    security: [{ BearerToken: [] }],
  };
}

function sorted<T>(members: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** DeleteOptions and WatchEvent are kinds of every group: each document knows its own. */
function mergeKinds(before: Schema | undefined, schema: Schema): Schema {
  const key = 'x-kubernetes-group-version-kind';
  if (before?.[key] === undefined) return schema;
  const kinds = new Map<string, unknown>();
  for (const kind of [...before[key], ...schema[key]]) kinds.set(JSON.stringify(kind), kind);
  return { ...schema, [key]: [...kinds.values()] };
}

function toDefinition(name: string, schema: Schema): Schema {
  const described = schema['description'] === undefined ? {} : { description: schema['description'] };
  if (name === quantity) return { ...described, type: 'string' };
  if (name === integerOrString) return { ...described, type: 'string', format: 'int-or-string' };
  return toSchema(schema);
}

/** Swagger 2 refers without a wrapper, and upstream leaves defaults out of it. */
function toSchema(schema: Schema): Schema {
  const { allOf, default: _default, $ref, items, additionalProperties, properties, ...rest } = schema;
  if (isOpen(schema)) return openSchema(rest);
  const { anyOf: _anyOf, oneOf: _oneOf, not: _not, ...out } = rest;
  const ref = $ref ?? allOf?.[0].$ref;
  if (ref !== undefined) out['$ref'] = ref.replace('#/components/schemas/', '#/definitions/');
  if (items !== undefined) out['items'] = toSchema(items);
  if (additionalProperties !== undefined) out['additionalProperties'] = toSchema(additionalProperties);
  if (properties !== undefined) {
    out['properties'] = Object.fromEntries(
      Object.entries<Schema>(properties).map(([k, v]) => [k, toSchema(v)]),
    );
  }
  return out;
}

/** Custom resources allow what Swagger 2 cannot say: its clients must not take the rest for the whole. */
function isOpen(schema: Schema): boolean {
  return schema['nullable'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
}

function openSchema({ nullable, type, anyOf: _anyOf, oneOf: _oneOf, not: _not, ...rest }: Schema): Schema {
  return nullable === true || type === undefined ? rest : { ...rest, type };
}

function toPathItem(item: Schema): Schema {
  const out: Schema = {};
  for (const method of methods) {
    if (item[method] !== undefined) out[method] = toOperation(item[method]);
  }
  if (item['parameters'] !== undefined) out['parameters'] = item['parameters'].map(toParameter);
  return out;
}

function toParameter({ schema, ...parameter }: Schema): Schema {
  return { ...parameter, ...schema };
}

function toOperation(operation: Schema): Schema {
  const { parameters, requestBody, responses, ...rest } = operation;
  const body = requestBody === undefined ? [] : [toBody(requestBody)];
  const all = [...body, ...(parameters ?? []).map(toParameter)];
  const produces = Object.keys(responses['200']?.content ?? {});
  const consumes = requestBody === undefined ? ['*/*'] : Object.keys(requestBody.content);
  return {
    ...rest,
    consumes,
    ...(produces.length === 0 ? {} : { produces }),
    schemes: ['https'],
    ...(all.length === 0 ? {} : { parameters: all }),
    responses: Object.fromEntries(
      Object.entries<Schema>(responses).map(([code, r]) => [code, toResponse(r)]),
    ),
  };
}

function toBody(body: Schema): Schema {
  const schema = Object.values<Schema>(body['content'])[0]?.['schema'];
  return {
    in: 'body',
    name: 'body',
    ...(body['required'] ? { required: true } : {}),
    schema: toSchema(schema),
  };
}

function toResponse({ content, ...response }: Schema): Schema {
  const schema = content === undefined ? undefined : Object.values<Schema>(content)[0]?.['schema'];
  return schema === undefined ? response : { ...response, schema: toSchema(schema) };
}
