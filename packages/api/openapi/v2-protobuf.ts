import { readJson, type Steps } from '@coxswain/machinery';
import type { OpenApiOptions } from './document.ts';
import {
  any,
  at,
  count,
  double,
  each,
  encodedFields,
  encodeEach,
  encodeMessage,
  entryOf,
  extensions,
  flag,
  named,
  orReference,
  type Put,
  record,
  text,
} from './gnostic-message.ts';
import type { Schema } from './schema.ts';
import { join, type SwaggerPart, swaggerParts } from './swagger-parts.ts';
import { frame, revisionOfAll } from './v2.ts';

const built = new Map<string, Buffer>();

/** The document of `/openapi/v2` as the protobuf message `openapi.v2.Document` of gnostic, made at its first request. */
export function* openApiV2Protobuf(options: OpenApiOptions = {}): Steps<Buffer> {
  const key = revisionOfAll(options);
  let bytes = built.get(key);
  if (bytes === undefined) {
    const encoded: EncodedPart[] = [];
    for (const part of yield* swaggerParts(options)) encoded.push(yield* encodedPart(part));
    const fields = Object.entries(join(encoded)).map(([name, members]) => [
      name,
      members.map(([, value]) => value),
    ]);
    bytes = encodeMessage(encodedDocument, { ...frame(options), ...Object.fromEntries(fields) });
    // Of those with custom resources only the newest is asked for again.
    if (options.custom !== undefined) built.clear();
    built.set(key, bytes);
  }
  return bytes;
}

/** Any document of Swagger 2 in the same form. */
export function openApiV2ProtobufOf(swagger: Schema): Buffer {
  return encodeMessage(document, swagger);
}

/** The members of a part as fields of the sections that they are in. */
type EncodedPart = { readonly [K in keyof SwaggerPart]: ReadonlyMap<string, Buffer> };

const encodedParts = new WeakMap<SwaggerPart, EncodedPart>();

function* encodedPart(part: SwaggerPart): Steps<EncodedPart> {
  let encoded = encodedParts.get(part);
  if (encoded === undefined) {
    encoded = {
      paths: yield* encodeEach(parsed(part.paths), pathEntry),
      parameters: yield* encodeEach(parsed(part.parameters), parameterEntry),
      definitions: yield* encodeEach(parsed(part.definitions), definitionEntry),
    };
    encodedParts.set(part, encoded);
  }
  return encoded;
}

function* parsed(members: ReadonlyMap<string, string>): Iterable<readonly [string, Schema]> {
  for (const [name, json] of members) yield [name, readJson(json)];
}

// Field numbers are those of gnostic's OpenAPIv2.proto.

/** Schemas are made of schemas. */
const schema: Put<Schema> = (wire, value) => schemaRecord(wire, value);

const additionalProperties: Put<Schema | boolean> = (wire, value) =>
  typeof value === 'boolean' ? flag(2)(wire, value) : at(1, schema)(wire, value);

const externalDocs = record({ description: text(1), url: text(2) });

const schemaRecord = record(
  {
    $ref: text(1),
    format: text(2),
    title: text(3),
    description: text(4),
    default: at(5, any),
    multipleOf: double(6),
    maximum: double(7),
    exclusiveMaximum: flag(8),
    minimum: double(9),
    exclusiveMinimum: flag(10),
    maxLength: count(11),
    minLength: count(12),
    pattern: text(13),
    maxItems: count(14),
    minItems: count(15),
    uniqueItems: flag(16),
    maxProperties: count(17),
    minProperties: count(18),
    required: each(text(19)),
    enum: each(at(20, any)),
    additionalProperties: at(21, additionalProperties),
    type: at(22, text(1)),
    items: at(23, at(1, schema)),
    properties: at(25, named(1, schema)),
    externalDocs: at(29, externalDocs),
    example: at(30, any),
  },
  extensions(31),
);

const bodyParameter = record({
  description: text(1),
  name: text(2),
  in: text(3),
  required: flag(4),
  schema: at(5, schema),
});
const pathParameter = record({
  required: flag(1),
  in: text(2),
  description: text(3),
  name: text(4),
  type: text(5),
  uniqueItems: flag(19),
});
/** Query parameters have one field more before the type. */
const queryParameter = record({
  required: flag(1),
  in: text(2),
  description: text(3),
  name: text(4),
  type: text(6),
  uniqueItems: flag(20),
});
const parameter: Put<Schema> = (wire, value) => {
  if (value['in'] === 'body') at(1, bodyParameter)(wire, value);
  else at(2, value['in'] === 'query' ? at(3, queryParameter) : at(4, pathParameter))(wire, value);
};
const reference = record({ $ref: text(1) });
const parameters = (number: number): Put => each(at(number, orReference(parameter, reference)));

const response = record({ description: text(1), schema: at(2, at(1, schema)) });

const operation = record(
  {
    tags: each(text(1)),
    description: text(3),
    operationId: text(5),
    produces: each(text(6)),
    consumes: each(text(7)),
    parameters: parameters(8),
    responses: at(9, named(1, at(1, response))),
    schemes: each(text(10)),
  },
  extensions(13),
);

const pathItem = record({
  get: at(2, operation),
  put: at(3, operation),
  post: at(4, operation),
  delete: at(5, operation),
  options: at(6, operation),
  head: at(7, operation),
  patch: at(8, operation),
  parameters: parameters(9),
});

const apiKey = record({ type: text(1), name: text(2), in: text(3), description: text(4) });

const pathEntry = entryOf(2, pathItem);
const parameterEntry = entryOf(1, parameter);
const definitionEntry = entryOf(1, schema);

const info = record({ title: text(1), version: text(2) });
const security = each(at(12, named(1, each(text(1)))));
const securityDefinitions = at(13, named(1, at(2, apiKey)));

const document = record({
  swagger: text(1),
  info: at(2, info),
  paths: at(8, named(2, pathItem)),
  definitions: at(9, named(1, schema)),
  parameters: at(10, named(1, parameter)),
  security,
  securityDefinitions,
});

/** The same with members that are encoded already. */
const encodedDocument = record({
  swagger: text(1),
  info: at(2, info),
  paths: at(8, encodedFields),
  definitions: at(9, encodedFields),
  parameters: at(10, encodedFields),
  security,
  securityDefinitions,
});
