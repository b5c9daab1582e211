import { goQuote, newBadRequest, newStatusError } from '@coxswain/machinery';

const maxUint64 = 18446744073709551615n;

/** What is wrong with a number, as Go says it; absent where it is one. */
function numberFault(text: string): string | undefined {
  const fault = !/^\d+$/.test(text) ? 'invalid syntax' : BigInt(text) > maxUint64 ? 'value out of range' : '';
  return fault === '' ? undefined : `strconv.ParseUint: parsing ${goQuote(text)}: ${fault}`;
}

/** What is wrong with the resourceVersion of a read. */
function fault(text: string): string | undefined {
  const wrong = text === '' ? undefined : numberFault(text);
  return wrong === undefined ? undefined : `resourceVersion: Invalid value: ${goQuote(text)}: ${wrong}`;
}

/** The version that an object says it is, 0 for none; upstream's answer to what is no version is a bare 500. */
export function parseObjectVersion(text: string): number {
  const wrong = text === '' ? undefined : numberFault(text);
  if (wrong !== undefined) throw newStatusError({ code: 500, reason: '', message: wrong });
  return Number(text);
}

/** Checks the resourceVersion of a list; throws upstream's 400. */
export function checkListVersion(text: string): void {
  const wrong = fault(text);
  if (wrong !== undefined) throw newBadRequest(`invalid resource version: ${wrong}`);
}

/** Checks the resourceVersion of a get or watch, for which upstream's answer is a bare 500. */
export function checkReadVersion(text: string): void {
  const wrong = fault(text);
  if (wrong !== undefined) throw newStatusError({ code: 500, reason: '', message: wrong });
}
