const patterns = new Map<string, RegExp>();

/** Go's regular expressions read as JavaScript's; what only Go knows is taken over. */
export function compilePattern(pattern: string): RegExp {
  let compiled = patterns.get(pattern);
  if (compiled === undefined) {
    compiled = toRegExp(pattern);
    patterns.set(pattern, compiled);
  }
  return compiled;
}

function toRegExp(pattern: string): RegExp {
  let flags = 'u';
  let source = pattern;
  const inline = /^\(\?([ims]+)\)/.exec(source);
  if (inline !== null) {
    flags += inline[1];
    source = source.slice(inline[0].length);
  }
  source = source
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$')
    .replaceAll('(?P<', '(?<')
    .replaceAll('[[:alnum:]]', '[0-9A-Za-z]')
    .replaceAll('[:alnum:]', '0-9A-Za-z')
    .replaceAll('[:alpha:]', 'A-Za-z')
    .replaceAll('[:digit:]', '0-9')
    .replaceAll('[:lower:]', 'a-z')
    .replaceAll('[:upper:]', 'A-Z')
    .replaceAll('[:space:]', '\\s')
    .replaceAll('[:xdigit:]', '0-9A-Fa-f');
  try {
    return new RegExp(source, flags);
  } catch {
    // Go allows escapes of any punctuation, which only the older mode of JavaScript takes.
    return new RegExp(source, flags.replace('u', ''));
  }
}
