import type { DocumentFormat } from '@coxswain/api';
import { newUnsupportedMediaType } from '@coxswain/machinery';

const formats: Readonly<Record<string, DocumentFormat>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/vnd.kubernetes.protobuf': 'protobuf',
};
const mediaTypes = Object.keys(formats);

/**
 * The format that a Content-Type names; none is JSON.
 *
 * @throws StatusError UnsupportedMediaType
 */
export function bodyFormat(contentType: string): DocumentFormat {
  if (contentType === '' || contentType === 'application/json') return 'json';
  const type = mediaTypeOf(contentType);
  const format = type === undefined ? undefined : formats[type];
  if (format !== undefined) return format;
  throw newUnsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${mediaTypes.join(', ')}`,
  );
}

/** A parameter of a media type (RFC 2045): a token and a token or quoted text. */
const parameter =
  /^\s*;\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+\s*=\s*(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+|"(?:[^"\\]|\\.)*")/;

/** The media type of a header without its parameters; undefined where one of them is malformed, as Go's mime has it. */
function mediaTypeOf(header: string): string | undefined {
  const end = header.indexOf(';');
  if (end < 0) return header.trim().toLowerCase();
  let rest = header.slice(end);
  for (let found = parameter.exec(rest); found !== null; found = parameter.exec(rest)) {
    rest = rest.slice(found[0].length);
  }
  return /^\s*;?\s*$/.test(rest) ? header.slice(0, end).trim().toLowerCase() : undefined;
}
