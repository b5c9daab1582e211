import { isDNS1123Label, isDNS1123Subdomain, parseCIDR, parseIPNumber } from '@coxswain/machinery';
import { isCreditCard, isIsbn10, isIsbn13 } from './checksums.ts';
import { isEmail } from './email.ts';
import { isRequestUri } from './request-uri.ts';
import { type Schema, someBelow } from './schema.ts';
import { isDate, isDateTime, isDuration } from './time-formats.ts';

const matches =
  (pattern: RegExp): ((value: string) => boolean) =>
  (value) =>
    pattern.test(value);

const uuid = (version: string, variant: string): ((value: string) => boolean) =>
  matches(
    new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${variant}[0-9a-f]{3}-?[0-9a-f]{12}$`, 'i'),
  );
const anyDigit = '[0-9a-f]';

const nameChar = '[a-zA-Z0-9\\p{S}\\p{L}]';
const nameOrDash = '[a-zA-Z0-9\\-\\p{S}\\p{L}]';
const bareName = `${nameChar}(?:-?${nameChar}{0,62})?`;
const dottedName = `(?:${nameChar}(?:${nameOrDash}{0,61}${nameChar})?\\.)+[a-zA-Z\\p{L}]{2,63}`;
const hostname = new RegExp(`^(?:${bareName}|${dottedName})$`, 'u');

function isHostname(value: string): boolean {
  const fits = hostname.test(value) && Buffer.byteLength(value) <= 255;
  return fits && value.split('.').every((part) => Buffer.byteLength(part) <= 63);
}

const octet = '(?:0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])';

/** The formats of texts, by their names without dashes. */
const textFormats: Readonly<Record<string, (value: string) => boolean>> = {
  bsonobjectid: matches(/^[0-9a-f]{24}$/i),
  uri: isRequestUri,
  email: isEmail,
  hostname: isHostname,
  ipv4: (v) => parseIPNumber(v) !== undefined && v.includes('.'),
  ipv6: (v) => parseIPNumber(v) !== undefined && v.includes(':'),
  cidr: (v) => parseCIDR(v) !== undefined,
  mac: (v) =>
    /^([0-9a-f]{2}([:-]))[0-9a-f]{2}(\2[0-9a-f]{2}){4}((\2[0-9a-f]{2}){2}|(\2[0-9a-f]{2}){14})?$/i.test(v) ||
    /^[0-9a-f]{4}(\.[0-9a-f]{4}){2,3}((\.[0-9a-f]{4}){6})?$/i.test(v),
  uuid: uuid(anyDigit, anyDigit),
  uuid3: uuid('3', anyDigit),
  uuid4: uuid('4', '[89ab]'),
  uuid5: uuid('5', '[89ab]'),
  isbn: (v) => isIsbn10(v) || isIsbn13(v),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCreditCard,
  ssn: matches(/^\d{3}[- ]\d{2}[- ]\d{4}$/),
  hexcolor: matches(/^#?([0-9a-f]{3}|[0-9a-f]{6})$/i),
  rgbcolor: matches(new RegExp(`^rgb\\(\\s*${octet}\\s*,\\s*${octet}\\s*,\\s*${octet}\\s*\\)$`)),
  byte: matches(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/),
  password: () => true,
  date: isDate,
  duration: isDuration,
  datetime: isDateTime,
  k8sshortname: (v) => isDNS1123Label(v).length === 0,
  k8slongname: (v) => isDNS1123Subdomain(v).length === 0,
};

const numberFormats: Readonly<Record<string, readonly string[]>> = {
  integer: ['int32', 'int64'],
  number: ['float', 'double'],
};

const textFormat = (format: string): ((value: string) => boolean) | undefined =>
  textFormats[format.replaceAll('-', '')];

function isFormatOf(type: string, format: string): boolean {
  const isText = type === '' || type === 'string';
  return isText ? textFormat(format) !== undefined : numberFormats[type]?.includes(format) === true;
}

/** The format that values of a schema are held to; '' where it names none, or one that its type does not have. */
export function formatOf({ type = '', format = '', 'x-kubernetes-int-or-string': isEither }: Schema): string {
  return format !== '' && isFormatOf(isEither === true ? '' : type, format) ? format : '';
}

/** Whether a text is of a format; formats that are none of texts hold any. */
export function hasFormat(format: string, value: string): boolean {
  return textFormat(format)?.(value) ?? true;
}

/** The formats that the types which name them do not have, wherever in a schema they are. */
export function unknownFormats(schema: Schema): ReadonlySet<string> {
  const found = new Set<string>();
  const look = (one: Schema): boolean => {
    const { type = '', format = '' } = one;
    if (format !== '' && !isFormatOf(type, format)) found.add(format);
    return someBelow(one, look);
  };
  look(schema);
  return found;
}
