import { goJson } from '@coxswain/machinery';
import type { Request } from '../reply.ts';
import type { Negotiated } from './negotiate.ts';
import { plainJson } from './negotiate.ts';

/** What upstream writes where it has no say in the form, such as faults for who takes nothing that there is. */
export const prettyJson: Negotiated = { ...plainJson, pretty: true };

/** What Go's strconv.ParseBool takes for true. */
const truths: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);

/** Tools that people look at answers with, by how their User-Agent begins. */
const humanClients = ['curl', 'Wget', 'Mozilla/5.0'];

/** The form with line breaks where people are to read it: when the query says so, or says nothing and the client is one of theirs. */
export function humanForm(form: Negotiated, request: Request, pretty: string | undefined): Negotiated {
  if (form.format !== 'json' || form.pretty || !isForHumans(request, pretty)) return form;
  return form === plainJson ? prettyJson : { ...form, pretty: true };
}

function isForHumans({ headers }: Request, pretty: string | undefined): boolean {
  if (pretty !== undefined && pretty !== '') return truths.has(pretty);
  const agent = headers['user-agent'];
  return agent !== undefined && humanClients.some((name) => agent.startsWith(name));
}

/** JSON as Go indents it. */
export function indented(value: unknown): string {
  return goJson(value, 2);
}

/** JSON in one line, with the line break at its end that Go's encoder writes. */
export function encoded(value: unknown): string {
  return `${goJson(value)}\n`;
}
