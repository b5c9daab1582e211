import { goFloat, goQuote } from '@coxswain/machinery';
import { formatValue, type GoValue, typeName } from './go-value.ts';

/** Formats as Go's `fmt.Sprintf` does, for the values that templates have. */
export function sprintf(format: string, args: readonly GoValue[]): string {
  let next = 0;
  const text = format.replaceAll(
    /%([-+# 0]*)(\*|\d+)?(?:\.(\d*))?(.)?/gsu,
    (
      _,
      flags: string,
      width: string | undefined,
      precision: string | undefined,
      verb: string | undefined,
    ) => {
      if (verb === undefined) return '%!(NOVERB)';
      if (verb === '%') return '%';
      const size = width === '*' ? Number(args[next++]) : Number(width ?? 0);
      if (next >= args.length) return `%!${verb}(MISSING)`;
      const digits = precision === undefined ? undefined : Number(precision);
      return padded(formatted(verb, args[next++], flags, digits), size, flags);
    },
  );
  if (next >= args.length) return text;
  const extra = args.slice(next).map((value) => `${typeName(value)}=${formatValue(value)}`);
  return `${text}%!(EXTRA ${extra.join(', ')})`;
}

/** Joins as Go's `fmt.Sprint`: spaces stand between operands of which neither is a string. */
export function sprint(args: readonly GoValue[]): string {
  return args
    .map((value, i) => {
      const spaced = i > 0 && typeof value !== 'string' && typeof args[i - 1] !== 'string';
      return (spaced ? ' ' : '') + formatValue(value);
    })
    .join('');
}

function formatted(verb: string, value: GoValue, flags: string, precision: number | undefined): string {
  const plus = flags.includes('+') && (typeof value === 'number' || typeof value === 'bigint');
  const text = bare(verb, value, precision);
  return plus && !text.startsWith('-') ? `+${text}` : text;
}

function bare(verb: string, value: GoValue, precision: number | undefined): string {
  const wrong = (): string => `%!${verb}(${typeName(value)}=${formatValue(value)})`;
  switch (verb) {
    case 'v':
      return formatValue(value);
    case 'T':
      return typeName(value);
    case 't':
      return typeof value === 'boolean' ? String(value) : wrong();
    case 's':
      return typeof value === 'string' ? value.slice(0, precision) : (eachOf(value, verb) ?? wrong());
    case 'q':
      return typeof value === 'string' ? goQuote(value) : (eachOf(value, verb) ?? wrong());
    case 'd':
      return typeof value === 'bigint'
        ? value.toString().padStart(precision ?? 0, '0')
        : (eachOf(value, verb) ?? wrong());
    case 'b':
    case 'o':
      return typeof value === 'bigint' ? value.toString(verb === 'b' ? 2 : 8) : wrong();
    case 'x':
    case 'X': {
      const hex =
        typeof value === 'bigint'
          ? value.toString(16)
          : typeof value === 'string'
            ? Buffer.from(value).toString('hex')
            : wrong();
      return verb === 'X' && !hex.startsWith('%') ? hex.toUpperCase() : hex;
    }
    case 'c':
      return typeof value === 'bigint' ? String.fromCodePoint(Number(value)) : wrong();
    case 'f':
    case 'F':
      return typeof value === 'number' ? value.toFixed(precision ?? 6) : wrong();
    case 'e':
      return typeof value === 'number'
        ? value.toExponential(precision ?? 6).replace(/e([+-])(\d)$/, 'e$10$2')
        : wrong();
    case 'g':
      return typeof value === 'number' ? goFloat(value) : wrong();
    default:
      return wrong();
  }
}

/** Lists are printed item by item. */
function eachOf(value: GoValue, verb: string): string | undefined {
  if (!Array.isArray(value)) return undefined;
  return `[${value.map((item) => bare(verb, item, undefined)).join(' ')}]`;
}

function padded(text: string, width: number, flags: string): string {
  const size = Math.abs(width);
  if (flags.includes('-') || width < 0) return text.padEnd(size);
  if (!flags.includes('0') || !/^[+-]?\d/.test(text)) return text.padStart(size);
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(size - sign.length, '0');
}
