import { goQuote, newBadRequest, newStatusError } from '@coxswain/machinery';

const maxUint64 = 18446744073709551615n;

/** What is wrong with a resourceVersion, as Go says it; absent where it is one. */
function fault(text: string): string | undefined {
  if (text === '') return undefined;
  const quoted = goQuote(text);
  if (!/^\d+$/.test(text)) {
    return `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`;
  }
  return BigInt(text) > maxUint64
    ? `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: value out of range`
    : undefined;
}

/** Checks the resourceVersion of a get or list; throws upstream's 400. */
export function checkReadVersion(text: string): void {
  const wrong = fault(text);
  if (wrong !== undefined) throw newBadRequest(`invalid resource version: ${wrong}`);
}

/** Checks the resourceVersion of a watch, for which upstream's answer is a bare 500. */
export function checkWatchVersion(text: string): void {
  const wrong = fault(text);
  if (wrong !== undefined) throw newStatusError({ code: 500, reason: '', message: wrong });
}
