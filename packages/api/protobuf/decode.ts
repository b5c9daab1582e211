import { setMember, type TypeFact, type ValueFact } from '@coxswain/machinery';
import { type MemberPlan, type MessagePlan, messagePlanOf } from './message-plan.ts';
import { readIntOrString, readQuantity, readRaw, readSchemaOr, readTime } from './read-special.ts';
import { lengthWire, ProtobufError, type WireReader } from './wire-reader.ts';

type Members = Record<string, any>;
type FieldMember = Exclude<MemberPlan, { embedded: MessagePlan }>;

/**
 * Reads a message of the type into its JSON shape, with all that the message has: zero values too. A field that
 * comes again takes its last value; a message is read on top of the earlier one.
 */
export function decodeMessage(reader: WireReader, type: TypeFact): Members {
  return readMembers(reader, {}, messagePlanOf(type));
}

function readMembers(reader: WireReader, out: Members, plan: MessagePlan): Members {
  while (reader.next(plan.name)) {
    const member = plan.byNumber.get(reader.number);
    if (member === undefined) {
      reader.skip();
    } else if ('embedded' in member) {
      reader.expect(lengthWire, member.goName);
      readMembers(reader.message(), out, member.embedded);
    } else {
      readField(reader, out, member);
    }
  }
  return out;
}

function readField(reader: WireReader, out: Members, member: FieldMember): void {
  const { name, value: fact } = member.field;
  if (member.packable && reader.wire === lengthWire) {
    const packed = reader.message();
    out[name] ??= [];
    while (!packed.done) out[name].push(readValue(packed, (fact as { items: ValueFact }).items, member));
    return;
  }
  reader.expect(member.wire, member.goName);
  if (fact.kind === 'array' && !member.wrapped) {
    out[name] ??= [];
    out[name].push(readValue(reader, fact.items, member));
  } else if (fact.kind === 'map') {
    out[name] ??= {};
    readEntry(reader.entry(), out[name], fact.values, member);
  } else {
    const value = readValue(reader, fact, member, out[name]);
    if (value === undefined) delete out[name];
    else out[name] = value;
  }
}

function readEntry(reader: WireReader, into: Members, values: ValueFact, member: FieldMember): void {
  let key = '';
  let value: unknown;
  while (reader.nextInEntry()) {
    if (reader.number === 1) key = reader.text();
    else if (reader.number === 2) value = readValue(reader, values, member);
    else reader.skip();
  }
  // An entry without a value stands for the zero value, which the normaliser makes of null.
  setMember(into, key, value ?? (values.kind === 'bytes' ? '' : null));
}

/** @param before what the field had before, for a message to be read on top of */
function readValue(reader: WireReader, fact: ValueFact, member: FieldMember, before?: Members): unknown {
  switch (fact.kind) {
    case 'string':
    case 'duration':
      return reader.text();
    case 'bool':
      return reader.unsigned() !== 0;
    case 'int32':
      return reader.signed32();
    case 'int64':
      return reader.signed();
    case 'float64':
      return reader.double();
    case 'bytes':
      return reader.bytes().toString('base64');
    case 'object':
      return readMembers(reader.message(), before ?? {}, messagePlanOf(fact.type));
    case 'time':
    case 'microtime':
      return readTime(reader.message(), fact.kind);
    case 'quantity':
      return readQuantity(reader.message());
    case 'intOrString':
      return readIntOrString(reader.message());
    case 'array':
      return readItems(reader.message(), fact.items, member, before as unknown[] | undefined);
    case 'any':
      return fact.schemaOr === undefined
        ? readRaw(reader.message(), member.messageName)
        : readSchemaOr(reader.message(), fact.schemaOr, decodeMessage);
    case 'map':
      throw new ProtobufError('a map of maps has no message');
  }
}

/** A list that is a message of its own. */
function readItems(
  reader: WireReader,
  items: ValueFact,
  member: FieldMember,
  before: readonly unknown[] = [],
): unknown[] {
  const out = [...before];
  while (reader.next(member.messageName)) {
    if (reader.number !== 1) {
      reader.skip();
      continue;
    }
    reader.expect(lengthWire, 'Items');
    out.push(readValue(reader, items, member));
  }
  return out;
}
