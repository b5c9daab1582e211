import {
  isDNS1035Label,
  isDNS1123Label,
  isDNS1123Subdomain,
  isQualifiedName,
  isValidLabelValue,
} from '@coxswain/machinery';
import { FunctionTable } from '../functions.ts';
import { type CelOpaque, CelOptional, noValue } from '../values.ts';
import { parseTimestamp } from './time-text.ts';

type Check = (text: string) => readonly string[];

/** As upstream counts them; of the rest the longest. */
const patternSizes: Readonly<Record<string, number>> = {
  dns1123Label: 30,
  dns1123Subdomain: 60,
  dns1035Label: 30,
  qualifiedName: 60,
  dns1123LabelPrefix: 30,
  dns1123SubdomainPrefix: 60,
  dns1035LabelPrefix: 30,
  labelValue: 40,
};
const longPattern = 128;

class FormatValue implements CelOpaque {
  readonly typeName = 'kubernetes.NamedFormat';
  readonly name: string;
  readonly check: Check;
  /** Characters of the pattern behind it, which its cost is counted by. */
  readonly patternSize: number;

  constructor(name: string, check: Check) {
    this.name = name;
    this.check = check;
    this.patternSize = patternSizes[name] ?? longPattern;
  }

  equals(other: CelOpaque): boolean {
    return other instanceof FormatValue && other.name === this.name;
  }
}

/** A prefix gets a suffix: a dash at its end is fine. */
const asPrefix =
  (check: Check): Check =>
  (text) =>
    check(text.endsWith('-') ? `${text.slice(0, -1)}a` : text);

function isDateTime(text: string): readonly string[] {
  try {
    parseTimestamp(text);
    return [];
  } catch {
    return ['invalid datetime'];
  }
}

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const formats: Readonly<Record<string, Check>> = {
  dns1123Label: isDNS1123Label,
  dns1123Subdomain: isDNS1123Subdomain,
  dns1035Label: isDNS1035Label,
  dns1123LabelPrefix: asPrefix(isDNS1123Label),
  dns1123SubdomainPrefix: asPrefix(isDNS1123Subdomain),
  dns1035LabelPrefix: asPrefix(isDNS1035Label),
  qualifiedName: isQualifiedName,
  labelValue: isValidLabelValue,
  uri: (text) => (URL.canParse(text) || text.startsWith('/') ? [] : ['invalid URI']),
  uuid: (text) => (uuid.test(text) ? [] : ['does not match the UUID format']),
  byte: (text) => (base64.test(text) ? [] : ['invalid base64']),
  date: (text) =>
    /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? [] : ['invalid date'],
  datetime: isDateTime,
};

const type = 'kubernetes.NamedFormat';

/** Named formats of texts. */
export const formatLibrary: FunctionTable = build();

function build(): FunctionTable {
  const table = new FunctionTable()
    .fn('format.named', `string -> optional(${type})`, (name: string) => {
      const check = Object.hasOwn(formats, name) ? formats[name] : undefined;
      return check === undefined ? noValue : new CelOptional(new FormatValue(name, check));
    })
    .method('validate', `${type}, string -> optional(list(string))`, (format: FormatValue, text: string) => {
      const faults = format.check(text);
      return faults.length === 0 ? noValue : new CelOptional([...faults]);
    });
  for (const [name, check] of Object.entries(formats)) {
    const value = new FormatValue(name, check);
    table.fn(`format.${name}`, ` -> ${type}`, () => value);
  }
  return table;
}
