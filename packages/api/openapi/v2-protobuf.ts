import { documentNames, type OpenApiOptions } from './document.ts';
import {
  any,
  at,
  count,
  double,
  each,
  encodeMessage,
  extensions,
  flag,
  named,
  orReference,
  type Put,
  record,
  text,
} from './gnostic-message.ts';
import type { Schema } from './schema.ts';
import { openApiV2Document } from './v2.ts';

const built = new Map<string, Buffer>();

/** The document of `/openapi/v2` as the protobuf message `openapi.v2.Document` of gnostic, made at its first request. */
export function openApiV2Protobuf(options: OpenApiOptions = {}): Buffer {
  const key = `${options.version ?? ''} ${documentNames(options).join(' ')} ${options.custom?.revision ?? ''}`;
  let bytes = built.get(key);
  if (bytes === undefined) {
    bytes = openApiV2ProtobufOf(openApiV2Document(options));
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

// Field numbers are those of gnostic's OpenAPIv2.proto.

/** Schemas are made of schemas. */
const schema: Put<Schema> = (wire, value) => schemaRecord(wire, value);

const additionalProperties: Put<Schema | boolean> = (wire, value) =>
  typeof value === 'boolean' ? flag(2)(wire, value) : at(1, schema)(wire, value);

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

const document = record({
  swagger: text(1),
  info: at(2, record({ title: text(1), version: text(2) })),
  paths: at(8, named(2, pathItem)),
  definitions: at(9, named(1, schema)),
  parameters: at(10, named(1, parameter)),
  security: each(at(12, named(1, each(text(1))))),
  securityDefinitions: at(13, named(1, at(2, apiKey))),
});
