import { kindsOfEveryGroup } from './known-versions.ts';
import type { Schema } from './schema.ts';

const integerOrString = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
/** In upstream's order. */
const mediaTypes = [
  'text/plain',
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/cbor',
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
  'application/cbor-seq',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/apply-patch+cbor',
];
const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

/** A definition of OpenAPI 3 in the terms of Swagger 2. */
export function toDefinition(name: string, schema: Schema): Schema {
  const described = schema['description'] === undefined ? {} : { description: schema['description'] };
  if (name === quantity) return { ...described, type: 'string' };
  if (name === integerOrString) return { ...described, type: 'string', format: 'int-or-string' };
  const kinds = kindsOfEveryGroup(name);
  if (kinds === undefined) return toSchema(schema);
  return { ...toSchema(schema), 'x-kubernetes-group-version-kind': kinds };
}

/** Swagger 2 refers without a wrapper, and upstream leaves defaults out of it. */
function toSchema(schema: Schema): Schema {
  const { allOf, default: _default, $ref, items, additionalProperties, properties, ...rest } = schema;
  const { anyOf: _anyOf, oneOf: _oneOf, not: _not, ...out } = rest;
  const ref = $ref ?? allOf?.[0].$ref;
  if (ref !== undefined) out['$ref'] = ref.replace('#/components/schemas/', '#/definitions/');
  if (items !== undefined) out['items'] = toSchema(items);
  if (additionalProperties !== undefined) {
    out['additionalProperties'] = additionalProperties === true ? true : toSchema(additionalProperties);
  }
  if (properties !== undefined) {
    out['properties'] = Object.fromEntries(
      Object.entries<Schema>(properties).map(([k, v]) => [k, toSchema(v)]),
    );
  }
  return out;
}

/** A path of OpenAPI 3 in the terms of Swagger 2. */
export function toPathItem(item: Schema): Schema {
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
  all.sort((a, b) => (a['name'] < b['name'] ? -1 : a['name'] > b['name'] ? 1 : a['in'] < b['in'] ? -1 : 1));
  const produces = inOrder(Object.keys(responses['200']?.content ?? {}));
  const consumes = consumedBy(operation, produces);
  return {
    ...rest,
    ...(consumes === undefined ? {} : { consumes }),
    ...(produces.length === 0 ? {} : { produces }),
    schemes: ['https'],
    ...(all.length === 0 ? {} : { parameters: all }),
    responses: Object.fromEntries(
      Object.entries<Schema>(responses).map(([code, r]) => [code, toResponse(r)]),
    ),
  };
}

/**
 * What is no resource takes what it gives, but for the documents of the issuer of tokens, which say nothing; so do
 * custom resources, which are known by having no form in protobuf.
 */
function consumedBy(operation: Schema, produces: readonly string[]): readonly string[] | undefined {
  if (operation['x-kubernetes-action'] === undefined) {
    return /^(WellKnown|openid)$/.test(operation['tags']?.[0]) ? undefined : produces;
  }
  const types = Object.keys(operation['requestBody']?.content ?? { '*/*': {} });
  const isCustom = produces.join() === 'application/json,application/yaml';
  return isCustom && types[0] === '*/*' ? produces : inOrder(types);
}

function inOrder(types: readonly string[]): string[] {
  return types.toSorted((a, b) => mediaTypes.indexOf(a) - mediaTypes.indexOf(b));
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
