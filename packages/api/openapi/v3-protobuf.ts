import { readJson, type Steps } from '@coxswain/machinery';
import type { WireWriter } from '../protobuf/wire-writer.ts';
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

/** Of a document that is served from a buffer the message is made once. */
const encoded = new WeakMap<Buffer, Buffer>();

/** A document of `/openapi/v3` as the protobuf message `openapi.v3.Document` of gnostic. @param json the document's text */
export function* openApiV3Protobuf(json: Buffer): Steps<Buffer> {
  let bytes = encoded.get(json);
  if (bytes === undefined) {
    const { paths, components, ...rest } = readJson(json.toString('utf8')) as Schema;
    yield;
    const items = yield* encodeEach(Object.entries<Schema>(paths), pathEntry);
    const schemas = yield* encodeEach(Object.entries<Schema>(components.schemas ?? {}), schemaEntry);
    bytes = encodeMessage(document, {
      ...rest,
      paths: [...items.values()],
      components: { ...components, schemas: [...schemas.values()] },
    });
    encoded.set(json, bytes);
  }
  return bytes;
}

// Field numbers are those of gnostic's OpenAPIv3.proto.

const reference = record({ $ref: text(1), summary: text(2), description: text(3) });

/** Schemas are made of schemas. */
const schema: Put<Schema> = (wire, value) => schemaRecord(wire, value);
const schemaOrReference = orReference(schema, reference);

const additionalProperties: Put<Schema | boolean> = (wire, value) =>
  typeof value === 'boolean' ? setFlag(2, wire, value) : at(1, schemaOrReference)(wire, value);

/** A member of a `oneof` is written whatever its value. */
function setFlag(number: number, wire: WireWriter, value: boolean): void {
  wire.varint(Number(value));
  wire.tag(number, 0);
}

/** Of defaults gnostic knows scalars alone; others are empty messages. */
const defaultType: Put<unknown> = (wire, value) => {
  if (typeof value === 'number' || typeof value === 'bigint') {
    wire.double(Number(value));
    wire.tag(1, 1);
  } else if (typeof value === 'boolean') setFlag(2, wire, value);
  else if (typeof value === 'string') {
    const before = wire.length;
    wire.text(value);
    wire.closeField(3, before);
  }
};

const externalDocs = record({ description: text(1), url: text(2) });

const schemaRecord = record(
  {
    nullable: flag(1),
    externalDocs: at(6, externalDocs),
    example: at(7, any),
    title: text(9),
    multipleOf: double(10),
    maximum: double(11),
    exclusiveMaximum: flag(12),
    minimum: double(13),
    exclusiveMinimum: flag(14),
    maxLength: count(15),
    minLength: count(16),
    pattern: text(17),
    maxItems: count(18),
    minItems: count(19),
    uniqueItems: flag(20),
    maxProperties: count(21),
    minProperties: count(22),
    required: each(text(23)),
    enum: each(at(24, any)),
    type: text(25),
    allOf: each(at(26, schemaOrReference)),
    oneOf: each(at(27, schemaOrReference)),
    anyOf: each(at(28, schemaOrReference)),
    not: at(29, schema),
    items: at(30, at(1, schemaOrReference)),
    properties: at(31, named(1, schemaOrReference)),
    additionalProperties: at(32, additionalProperties),
    default: at(33, defaultType),
    description: text(34),
    format: text(35),
  },
  extensions(36),
);

const mediaTypes = named(1, record({ schema: at(1, schemaOrReference) }, extensions(5)));

const parameter = record(
  {
    name: text(1),
    in: text(2),
    description: text(3),
    required: flag(4),
    schema: at(10, schemaOrReference),
    content: at(13, mediaTypes),
  },
  extensions(14),
);
const parameters = (number: number): Put => each(at(number, orReference(parameter, reference)));

const requestBody = record(
  { description: text(1), content: at(2, mediaTypes), required: flag(3) },
  extensions(4),
);
const response = record({ description: text(1), content: at(3, mediaTypes) }, extensions(5));
const responseOrReference = orReference(response, reference);

const responses: Put<Schema> = (wire, { default: other, ...byCode }) => {
  named(2, responseOrReference)(wire, byCode);
  if (other !== undefined) at(1, responseOrReference)(wire, other);
};

const operation = record(
  {
    tags: each(text(1)),
    summary: text(2),
    description: text(3),
    operationId: text(5),
    parameters: parameters(6),
    requestBody: at(7, orReference(requestBody, reference)),
    responses: at(8, responses),
    deprecated: flag(10),
    security: each(at(11, named(1, each(text(1))))),
  },
  extensions(13),
);

const pathItem = record(
  {
    summary: text(2),
    description: text(3),
    get: at(4, operation),
    put: at(5, operation),
    post: at(6, operation),
    delete: at(7, operation),
    options: at(8, operation),
    head: at(9, operation),
    patch: at(10, operation),
    trace: at(11, operation),
    parameters: parameters(13),
  },
  extensions(14),
);

const securityScheme = record({
  type: text(1),
  description: text(2),
  name: text(3),
  in: text(4),
  scheme: text(5),
});

const pathEntry = entryOf(1, pathItem);
const schemaEntry = entryOf(1, schemaOrReference);

/** Paths and schemas are encoded one by one. */
const document = record({
  openapi: text(1),
  info: at(2, record({ title: text(1), description: text(2), version: text(6) })),
  paths: at(4, encodedFields),
  components: at(
    5,
    record({
      schemas: at(1, encodedFields),
      responses: at(2, named(1, responseOrReference)),
      parameters: at(3, named(1, orReference(parameter, reference))),
      requestBodies: at(5, named(1, orReference(requestBody, reference))),
      securitySchemes: at(7, named(1, orReference(securityScheme, reference))),
    }),
  ),
});
