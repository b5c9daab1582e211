import { parseCIDR, parseIPNumber } from '@coxswain/machinery';

const dateTime =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.,][0-9]+)?(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})$/;
const uuid = (version: string): RegExp =>
  new RegExp(
    `^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${version === '[0-9a-f]' ? '' : '[89ab]'}`,
    'i',
  );
const anyUuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const hostname = /^([a-zA-Z0-9¡-￿]([a-zA-Z0-9¡-￿-]{0,62}))(\.[a-zA-Z0-9¡-￿]([a-zA-Z0-9¡-￿-]{0,62}))*$/;

const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

function isDate(value: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
  if (match === null) return false;
  const [, year, month, day] = match.map(Number) as [number, number, number, number];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

function isDateTime(value: string): boolean {
  const match = dateTime.exec(value);
  if (match === null) return false;
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6])];
  return isDate(value.slice(0, 10)) && hour < 24 && minute < 60 && second < 60;
}

function isDuration(value: string): boolean {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h|d|w|y)?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*$/.test(
    value.replaceAll(' ', ''),
  );
}

function isUuid(version: string): (value: string) => boolean {
  const head = uuid(version);
  return (value) => anyUuid.test(value) && head.test(value);
}

function isIP(value: string, family: 4 | 6): boolean {
  return parseIPNumber(value) !== undefined && value.includes(':') === (family === 6);
}

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** The formats that upstream's validation knows; others pass. */
const formats: Readonly<Record<string, (value: string) => boolean>> = {
  bsonobjectid: (v) => /^[0-9a-f]{24}$/i.test(v),
  uri: (v) => URL.canParse(v) || v.startsWith('/'),
  email: (v) => /^(?:[^<>]*<)?[^\s@<>"]+@[^\s@<>"]+>?$/.test(v),
  hostname: (v) => v.length <= 255 && hostname.test(v),
  ipv4: (v) => isIP(v, 4),
  ipv6: (v) => isIP(v, 6),
  cidr: (v) => parseCIDR(v) !== undefined,
  mac: (v) =>
    /^([0-9a-f]{2}([:-]))[0-9a-f]{2}(\2[0-9a-f]{2}){4}((\2[0-9a-f]{2}){2})?$/i.test(v) ||
    /^[0-9a-f]{4}(\.[0-9a-f]{4}){2,3}$/i.test(v),
  uuid: (v) => anyUuid.test(v),
  uuid3: isUuid('3'),
  uuid4: isUuid('4'),
  uuid5: isUuid('5'),
  isbn: (v) => /^(?:97[89])?\d{9}[\dX]$/.test(v.replaceAll(/[- ]/g, '')),
  creditcard: (v) => /^\d{13,19}$/.test(v.replaceAll(/[- ]/g, '')),
  ssn: (v) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(v),
  hexcolor: (v) => /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.test(v),
  rgbcolor: (v) => /^rgb\(\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*\)$/.test(v),
  byte: (v) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/.test(v),
  password: () => true,
  date: isDate,
  duration: isDuration,
  'date-time': isDateTime,
  datetime: isDateTime,
  'k8s-short-name': (v) => v.length <= 63 && label.test(v),
  'k8s-long-name': (v) => v.length <= 253 && v.split('.').every((part) => label.test(part)),
};

/** Whether a text is of a format; formats nobody knows hold anything. */
export function hasFormat(format: string, value: string): boolean {
  const check = formats[format] ?? formats[format.replaceAll('-', '')];
  return check === undefined || check(value);
}
